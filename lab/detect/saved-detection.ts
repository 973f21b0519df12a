import {
  restoreState,
  type StateId,
  type StatePart,
  type StateReader,
  type StateWriter,
  saveState,
} from '../../detectors/index.ts';
import type { OwnColumns } from './own-columns.ts';

/** What must be the same for a detection to go on. */
export interface DetectionId {
  readonly detector: string;
  readonly group: string;
  readonly format: string;
}

/** Where an earlier run of the same series stopped. */
export interface Resumed {
  readonly intervalMs: number;
  /** The last instant it saw, ms since 1970. */
  readonly lastAtMs: number;
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
    const { intervalMs, lastAtMs, detector, tracker } = this.resumed as Resumed;
    writer.number(intervalMs);
    writer.number(lastAtMs);
    this.#columns.writeState(writer);
    writer.array(detector);
    writer.array(tracker);
  }

  readState(reader: StateReader): void {
    const [intervalMs, lastAtMs] = [reader.number(), reader.number()];
    this.#columns.readState(reader);
    this.resumed = { intervalMs, lastAtMs, detector: reader.uint8s(), tracker: reader.uint8s() };
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
  return { kind: 'detect', version: 1, settings: { ...id } };
}
