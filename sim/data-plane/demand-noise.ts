import { createDrawKey, hashText, normalAt, uniformAt } from '../../core/tools/index.ts';

/** Time scales of the noise, each four times the one before: a quarter minute to most of a day. */
const scalesSec: readonly number[] = [16, 64, 256, 1024, 4096, 16_384, 65_536];
const scaleCount: number = scalesSec.length;
/** Scales that swell and calm down with the slower ones, and how much: the sd of the log size. */
const fastScales = 5;
const swellSd = 0.5;
/** The part of the variance that all journeys have in common: users come to the whole site. */
const commonShare = 0.75;

/**
 * The log of a demand's noise: a sum over time scales whose power falls as 1/f^slope, the fast ones
 * in bursts. Pure in (seed, entity, time); what it keeps is the pair of knots around the last time.
 * Reference: sums of octaves approximate 1/f noise (Voss and Clarke 1978).
 */
export class DemandNoise {
  readonly #key: number;
  readonly #entities: Uint32Array;
  readonly #sizes: Float64Array;
  readonly #offsetsMs: Float64Array;
  readonly #cells: Float64Array;
  /** Knots before and after, per scale and entity; the last "scale" is the swell. */
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  /** Log noise per journey at the last time asked for. */
  readonly values: Float64Array;

  constructor(options: { seed: number; journeys: readonly string[]; sd: number; slope: number }) {
    const { seed, journeys, sd, slope } = options;
    this.#key = createDrawKey(seed, 'workload/noise');
    this.#entities = Uint32Array.from(['*', ...journeys], hashText);
    this.#sizes = sizesOf(sd, slope);
    const offsets = createDrawKey(seed, 'workload/noise-offset');
    this.#offsetsMs = Float64Array.from(
      { length: scaleCount + 1 },
      (_, k) => uniformAt(offsets, k, 0) * scaleMs(k),
    );
    this.#cells = new Float64Array(scaleCount + 1).fill(Number.NaN);
    this.#from = new Float64Array((scaleCount + 1) * this.#entities.length);
    this.#to = new Float64Array((scaleCount + 1) * this.#entities.length);
    this.values = new Float64Array(journeys.length);
  }

  /** Fills `values` for an instant. */
  play(atMs: number): void {
    const { values } = this;
    values.fill(0);
    if (this.#sizes.length === 0) return;
    const swell = this.#swellAt(atMs);
    let common = 0;
    for (let k = 0; k < scaleCount; k += 1) {
      const angle = (this.#turn(k, atMs) * Math.PI) / 2;
      // Knots are independent, so that sine and cosine keep the variance between them as it is.
      const [before, after] = [Math.cos(angle), Math.sin(angle)];
      const size = (this.#sizes[k] as number) * (k < fastScales ? swell : 1);
      let at = k * this.#entities.length;
      common += size * (before * (this.#from[at] as number) + after * (this.#to[at] as number));
      for (let j = 0; j < values.length; j += 1) {
        at += 1;
        const own = before * (this.#from[at] as number) + after * (this.#to[at] as number);
        values[j] = (values[j] as number) + size * own;
      }
    }
    const ownPart = Math.sqrt(1 - commonShare);
    const commonPart = Math.sqrt(commonShare) * common;
    for (let j = 0; j < values.length; j += 1) {
      values[j] = commonPart + ownPart * (values[j] as number);
    }
  }

  /** By how much the fast scales are larger now; its mean square is 1. */
  #swellAt(atMs: number): number {
    const angle = (this.#turn(scaleCount, atMs) * Math.PI) / 2;
    const at = scaleCount * this.#entities.length;
    const value =
      Math.cos(angle) * (this.#from[at] as number) + Math.sin(angle) * (this.#to[at] as number);
    return Math.exp(swellSd * value - swellSd * swellSd);
  }

  /** Has the knots around an instant ready; answers where between them it lies, 0 to 1. */
  #turn(k: number, atMs: number): number {
    const position = (atMs + (this.#offsetsMs[k] as number)) / scaleMs(k);
    const cell = Math.floor(position);
    if (cell !== this.#cells[k]) {
      const wasNext = cell - 1 === this.#cells[k];
      this.#cells[k] = cell;
      const start = k * this.#entities.length;
      for (let e = 0; e < this.#entities.length; e += 1) {
        this.#from[start + e] = wasNext ? (this.#to[start + e] as number) : this.#knot(k, e, cell);
        this.#to[start + e] = this.#knot(k, e, cell + 1);
      }
    }
    return position - cell;
  }

  #knot(k: number, e: number, cell: number): number {
    const entity = (this.#entities[e] as number) + Math.imul(k, 0x9e37_79b1);
    return normalAt(this.#key, entity >>> 0, cell);
  }
}

/** The swell moves as the scale after the fast ones does. */
function scaleMs(k: number): number {
  return 1000 * (scalesSec[k === scaleCount ? fastScales : k] as number);
}

/** Standard deviations per scale; none when there is no noise. */
function sizesOf(sd: number, slope: number): Float64Array {
  if (sd <= 0) return new Float64Array(0);
  // Power 1/f^slope gives a band of frequencies around 1/s a variance in proportion to s^(slope-1).
  const [first = 1] = scalesSec;
  const variances = Float64Array.from(scalesSec, (scale) =>
    Math.exp((slope - 1) * Math.log(scale / first)),
  );
  const total = variances.reduce((sum, variance) => sum + variance, 0);
  return variances.map((variance) => sd * Math.sqrt(variance / total));
}
