import { createDrawKey, normalAt, normalQuantile, uniformAt } from '../../core/tools/index.ts';

/** Lag-one correlation of measurement noise from scrape to scrape. */
const phi = 0.7;
const innovationScale: number = Math.sqrt(1 - phi * phi);
/** Standard deviation of {@link heavyTail} of a standard normal; divides it out. */
const heavyTailSd = 1.2593;
/** Standard deviation of a service's request count, as a share of a Poisson count's. */
const thinningNoise = 0.3;

/**
 * Student-like draw of unit variance from a standard normal, by the first Cornish-Fisher term for
 * four degrees of freedom: a 3-sigma normal becomes 3.9 sigma.
 */
export function heavyTail(z: number): number {
  return (z * (1 + (z * z + 1) / 16)) / heavyTailSd;
}

/**
 * Autocorrelated, heavy-tailed noise of unit variance, one channel per column. Innovations are
 * addressed by (seed, the column's entity, scrape), so that a path does not depend on which other
 * columns exist; only the running sum is state.
 */
export class NoiseBank {
  readonly #key: number;
  readonly #values: number[];
  readonly #updatedAt: number[];

  constructor(seed: number, source?: NoiseBank) {
    this.#key = source ? source.#key : createDrawKey(seed, 'telemetry/noise');
    this.#values = source ? [...source.#values] : [];
    this.#updatedAt = source ? [...source.#updatedAt] : [];
  }

  /** The channel's noise at a scrape; asked again for the same scrape, the same value. */
  at(channel: number, entity: number, scrape: number): number {
    while (this.#values.length <= channel) {
      this.#values.push(0);
      this.#updatedAt.push(Number.NaN);
    }
    const updatedAt = this.#updatedAt[channel] as number;
    if (updatedAt === scrape) return this.#values[channel] as number;
    const innovation = heavyTail(normalAt(this.#key, entity, scrape));
    const previous = this.#values[channel] as number;
    // A channel without a yesterday starts in its stationary distribution, not at zero.
    const value =
      updatedAt === scrape - 1 ? phi * previous + innovationScale * innovation : innovation;
    this.#values[channel] = value;
    this.#updatedAt[channel] = scrape;
    return value;
  }

  fork(): NoiseBank {
    return new NoiseBank(0, this);
  }
}

/** Counting noise and missed scrapes: stateless draws addressed by (seed, entity, scrape). */
export class CountingNoise {
  readonly #countKey: number;
  readonly #failureKey: number;
  readonly #quantileKey: number;
  readonly #gapKey: number;

  constructor(seed: number) {
    this.#countKey = createDrawKey(seed, 'telemetry/count');
    this.#failureKey = createDrawKey(seed, 'telemetry/failures');
    this.#quantileKey = createDrawKey(seed, 'telemetry/quantile');
    this.#gapKey = createDrawKey(seed, 'telemetry/gap');
  }

  /** A Poisson count of this mean, such as a gauge of requests in flight at one instant. */
  count(mean: number, entity: number, scrape: number): number {
    return poisson(mean, uniformAt(this.#countKey, entity, scrape));
  }

  /**
   * The whole number of requests behind a rate that already carries the users' own chance: what is
   * left is whose call fell into this window, and where between two ticks the scrape came.
   */
  requests(mean: number, entity: number, scrape: number): number {
    const u = uniformAt(this.#countKey, entity, scrape);
    if (mean < 30) return Math.floor(mean + u);
    return Math.round(mean + thinningNoise * Math.sqrt(mean) * normalQuantile(inside(u)));
  }

  /** How many of `trials` failed, each with probability `ratio`. */
  failures(trials: number, ratio: number, entity: number, scrape: number): number {
    return binomial(trials, ratio, uniformAt(this.#failureKey, entity, scrape));
  }

  /** Standard normal error of an empirical quantile, the same for all quantiles of one entity. */
  quantileError(entity: number, scrape: number): number {
    return normalAt(this.#quantileKey, entity, scrape);
  }

  /** Whether the target's scrape was missed (one in a thousand). */
  isGap(entity: number, scrape: number): boolean {
    return uniformAt(this.#gapKey, entity, scrape) < 1e-3;
  }
}

/** The Poisson count at probability `u`; above a mean of 30 by a normal with a skewness term. */
export function poisson(mean: number, u: number): number {
  if (!(mean > 0)) return 0;
  if (mean > 30) {
    const z = normalQuantile(inside(u));
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * z + (z * z - 1) / 6));
  }
  let probability = Math.exp(-mean);
  let total = probability;
  let count = 0;
  // The bound only guards against rounding at u close to one.
  while (u > total && count < 200) {
    count += 1;
    probability *= mean / count;
    total += probability;
  }
  return count;
}

/** The binomial count at probability `u`; above an expectation of 30 by a normal. */
export function binomial(trials: number, ratio: number, u: number): number {
  if (trials <= 0 || !(ratio > 0)) return 0;
  if (ratio >= 1) return trials;
  if (ratio > 0.5) return trials - binomial(trials, 1 - ratio, 1 - u);
  const expected = trials * ratio;
  if (expected > 30) {
    const z = normalQuantile(inside(u));
    const count = Math.round(expected + Math.sqrt(expected * (1 - ratio)) * z);
    return Math.min(trials, Math.max(0, count));
  }
  const odds = ratio / (1 - ratio);
  let probability = Math.exp(trials * Math.log1p(-ratio));
  let total = probability;
  let count = 0;
  while (u > total && count < trials) {
    count += 1;
    probability *= (odds * (trials - count + 1)) / count;
    total += probability;
  }
  return count;
}

function inside(u: number): number {
  return Math.min(Math.max(u, 1e-12), 1 - 1e-12);
}
