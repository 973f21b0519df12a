import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

export interface LeastSquaresOptions {
  /** Weight that an observation keeps from one step to the next, below 1. */
  readonly forgetting: number;
  /** Variances of the coefficients before anything is known. */
  readonly variances: readonly number[];
}

/**
 * Linear regression that is fitted as it goes, with forgetting (recursive least squares; Ljung
 * 1999). Without movement in the regressors forgetting lets the covariance grow: its user bounds
 * it, or the steps. O(n²) for n coefficients.
 */
export class RecursiveLeastSquares implements StatePart {
  coefficients: Float64Array<ArrayBuffer>;
  /** Of the coefficients, in units of the noise; row by row. */
  covariance: Float64Array<ArrayBuffer>;
  readonly #forgetting: number;
  /** The covariance times the regressors, P·x; over the denominator it is the gain. */
  readonly #projected: Float64Array;

  constructor({ forgetting, variances }: LeastSquaresOptions) {
    const order = variances.length;
    this.#forgetting = forgetting;
    this.#projected = new Float64Array(order);
    this.coefficients = new Float64Array(order);
    this.covariance = new Float64Array(order * order);
    for (let i = 0; i < order; i += 1) this.covariance[i * order + i] = variances[i]!;
  }

  /** What the regression expects at these regressors. */
  expected(x: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < x.length; i += 1) sum += this.coefficients[i]! * x[i]!;
    return sum;
  }

  /**
   * Learns from an error, observed minus expected; false, and nothing is learnt, where x'Px is
   * below `movementMin`.
   */
  learn(x: Float64Array, error: number, movementMin: number = Number.NEGATIVE_INFINITY): boolean {
    const { covariance, coefficients } = this;
    const order = x.length;
    const projected = this.#projected.fill(0);
    const forgetting = this.#forgetting;
    let denominator = forgetting;
    for (let i = 0; i < order; i += 1) {
      for (let j = 0; j < order; j += 1) projected[i]! += covariance[i * order + j]! * x[j]!;
    }
    for (let i = 0; i < order; i += 1) denominator += x[i]! * projected[i]!;
    if (denominator - forgetting < movementMin) return false;
    for (let i = 0; i < order; i += 1) {
      coefficients[i]! += (projected[i]! / denominator) * error;
      for (let j = 0; j < order; j += 1) {
        const at = i * order + j;
        covariance[at] =
          (covariance[at]! - (projected[i]! * projected[j]!) / denominator) / forgetting;
      }
    }
    return true;
  }

  writeState(writer: StateWriter): void {
    writer.array(this.coefficients);
    writer.array(this.covariance);
  }

  readState(reader: StateReader): void {
    this.coefficients = reader.float64s();
    this.covariance = reader.float64s();
  }
}
