import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Baseline } from './baseline.ts';
import type { PointStatistic } from './point-statistic.ts';
import { RecursiveLeastSquares } from './recursive-least-squares.ts';

/** Two past differences and one past error. */
const order = 3;
const memoryPoints = 1000;
const forgetting = 1 - 1 / memoryPoints;
const firstVariance = 100;
const warmUpPoints = 20;
const coefficientMax = 2;
const clipScales = 4;
/** Without movement there is nothing to learn from, and forgetting would let the rest grow. */
const movementMin = 1e-6;

/**
 * One-step forecast error of an ARIMA(2,1,1), fitted as it goes by extended least squares with
 * forgetting. Finds spikes and steps where neighbours predict each other; blind to season and to
 * what comes slowly. A reference. O(1), 0.6 KB. Box and Jenkins 1970; Ljung 1983.
 */
export class ArimaStep implements PointStatistic {
  /** Scale of the forecast errors. */
  readonly #errors = new Baseline(memoryPoints);
  readonly #fit = new RecursiveLeastSquares({
    forgetting,
    variances: Array.from({ length: order }, () => firstVariance),
  });
  /** The last two differences and the last error. */
  #regressors = new Float64Array(order);
  #last = Number.NaN;
  #seen = 0;

  statistic(value: number): number {
    return Math.abs(value - this.expected()) / this.#errors.scale;
  }

  expected(): number {
    if (this.#seen < warmUpPoints || !this.#errors.isReady) return Number.NaN;
    return this.#last + this.#fit.expected(this.#regressors);
  }

  learn(value: number): void {
    const step = value - this.#last;
    this.#last = value;
    this.#seen += 1;
    if (Number.isNaN(step)) return;
    const error = step - this.#fit.expected(this.#regressors);
    const limit = this.#errors.isReady ? clipScales * this.#errors.scale : Number.POSITIVE_INFINITY;
    const clipped = Math.max(-limit, Math.min(limit, error));
    this.#learnCoefficients(clipped);
    this.#errors.learn(error);
    const regressors = this.#regressors;
    regressors[1] = regressors[0]!;
    regressors[0] = step;
    regressors[2] = clipped;
  }

  writeState(writer: StateWriter): void {
    this.#errors.writeState(writer);
    this.#fit.writeState(writer);
    writer.array(this.#regressors);
    writer.number(this.#last);
    writer.number(this.#seen);
  }

  readState(reader: StateReader): void {
    this.#errors.readState(reader);
    this.#fit.readState(reader);
    this.#regressors = reader.float64s();
    this.#last = reader.number();
    this.#seen = reader.number();
  }

  /** In units of the error scale, so that no unit matters. */
  #learnCoefficients(error: number): void {
    const scale = this.#errors.isReady ? this.#errors.scale : Math.max(1e-9, Math.abs(error));
    const x = this.#regressors.map((value) => value / scale);
    if (!this.#fit.learn(x, error / scale, movementMin)) return;
    const { coefficients, covariance } = this.#fit;
    for (let i = 0; i < order; i += 1) {
      coefficients[i] = Math.max(-coefficientMax, Math.min(coefficientMax, coefficients[i]!));
      const at = i * order + i;
      covariance[at] = Math.min(firstVariance, Math.max(covariance[at]!, 0));
    }
  }
}
