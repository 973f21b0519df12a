import {
  restoreState,
  type StateId,
  type StatePart,
  type StateReader,
  type StateWriter,
  saveState,
} from '../../detectors/index.ts';
import type { HeldSamples } from './held-samples.ts';
import type { OwnColumns } from './own-columns.ts';
import type { GridForm } from './time-grid.ts';

/** What must be the same for a detection to go on. */
export interface DetectionId {
  readonly detector: string;
  readonly group: string;
  readonly format: string;
}

/** Where an earlier run of the same series stopped. */
export interface Resumed {
  readonly grid: GridForm;
  /** The last frame it saw, ms since 1970; NaN when it saw none. */
  readonly lastAtMs: number;
  /** Samples of the frame after that, which the next file may complete. */
  readonly held: HeldSamples;
  /** The checkpoints of its parts. */
  readonly detector: Uint8Array;
  readonly tracker: Uint8Array;
}

class SavedDetection implements StatePart {
  resumed: Resumed | null;
  readonly #columns: OwnColumns;

  constructor(columns: OwnColumns, resumed: Resumed | null) {
    this.#columns = columns;
    this.resumed = resumed;
  }

  writeState(writer: StateWriter): void {
    const { grid, lastAtMs, held, detector, tracker } = this.resumed as Resumed;
    writer.number(grid.intervalMs);
    writer.integer(Number(grid.isShared));
    writer.number(lastAtMs);
    this.#columns.writeState(writer);
    writer.array(held.raws);
    writer.array(held.timesMs);
    writer.array(held.values);
    writer.array(detector);
    writer.array(tracker);
  }

  readState(reader: StateReader): void {
    const grid = { intervalMs: reader.number(), isShared: reader.integer() === 1 };
    const lastAtMs = reader.number();
    this.#columns.readState(reader);
    const held = {
      raws: reader.int32s(),
      timesMs: reader.float64s(),
      values: reader.float64s(),
    };
    this.resumed = { grid, lastAtMs, held, detector: reader.uint8s(), tracker: reader.uint8s() };
  }
}

export function saveDetection(
  id: DetectionId,
  { columns, ...resumed }: Resumed & { readonly columns: OwnColumns },
): Uint8Array {
  return saveState(stateId(id), new SavedDetection(columns, resumed));
}

/** Reads what {@link saveDetection} wrote; `columns` gets its series. */
export function restoreDetection(bytes: Uint8Array, id: DetectionId, columns: OwnColumns): Resumed {
  const saved = new SavedDetection(columns, null);
  restoreState(stateId(id), bytes, saved);
  return saved.resumed as Resumed;
}

function stateId(id: DetectionId): StateId {
  return { kind: 'detect', version: 2, settings: { ...id } };
}
