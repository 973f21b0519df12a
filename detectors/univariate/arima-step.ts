import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Baseline } from './baseline.ts';
import type { PointStatistic } from './point-statistic.ts';

/** Two past differences and one past error. */
const order = 3;
const memoryPoints = 1000;
const forgetting = 1 - 1 / memoryPoints;
const firstVariance = 100;
const warmUpPoints = 20;
const coefficientMax = 2;
const clipScales = 4;

/**
 * One-step forecast error of an ARIMA(2,1,1), fitted as it goes by extended least squares with
 * forgetting. Finds spikes and steps where neighbours predict each other; blind to season and to
 * what comes slowly. A reference. O(1), 0.6 KB. Box and Jenkins 1970; Ljung 1983.
 */
export class ArimaStep implements PointStatistic {
  /** Scale of the forecast errors. */
  readonly #errors = new Baseline(memoryPoints);
  #coefficients = new Float64Array(order);
  #covariance = new Float64Array(order * order);
  /** The last two differences and the last error. */
  #regressors = new Float64Array(order);
  #last = Number.NaN;
  #seen = 0;

  constructor() {
    for (let i = 0; i < order; i += 1) this.#covariance[i * order + i] = firstVariance;
  }

  statistic(value: number): number {
    return Math.abs(value - this.expected()) / this.#errors.scale;
  }

  expected(): number {
    if (this.#seen < warmUpPoints || !this.#errors.isReady) return Number.NaN;
    return this.#last + this.#step();
  }

  learn(value: number): void {
    const step = value - this.#last;
    this.#last = value;
    this.#seen += 1;
    if (Number.isNaN(step)) return;
    const error = step - this.#step();
    const limit = this.#errors.isReady ? clipScales * this.#errors.scale : Number.POSITIVE_INFINITY;
    const clipped = Math.max(-limit, Math.min(limit, error));
    this.#fit(clipped);
    this.#errors.learn(error);
    const regressors = this.#regressors;
    regressors[1] = regressors[0]!;
    regressors[0] = step;
    regressors[2] = clipped;
  }

  writeState(writer: StateWriter): void {
    this.#errors.writeState(writer);
    writer.array(this.#coefficients);
    writer.array(this.#covariance);
    writer.array(this.#regressors);
    writer.number(this.#last);
    writer.number(this.#seen);
  }

  readState(reader: StateReader): void {
    this.#errors.readState(reader);
    this.#coefficients = reader.float64s();
    this.#covariance = reader.float64s();
    this.#regressors = reader.float64s();
    this.#last = reader.number();
    this.#seen = reader.number();
  }

  #step(): number {
    let sum = 0;
    for (let i = 0; i < order; i += 1) sum += this.#coefficients[i]! * this.#regressors[i]!;
    return sum;
  }

  /** One step of recursive least squares, in units of the error scale so that no unit matters. */
  #fit(error: number): void {
    const scale = this.#errors.isReady ? this.#errors.scale : Math.max(1e-9, Math.abs(error));
    const covariance = this.#covariance;
    const x = this.#regressors.map((value) => value / scale);
    const gains = new Float64Array(order);
    let power = forgetting;
    for (let i = 0; i < order; i += 1) {
      for (let j = 0; j < order; j += 1) gains[i]! += covariance[i * order + j]! * x[j]!;
    }
    for (let i = 0; i < order; i += 1) power += x[i]! * gains[i]!;
    // Without movement there is nothing to learn from, and forgetting would let the rest grow.
    if (power - forgetting < 1e-6) return;
    for (let i = 0; i < order; i += 1) {
      const next = this.#coefficients[i]! + (gains[i]! / power) * (error / scale);
      this.#coefficients[i] = Math.max(-coefficientMax, Math.min(coefficientMax, next));
      for (let j = 0; j < order; j += 1) {
        const at = i * order + j;
        const left = (covariance[at]! - (gains[i]! * gains[j]!) / power) / forgetting;
        covariance[at] = i === j ? Math.min(firstVariance, Math.max(left, 0)) : left;
      }
    }
  }
}
