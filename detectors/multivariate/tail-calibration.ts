import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/** The share of the scores that the tail is fitted to. */
const tailShare = 0.02;
const quantilesKept = 512;
const shapeMax = 0.5;

/**
 * Turns scores into surprise, -log10 of the share of healthy scores that are as high: empirical
 * below the 98 % quantile of the scores it was fitted to, a generalised Pareto tail by probability-
 * weighted moments above (Hosking and Wallis 1987). A tail never ends (its shape is at least 0), so
 * that higher scores stay apart. Off by an order of magnitude and more beyond one in the number of
 * scores fitted to, and where these depend on each other.
 */
export class TailCalibration implements StatePart {
  /** Ascending quantiles of the scores, at equal steps of probability up to the tail. */
  #body = new Float64Array(0);
  #scale = 1;
  #shape = 0;

  fit(scores: Float64Array): void {
    const sorted = scores.filter((score) => !Number.isNaN(score)).sort();
    const n = sorted.length;
    const tailFrom = Math.max(0, Math.min(n - 1, Math.floor(n * (1 - tailShare))));
    const count = Math.min(quantilesKept, tailFrom + 1);
    this.#body = Float64Array.from(
      { length: count },
      (_, i) => sorted[count === 1 ? tailFrom : Math.round((i * tailFrom) / (count - 1))] ?? 0,
    );
    const limit = sorted[tailFrom] ?? 0;
    const excesses = sorted.subarray(tailFrom + 1).map((score) => score - limit);
    let [first, weighted] = [0, 0];
    excesses.forEach((excess, i) => {
      first += excess / excesses.length;
      weighted += (excess * (1 - (i + 0.65) / excesses.length)) / excesses.length;
    });
    const shape = first > 0 ? 2 - first / (first - 2 * weighted) : 0;
    this.#shape = Number.isFinite(shape) ? Math.max(0, Math.min(shapeMax, shape)) : 0;
    // The mean of the excesses is scale / (1 - shape), whatever the shape was held to.
    this.#scale = Math.max(first * (1 - this.#shape), 1e-9 * Math.abs(limit), 1e-12);
  }

  /** 0 for the least score seen, 1.7 at the 98 % quantile, without a bound above. */
  surprise(score: number): number {
    if (Number.isNaN(score)) return Number.NaN;
    const body = this.#body;
    const limit = body[body.length - 1]!;
    if (score > limit) {
      const x = (score - limit) / this.#scale;
      const log = this.#shape < 1e-6 ? x : Math.log1p(this.#shape * x) / this.#shape;
      return -Math.log10(tailShare) + log * Math.LOG10E;
    }
    let [low, high] = [0, body.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (body[middle]! < score) low = middle + 1;
      else high = middle;
    }
    return -Math.log10(1 - (1 - tailShare) * (low / Math.max(1, body.length - 1)));
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#body);
    writer.number(this.#scale);
    writer.number(this.#shape);
  }

  readState(reader: StateReader): void {
    this.#body = reader.float64s();
    this.#scale = reader.number();
    this.#shape = reader.number();
  }
}
