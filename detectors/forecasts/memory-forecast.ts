import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';

/** Slope memory in scrapes: about ten minutes at one every 15 s. */
const slopePoints = 40;
/** Steps seen before there is an opinion: three minutes. */
const stepsMin = 12;
/** Below this utilisation nobody needs a warning yet. */
const utilizationMin = 0.6;
/** A climb is steady when its mean step is at least this share of the mean size of its steps. */
const steadiness = 0.5;
/** A fall of this size is a restart: the climb begins anew. */
const restartFall = 0.2;

/**
 * Says when a utilisation that climbs steadily will reach 1, from the weighted mean of its steps.
 * Needs no history before the climb, so it works on pods just made. Blind to sawtooth growth faster
 * than its memory; O(1) per value, 40 bytes per column.
 */
export class MemoryForecast implements StatePart {
  #starts = new Float64Array(0);
  #last = new Float64Array(0);
  #steps = new Float64Array(0);
  #sizes = new Float64Array(0);
  #counts = new Float64Array(0);

  grow(columns: number): void {
    this.#starts = grown(this.#starts, columns);
    this.#last = grown(this.#last, columns);
    this.#steps = grown(this.#steps, columns);
    this.#sizes = grown(this.#sizes, columns);
    this.#counts = grown(this.#counts, columns);
  }

  /** Scrapes until the column reaches 1; Infinity when it does not climb steadily. */
  scrapesToLimit(column: number, value: number): number {
    if (value < utilizationMin || !(this.#counts[column]! > stepsMin)) {
      return Number.POSITIVE_INFINITY;
    }
    const step = this.#steps[column]!;
    if (step <= 0 || step < steadiness * this.#sizes[column]!) return Number.POSITIVE_INFINITY;
    return Math.max(0, 1 - value) / step;
  }

  /** Where the climb began: what the column would hold without it. */
  start(column: number): number {
    return this.#starts[column]!;
  }

  learn(column: number, value: number): void {
    const step = value - this.#last[column]!;
    if (step < -restartFall) this.#counts[column] = 0;
    const seen = this.#counts[column]!;
    if (seen === 0) {
      this.#starts[column] = value;
      this.#steps[column] = 0;
      this.#sizes[column] = 0;
    } else {
      const gain = Math.max(1 / slopePoints, 1 / seen);
      this.#steps[column]! += gain * (step - this.#steps[column]!);
      this.#sizes[column]! += gain * (Math.abs(step) - this.#sizes[column]!);
    }
    this.#last[column] = value;
    this.#counts[column] = seen + 1;
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#starts);
    writer.array(this.#last);
    writer.array(this.#steps);
    writer.array(this.#sizes);
    writer.array(this.#counts);
  }

  readState(reader: StateReader): void {
    this.#starts = reader.float64s();
    this.#last = reader.float64s();
    this.#steps = reader.float64s();
    this.#sizes = reader.float64s();
    this.#counts = reader.float64s();
  }
}
