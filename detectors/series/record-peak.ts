import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

export interface RecordPeakOptions {
  /** Scores looked back on: this share of those seen, within the two limits. */
  readonly historyShare: number;
  readonly pointsMin: number;
  readonly pointsMax: number;
}

const recordPeakDefaults: RecordPeakOptions = {
  historyShare: 0.04,
  pointsMin: 60,
  pointsMax: 1000,
};

/**
 * Lets a score through only when it exceeds every score of the recent past: one alarm per event
 * instead of one per value, which also makes the first alarm of an event the one that counts. The
 * past grows with the history, for what has run for weeks has longer events than what has run for
 * an hour. Hides a second, weaker event within it. Amortised O(1) per value, at most 16 KB.
 */
export class RecordPeak implements StatePart {
  readonly #options: RecordPeakOptions;
  /** Scores that are not yet outdone by a later one, falling; and their places in the history. */
  #scores: number[] = [];
  #places: number[] = [];
  #first = 0;
  #seen = 0;

  constructor(options: Partial<RecordPeakOptions> = {}) {
    this.#options = { ...recordPeakDefaults, ...options };
  }

  isRecord(score: number): boolean {
    const oldest = this.#seen - this.#memory();
    let i = this.#first;
    while (i < this.#scores.length && this.#places[i]! < oldest) i += 1;
    return i >= this.#scores.length || score > this.#scores[i]!;
  }

  learn(score: number): void {
    const oldest = this.#seen - this.#memory();
    while (this.#first < this.#scores.length && this.#places[this.#first]! < oldest) {
      this.#first += 1;
    }
    while (this.#scores.length > this.#first && this.#scores.at(-1)! <= score) {
      this.#scores.pop();
      this.#places.pop();
    }
    if (this.#first > 1024) {
      this.#scores = this.#scores.slice(this.#first);
      this.#places = this.#places.slice(this.#first);
      this.#first = 0;
    }
    this.#scores.push(score);
    this.#places.push(this.#seen);
    this.#seen += 1;
  }

  writeState(writer: StateWriter): void {
    writer.number(this.#seen);
    writer.array(Float64Array.from(this.#scores.slice(this.#first)));
    writer.array(Float64Array.from(this.#places.slice(this.#first)));
  }

  readState(reader: StateReader): void {
    this.#first = 0;
    this.#seen = reader.number();
    this.#scores = [...reader.float64s()];
    this.#places = [...reader.float64s()];
  }

  #memory(): number {
    const { historyShare, pointsMin, pointsMax } = this.#options;
    return Math.min(pointsMax, Math.max(pointsMin, historyShare * this.#seen));
  }
}
