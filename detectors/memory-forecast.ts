import { grown } from './score-buffers.ts';

/** Slope memory in scrapes: about ten minutes at one every 15 s. */
const slopePoints = 40;
/** Below this utilisation nobody needs a warning yet. */
const utilizationMin = 0.6;

/**
 * Says when a utilisation that climbs steadily will reach 1. Keeps per column an exponentially
 * weighted mean of the steps and of their sizes; a climb is steady when nearly all steps go up.
 * Blind to sawtooth growth faster than its memory; O(1) per value, 24 bytes per column.
 */
export class MemoryForecast {
  #last = new Float64Array(0);
  #steps = new Float64Array(0);
  #sizes = new Float64Array(0);
  #counts = new Float64Array(0);

  grow(columns: number): void {
    this.#last = grown(this.#last, columns);
    this.#steps = grown(this.#steps, columns);
    this.#sizes = grown(this.#sizes, columns);
    this.#counts = grown(this.#counts, columns);
  }

  /** Scrapes until the column reaches 1; Infinity when it does not climb steadily. */
  scrapesToLimit(column: number, value: number): number {
    if (value < utilizationMin || !(this.#counts[column]! >= slopePoints)) {
      return Number.POSITIVE_INFINITY;
    }
    const step = this.#steps[column]!;
    if (step <= 0 || step < 0.3 * this.#sizes[column]!) return Number.POSITIVE_INFINITY;
    return Math.max(0, 1 - value) / step;
  }

  learn(column: number, value: number): void {
    const seen = this.#counts[column]!;
    if (seen > 0) {
      const step = value - this.#last[column]!;
      // A fall of this size is a restart: the climb begins anew.
      if (step < -0.2) this.#counts[column] = 0;
      const gain = Math.max(1 / slopePoints, 1 / (this.#counts[column]! + 1));
      this.#steps[column]! += gain * (step - this.#steps[column]!);
      this.#sizes[column]! += gain * (Math.abs(step) - this.#sizes[column]!);
    }
    this.#last[column] = value;
    this.#counts[column]! += 1;
  }
}
