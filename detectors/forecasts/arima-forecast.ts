import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { Expectation, SeriesForecast } from './series-forecast.ts';

/** Weight that a value keeps from one step to the next in the estimate of the coefficients. */
const kept = 0.99;
const coefficients = 3;
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
  /** Drift, autoregressive and moving-average coefficients, and the inverse of their information. */
  #theta = new Float64Array(coefficients);
  #inverse = Float64Array.of(1e-4, 0, 0, 0, 1, 0, 0, 0, 1);
  #last = Number.NaN;
  #difference = 0;
  #surprise = 0;
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
    let error = difference - this.#expectedDifference();
    if (this.#count > valuesMin) {
      const most = clipDeviations * Math.sqrt(this.#variance);
      error = Math.max(-most, Math.min(most, error));
    }
    this.#learnCoefficients(error);
    const gain = Math.max(deviationGain, 1 / this.#count);
    this.#variance += gain * (error * error - this.#variance);
    this.#difference = difference;
    this.#surprise = error;
    this.#last = value;
  }

  ahead(steps: number): Expectation {
    const out = this.#out;
    out.mean = Number.NaN;
    out.deviation = Number.NaN;
    if (this.#count < valuesMin) return out;
    const [drift, ar, ma] = this.#theta as unknown as [number, number, number];
    let mean = this.#last;
    let difference = this.#expectedDifference();
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
    writer.array(this.#theta);
    writer.array(this.#inverse);
    for (const value of [this.#last, this.#difference, this.#surprise, this.#variance]) {
      writer.number(value);
    }
    writer.number(this.#count);
  }

  readState(reader: StateReader): void {
    this.#theta = reader.float64s();
    this.#inverse = reader.float64s();
    this.#last = reader.number();
    this.#difference = reader.number();
    this.#surprise = reader.number();
    this.#variance = reader.number();
    this.#count = reader.number();
  }

  #expectedDifference(): number {
    const t = this.#theta;
    return t[0]! + t[1]! * this.#difference + t[2]! * this.#surprise;
  }

  #learnCoefficients(error: number): void {
    const p = this.#inverse;
    const x = [1, this.#difference, this.#surprise];
    const px = [0, 1, 2].map(
      (i) => p[3 * i]! * x[0]! + p[3 * i + 1]! * x[1]! + p[3 * i + 2]! * x[2]!,
    );
    const denominator = kept + x[0]! * px[0]! + x[1]! * px[1]! + x[2]! * px[2]!;
    const t = this.#theta;
    for (let i = 0; i < coefficients; i += 1) {
      t[i]! += (px[i]! / denominator) * error;
      for (let k = 0; k < coefficients; k += 1) {
        p[3 * i + k] = (p[3 * i + k]! - (px[i]! * px[k]!) / denominator) / kept;
      }
    }
    t[1] = Math.max(-arMax, Math.min(arMax, t[1]!));
    t[2] = Math.max(-maMax, Math.min(maMax, t[2]!));
  }
}
