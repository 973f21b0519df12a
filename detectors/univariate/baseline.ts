import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

const firstPoints = 40;
const deviationToScale = 1.2533;
/** Mean absolute deviation of a Gaussian over the mean of its smaller half. */
const halfMeanToDeviation = 2.459;
const scaleFloorShare = 1e-3;
const scaleFloor = 1e-9;
/** Residuals count no further than this many scales. */
const clipScales = 3;

const count = 0;
const mean = 1;
const deviation = 2;

/**
 * Level and scale of one series, exponentially weighted, clipped against outliers and floored at a
 * thousandth of the level: what makes values of any unit comparable. O(1), 0.4 KB.
 */
export class Baseline implements StatePart {
  readonly #memoryPoints: number;
  #state = new Float64Array(3);
  #firsts = new Float64Array(firstPoints);

  constructor(memoryPoints: number) {
    this.#memoryPoints = memoryPoints;
  }

  get isReady(): boolean {
    return this.#state[count]! >= firstPoints;
  }

  /** NaN until ready. */
  get level(): number {
    return this.isReady ? this.#state[mean]! : Number.NaN;
  }

  get scale(): number {
    const state = this.#state;
    const floor = Math.max(scaleFloor, scaleFloorShare * Math.abs(state[mean]!));
    return Math.max(deviationToScale * state[deviation]!, floor);
  }

  /** Signed distance from the level in scales; NaN until ready. */
  standardise(value: number): number {
    return (value - this.level) / this.scale;
  }

  learn(value: number): void {
    const state = this.#state;
    const seen = state[count]!;
    state[count] = seen + 1;
    if (seen < firstPoints) {
      this.#firsts[seen] = value;
      if (seen + 1 === firstPoints) this.#begin();
      return;
    }
    const limit = clipScales * this.scale;
    const residual = Math.max(-limit, Math.min(limit, value - state[mean]!));
    const gain = 1 / Math.min(seen + 1, this.#memoryPoints);
    state[mean]! += gain * residual;
    state[deviation]! += gain * (Math.abs(residual) - state[deviation]!);
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#state);
    writer.array(this.#firsts);
  }

  readState(reader: StateReader): void {
    this.#state = reader.float64s();
    this.#firsts = reader.float64s();
  }

  /** Median, and deviation from the nearer half. */
  #begin(): void {
    const half = firstPoints / 2;
    const middle = this.#firsts.slice().sort()[half]!;
    const distances = this.#firsts.map((value) => Math.abs(value - middle)).sort();
    const nearer = distances.subarray(0, half).reduce((sum, distance) => sum + distance, 0);
    this.#state[mean] = middle;
    this.#state[deviation] = (halfMeanToDeviation * nearer) / half;
  }
}
