import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
} from '../../core/observable/index.ts';
import { restoreState, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ScoreBuffers } from '../score-buffers.ts';
import type { CalibratedPoint } from './calibrated-point.ts';

/** Raised with the state of the columns' methods, too. */
const stateVersion = 2;

/**
 * A univariate detector on every column of a frame, each column's made when its first value comes.
 * Knows nothing of what columns mean or belong to; costs per value what the univariate one costs.
 */
export class PointwiseDetector implements Detector, Checkpointed, StatePart {
  readonly name: string;
  readonly threshold: number = 1;
  readonly #create: (signal: string) => CalibratedPoint;
  readonly #buffers = new ScoreBuffers();
  /** Empty until the column has had a value. */
  #columns: (CalibratedPoint | undefined)[] = [];
  #signals: string[] = [];

  constructor(name: string, create: (signal: string) => CalibratedPoint) {
    this.name = name;
    this.#create = create;
  }

  score({ values, atMs }: MetricsFrame): FrameScores {
    const out = this.#buffers.clear(values.length);
    for (let i = 0; i < values.length; i += 1) {
      const column = this.#columns[i];
      if (!column) continue;
      const value = values[i]!;
      const surprise = column.surprise(value, atMs);
      if (Number.isNaN(surprise)) continue;
      const expected = column.expected(atMs);
      out.scores[i] = surprise / column.threshold;
      out.expected[i] = expected;
      out.zScores[i] = (value < expected ? -1 : 1) * deviationsOf(surprise);
    }
    return out;
  }

  learn({ values, atMs, index }: MetricsFrame): void {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      let column = this.#columns[i];
      if (!column) {
        const { signal } = index.series[i]!;
        while (this.#signals.length <= i) this.#signals.push('');
        this.#signals[i] = signal;
        column = this.#create(signal);
        this.#columns[i] = column;
      }
      column.learn(value, atMs);
    }
  }

  save(): Uint8Array {
    return saveState({ kind: this.name, version: stateVersion }, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState({ kind: this.name, version: stateVersion }, bytes, this);
  }

  writeState(writer: StateWriter): void {
    writer.texts(this.#signals);
    for (const column of this.#columns) column?.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#signals = reader.texts();
    this.#columns = this.#signals.map((signal) => {
      if (signal === '') return undefined;
      const column = this.#create(signal);
      column.readState(reader);
      return column;
    });
  }
}

/** The normal deviate as rare as a surprise, roughly: its exponent alone. */
function deviationsOf(surprise: number): number {
  return Math.sqrt(2 * Math.LN10 * Math.max(0, surprise));
}
