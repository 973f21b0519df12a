import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface SubPcaOptions {
  /** Points of a shape: about a period, 32 to 60. */
  readonly windowPoints: number;
  readonly components: number;
}

const subPcaDefaults: SubPcaOptions = { windowPoints: 40, components: 5 };
/** Recent shapes weigh this much more (Weng's amnesic parameter). */
const amnesia = 2;
/** The level and scale follow within this many points, once as many were seen. */
const scalePoints = 4096;
const deviationMax = 10;
const varianceFloor = 1e-2;

/**
 * Streaming sub-PCA: principal components of the shapes of a series by CCIPCA (Weng, Zhang and
 * Hwang 2003). The statistic is a shape's energy beside the components plus, in units of their
 * variance, along them. Blind to shapes seen often enough to have become a component. O(window
 * components) per point.
 */
export class SubPca implements PointStatistic {
  readonly #window: number;
  readonly #components: number;
  /** The last points, oldest first, as standardised when they came; the last place is free. */
  #shape: Float64Array<ArrayBuffer>;
  /** Eigenvectors times their eigenvalues, one after the other. */
  #vectors: Float64Array<ArrayBuffer>;
  readonly #rest: Float64Array;
  #points = 0;
  #shapes = 0;
  #mean = 0;
  #variance = 0;

  constructor(options: Partial<SubPcaOptions> = {}) {
    const { windowPoints, components } = { ...subPcaDefaults, ...options };
    this.#window = windowPoints;
    this.#components = components;
    this.#shape = new Float64Array(windowPoints);
    this.#rest = new Float64Array(windowPoints);
    this.#vectors = new Float64Array(windowPoints * components);
  }

  statistic(value: number): number {
    return this.#shapes < this.#components ? Number.NaN : this.#distance(value, 0);
  }

  expected(): number {
    return this.#mean;
  }

  learn(value: number): void {
    if (this.#points >= this.#window - 1) {
      this.#shapes += 1;
      this.#distance(value, Math.min(1, (1 + amnesia) / (this.#shapes + amnesia)));
    }
    const z = this.#standardised(value);
    this.#shape.copyWithin(0, 1);
    this.#shape[this.#window - 2] = z;
    this.#points += 1;
    const rate = 1 / Math.min(this.#points, scalePoints);
    const delta = value - this.#mean;
    this.#mean += rate * delta;
    this.#variance += rate * (delta * (value - this.#mean) - this.#variance);
  }

  writeState(writer: StateWriter): void {
    writer.arrays([this.#shape, this.#vectors]);
    for (const value of [this.#points, this.#shapes, this.#mean, this.#variance]) {
      writer.number(value);
    }
  }

  readState(reader: StateReader): void {
    const [shape, vectors] = reader.arrays((one) => one.float64s());
    this.#shape = shape!;
    this.#vectors = vectors!;
    this.#points = reader.number();
    this.#shapes = reader.number();
    this.#mean = reader.number();
    this.#variance = reader.number();
  }

  #standardised(value: number): number {
    if (this.#points < 2) return 0;
    const scale = Math.max(Math.sqrt(this.#variance), 1e-6 * Math.abs(this.#mean), 1e-9);
    return Math.max(-deviationMax, Math.min(deviationMax, (value - this.#mean) / scale));
  }

  /** The statistic; a weight above 0 turns the components towards the shape on the way. */
  #distance(value: number, weight: number): number {
    const m = this.#window;
    const rest = this.#rest;
    rest.set(this.#shape);
    rest[m - 1] = this.#standardised(value);
    let within = 0;
    for (let k = 0; k < this.#components; k += 1) {
      const vector = this.#vectors.subarray(k * m, (k + 1) * m);
      let [along, squares] = [0, 0];
      for (let i = 0; i < m; i += 1) {
        along += rest[i]! * vector[i]!;
        squares += vector[i]! * vector[i]!;
      }
      const variance = Math.sqrt(squares);
      const onto = variance > 0 ? along / variance : 0;
      within += (onto * onto) / Math.max(variance, varianceFloor);
      // An empty component becomes the first shape that is not explained yet.
      const pull = variance > 0 ? onto : 1;
      const share = variance > 0 ? along / squares : 0;
      for (let i = 0; i < m; i += 1) {
        const x = rest[i]!;
        rest[i]! -= share * vector[i]!;
        vector[i]! += weight * (pull * x - vector[i]!);
      }
    }
    let beside = 0;
    for (let i = 0; i < m; i += 1) beside += rest[i]! * rest[i]!;
    return beside + within;
  }
}
