import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { RecursiveLeastSquares } from '../univariate/recursive-least-squares.ts';
import type { Expectation, SeriesForecast } from './series-forecast.ts';

const forgetting = 0.99;
const valuesMin = 30;
const clipDeviations = 4;
const deviationGain = 0.02;
/** Bounds of the autoregressive and moving-average coefficients, for a stable forecast. */
const arMax = 0.98;
const maMax = 0.98;

/**
 * ARIMA(1,1,1) with drift: the differences regress on the last difference and the last surprise,
 * estimated by recursive least squares with forgetting (extended RLS, Ljung 1999). A reference:
 * its drift is the mean step of the last 25 min, so noise makes it late. O(1) per value, 160 bytes.
 */
export class ArimaForecast implements SeriesForecast {
  /** Of a drift, the last difference and the last surprise. */
  readonly #fit = new RecursiveLeastSquares({ forgetting, variances: [1e-4, 1, 1] });
  readonly #regressors = Float64Array.of(1, 0, 0);
  #last = Number.NaN;
  #variance = 0;
  #count = 0;
  readonly #out: Expectation = { mean: 0, deviation: 0 };

  learn(value: number): void {
    if (Number.isNaN(value)) return;
    if (Number.isNaN(this.#last)) {
      this.#last = value;
      return;
    }
    const difference = value - this.#last;
    this.#count += 1;
    let error = difference - this.#fit.expected(this.#regressors);
    if (this.#count > valuesMin) {
      const most = clipDeviations * Math.sqrt(this.#variance);
      error = Math.max(-most, Math.min(most, error));
    }
    this.#learnCoefficients(error);
    const gain = Math.max(deviationGain, 1 / this.#count);
    this.#variance += gain * (error * error - this.#variance);
    this.#regressors[1] = difference;
    this.#regressors[2] = error;
    this.#last = value;
  }

  ahead(steps: number): Expectation {
    const out = this.#out;
    out.mean = Number.NaN;
    out.deviation = Number.NaN;
    if (this.#count < valuesMin) return out;
    const [drift, ar, ma] = this.#fit.coefficients as unknown as [number, number, number];
    let mean = this.#last;
    let difference = this.#fit.expected(this.#regressors);
    // What one surprise adds to the level after so many steps, and its square summed up.
    let weight = 1;
    let response = 1;
    let squares = 0;
    for (let step = 1; step <= steps; step += 1) {
      mean += difference;
      difference = drift + ar * difference;
      squares += response * response;
      weight = step === 1 ? ar + ma : weight * ar;
      response += weight;
    }
    out.mean = mean;
    out.deviation = Math.sqrt(this.#variance * squares);
    return out;
  }

  writeState(writer: StateWriter): void {
    this.#fit.writeState(writer);
    writer.number(this.#last);
    writer.number(this.#regressors[1]!);
    writer.number(this.#regressors[2]!);
    writer.number(this.#variance);
    writer.number(this.#count);
  }

  readState(reader: StateReader): void {
    this.#fit.readState(reader);
    this.#last = reader.number();
    this.#regressors[1] = reader.number();
    this.#regressors[2] = reader.number();
    this.#variance = reader.number();
    this.#count = reader.number();
  }

  #learnCoefficients(error: number): void {
    this.#fit.learn(this.#regressors, error);
    const { coefficients } = this.#fit;
    coefficients[1] = Math.max(-arMax, Math.min(arMax, coefficients[1]!));
    coefficients[2] = Math.max(-maMax, Math.min(maMax, coefficients[2]!));
  }
}
