import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface LeftMatrixProfileOptions {
  /** Points of the shapes compared: half to nine tenths of a period. */
  readonly windowPoints: number;
  /** Points looked back on; at least four windows. */
  readonly historyPoints: number;
}

const leftMatrixProfileDefaults: LeftMatrixProfileOptions = {
  windowPoints: 48,
  historyPoints: 1536,
};

/** A shape that varies less than this share of the others is flat; two flat ones are alike. */
const flatShare = 0.02;

/**
 * Left matrix profile with a bounded history (left-STAMP, Yeh et al. 2016; DAMP, Lu et al. 2022):
 * the z-normalised distance of the newest shape to the most similar earlier one that it does not
 * overlap. Blind to levels, and to shapes seen before within the history. O(history) per point;
 * sums of products move on point by point and are renewed in turn, so that errors do not add up.
 */
export class LeftMatrixProfile implements PointStatistic {
  readonly #window: number;
  readonly #history: number;
  /** Values less the first one; the newest ends at `#end`, older ones than the history are left. */
  #values: Float64Array<ArrayBuffer>;
  /** Mean and standard deviation of the shape that ends at each value. */
  #means: Float64Array<ArrayBuffer>;
  #deviations: Float64Array<ArrayBuffer>;
  /** Per lag the sum of products of the newest shape and the one so many points earlier. */
  #products: Float64Array<ArrayBuffer>;
  #end = 0;
  #count = 0;
  #origin = 0;
  /** The last answer; a value is asked for when it is scored and again when it is learned. */
  #asked = Number.NaN;
  #answer = Number.NaN;

  constructor(options: Partial<LeftMatrixProfileOptions> = {}) {
    const { windowPoints, historyPoints } = { ...leftMatrixProfileDefaults, ...options };
    this.#window = windowPoints;
    this.#history = Math.max(historyPoints, 4 * windowPoints);
    this.#values = new Float64Array(2 * this.#history);
    this.#means = new Float64Array(2 * this.#history);
    this.#deviations = new Float64Array(2 * this.#history);
    this.#products = new Float64Array(this.#history);
  }

  /** 0 for a shape seen before, up to twice the square root of the window. */
  statistic(value: number): number {
    if (value !== this.#asked) {
      this.#answer = this.#distance(value - this.#origin);
      this.#asked = value;
    }
    return this.#answer;
  }

  /** The point after the most similar shape would be a guess, not an expectation. */
  expected(): number {
    return Number.NaN;
  }

  learn(raw: number): void {
    if (this.#count === 0) this.#origin = raw;
    if (this.#end === this.#values.length) this.#makeRoom();
    const value = raw - this.#origin;
    const m = this.#window;
    const lags = this.#lags;
    const end = this.#end;
    const dropped = end >= m ? this.#values[end - m]! : 0;
    for (let lag = m; lag <= lags; lag += 1) {
      const other = end - lag;
      this.#products[lag]! += value * this.#values[other]! - dropped * this.#values[other - m]!;
    }
    const { mean, deviation } = this.#momentsWith(value);
    this.#values[end] = value;
    this.#means[end] = mean;
    this.#deviations[end] = deviation;
    this.#end += 1;
    this.#count += 1;
    this.#asked = Number.NaN;
    const known = this.#lags;
    if (known >= m && known > lags) this.#renew(known);
    if (known > m) this.#renew(m + (this.#count % (known - m)));
  }

  writeState(writer: StateWriter): void {
    writer.arrays([this.#values, this.#means, this.#deviations, this.#products]);
    for (const value of [this.#end, this.#count, this.#origin]) writer.number(value);
  }

  readState(reader: StateReader): void {
    const [values, means, deviations, products] = reader.arrays((one) => one.float64s());
    this.#values = values!;
    this.#means = means!;
    this.#deviations = deviations!;
    this.#products = products!;
    this.#end = reader.number();
    this.#count = reader.number();
    this.#origin = reader.number();
    this.#asked = Number.NaN;
  }

  /** The largest lag whose earlier shape is still within the history. */
  get #lags(): number {
    return Math.min(this.#count, this.#history) - this.#window;
  }

  /** Distance of the shape that the value would end; NaN while there is little to compare with. */
  #distance(value: number): number {
    const m = this.#window;
    const lags = this.#lags;
    if (lags < 2 * m) return Number.NaN;
    const { mean, deviation } = this.#momentsWith(value);
    const end = this.#end;
    const dropped = this.#values[end - m]!;
    const flat = flatShare * this.#usualDeviation(lags);
    const isFlat = deviation <= flat;
    let best = -1;
    for (let lag = m; lag <= lags; lag += 1) {
      const other = end - lag;
      const spread = this.#deviations[other]!;
      if (isFlat || spread <= flat) {
        if (isFlat && spread <= flat) return 0;
        continue;
      }
      const product =
        this.#products[lag]! + value * this.#values[other]! - dropped * this.#values[other - m]!;
      const correlation = (product / m - mean * this.#means[other]!) / (deviation * spread);
      if (correlation > best) best = correlation;
    }
    return Math.sqrt(2 * m * Math.max(0, 1 - best));
  }

  #momentsWith(value: number): { mean: number; deviation: number } {
    const m = this.#window;
    if (this.#end < m - 1) return { mean: 0, deviation: 0 };
    const from = this.#end - m + 1;
    let sum = value;
    for (let i = from; i < this.#end; i += 1) sum += this.#values[i]!;
    const mean = sum / m;
    let squares = (value - mean) ** 2;
    for (let i = from; i < this.#end; i += 1) squares += (this.#values[i]! - mean) ** 2;
    return { mean, deviation: Math.sqrt(squares / m) };
  }

  /** Root mean square of the deviations of sixteen earlier shapes. */
  #usualDeviation(lags: number): number {
    let sum = 0;
    for (let i = 0; i < 16; i += 1) {
      sum += this.#deviations[this.#end - 1 - Math.floor((i * lags) / 16)]! ** 2;
    }
    return Math.sqrt(sum / 16);
  }

  #renew(lag: number): void {
    let sum = 0;
    for (let i = this.#end - this.#window; i < this.#end; i += 1) {
      sum += this.#values[i]! * this.#values[i - lag]!;
    }
    this.#products[lag] = sum;
  }

  /** Keeps the history only, at the front. */
  #makeRoom(): void {
    const from = this.#end - this.#history;
    for (const array of [this.#values, this.#means, this.#deviations]) array.copyWithin(0, from);
    this.#end = this.#history;
  }
}
