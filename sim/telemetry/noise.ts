import { createDrawKey, hashText, normalAt, uniformAt } from '../../core/tools/index.ts';
import { binomial, normalQuantileInside, poisson } from './count-laws.ts';

/*
 * The knobs of measurement noise. Values follow the recordings that docs/fidelity.md compares with
 * (Sock Shop at 15 s, PetShop and NAB at 5 min); shares and sizes are rounded to what those can
 * tell.
 */

/**
 * Noise is a sum of octaves: each has this length in scrapes (a power of two) and share of
 * variance. Real series are mostly white from scrape to scrape (median autocorrelation of Sock
 * Shop's CPU 0.03) and yet correlated over hours (NAB's CPU 0.32 at one hour): a spectrum between
 * white and 1/f.
 */
const octaves: readonly { readonly scrapes: number; readonly share: number }[] = [
  { scrapes: 1, share: 0.45 },
  { scrapes: 4, share: 0.17 },
  { scrapes: 16, share: 0.15 },
  { scrapes: 64, share: 0.13 },
  { scrapes: 256, share: 0.1 },
];
/** How much the slowest octave swells and dampens the fastest: real noise comes in bursts. */
const burstiness = 1.3;
const swellMin = 0.2;
/**
 * Degrees of freedom of the Student-like innovations; Hill's index of changes of Sock Shop's CPU is
 * 1.9 with a 95 % interval up to 2.2.
 */
const freedom = 2.5;
/** What differs between the kinds of measured quantities. */
export interface NoiseKind {
  /** Addresses the kind's draws. */
  readonly ordinal: number;
  /** Relative standard deviation at the median component. */
  readonly size: number;
  /** Standard deviation of the logarithm by which components differ in it. */
  readonly spread: number;
}

/** Measured CPU beside the chance in the requests themselves; relative. */
export const cpuNoise: NoiseKind = { ordinal: 0, size: 0.04, spread: 0.5 };
/**
 * Working sets, in steps of 128 KiB (M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)): Sock
 * Shop's stay where they are for a quarter of all scrapes, and rise by a step or two for one.
 */
export const memoryNoise: NoiseKind = { ordinal: 1, size: 1, spread: 1.2 };
export const memoryStepBytes: number = 128 * 1024;
/**
 * What a node's own daemons and the kernel hold: its share of the memory, and how that moves. The
 * kubelet's guide reserves 6 to 25 %; the movement is an assumption.
 */
export const daemonMemoryShare = 0.06;
export const daemonMemoryNoise: NoiseKind = { ordinal: 3, size: 0.04, spread: 0.5 };
/** Latency quantiles, beyond their sampling error; relative. */
export const latencyNoise: NoiseKind = { ordinal: 2, size: 0.05, spread: 0.6 };
/**
 * Tail index of request latencies as far as sampling errors go. The twin's laws are gammas; real
 * ones have tails of 1.5 to 2.5, and PetShop's quantiles scatter as those of index 2 do: p99 by 20
 * % with 484 requests, by 50 % with 95.
 */
export const latencyTailIndex = 2.5;
/**
 * Share of a container's CPU rates that miss part of their window, and the least that is left:
 * cAdvisor reads the counter at its own pace. Every sixth CPU rate of Sock Shop is between half and
 * nine tenths of its neighbours.
 */
const shortRateShare = 0.16;
const shortRateMin = 0.5;
/** Squared coefficient of variation of one request's CPU demand, for the CPU of finitely many. */
const demandScv = 0.5;
/** A handful of requests cannot use more than this beyond their mean, as a logarithm. */
const demandSizeMax = 0.5;

/** Standard deviation of a service's request count, as a share of a Poisson count's. */
const thinningNoise = 0.3;

/** Standard deviation of the first Cornish-Fisher term; divides it out. */
const heavyTailSd: number = Math.sqrt(1 + 2 / freedom + 22 / (16 * freedom * freedom));

/** Student-like draw of unit variance from a standard normal, by the first Cornish-Fisher term. */
export function heavyTail(z: number): number {
  return (z * (1 + (z * z + 1) / (4 * freedom))) / heavyTailSd;
}

/** An octave slower than the scrape: knots every `length` scrapes, linear in between. */
interface SlowOctave {
  readonly key: number;
  /** Its length as a power of two, and less one. */
  readonly shift: number;
  readonly mask: number;
}

const slowOctaves = octaves.slice(1);
const knotCount: number = 2 * slowOctaves.length;
const quickestMask = (slowOctaves[0]?.scrapes ?? 1) - 1;
/** All octaves' knots fall where they did after so many scrapes, powers of two all of them. */
const period = octaves.at(-1)?.scrapes ?? 1;
const periodMask = period - 1;
/**
 * Per position in the period and per slow octave, the weights of the knot before and after; they
 * keep the variance. As many numbers as there are knots, so that both are walked side by side.
 */
const weights: Float64Array = Float64Array.from(
  Array.from({ length: period }, (_, position) =>
    slowOctaves.flatMap(({ scrapes, share }) => knotWeights(position % scrapes, scrapes, share)),
  ).flat(),
);

function knotWeights(i: number, scrapes: number, share: number): readonly [number, number] {
  if (i === 0) return [Math.sqrt(share), 0];
  const part = i / scrapes;
  const after = part * Math.sqrt(share / (part * part + (1 - part) * (1 - part)));
  return [(after * (scrapes - i)) / i, after];
}

const slowestShare = octaves.at(-1)?.share ?? 1;
/** Divided by the root mean square of the swell, which is 1 plus something of unit size. */
const whiteSize: number = Math.sqrt(
  (octaves[0]?.share ?? 1) / (1 + burstiness * burstiness * slowestShare),
);

/** Numbers kept per channel: … */
const updatedAt = 0;
const latest = 1;
const ownSize = 2;
/** … and per slow octave the values of the knots before and after. */
const firstKnot = 3;
const rowLength: number = firstKnot + knotCount;

/**
 * Bursty, heavy-tailed noise of unit variance with a spectrum between white and 1/f (a sum of
 * octaves, after Voss and McCartney), one channel per column. A pure function of (seed, the
 * column's entity, scrape): nothing that comes, goes or is out of reach disturbs it; what is kept
 * are the knots in use. About 60 ns.
 */
export class NoiseBank {
  readonly #seed: number;
  readonly #key: number;
  readonly #sizeKey: number;
  readonly #slow: readonly SlowOctave[];
  /** Row by row, since a scrape reads all of a channel's. */
  #rows = new Float64Array(0);

  constructor(seed: number) {
    this.#seed = seed;
    this.#key = createDrawKey(seed, 'telemetry/noise');
    this.#sizeKey = createDrawKey(seed, 'telemetry/noise-size');
    this.#slow = slowOctaves.map(({ scrapes }) => ({
      key: createDrawKey(seed, `telemetry/noise/${scrapes}`),
      shift: Math.log2(scrapes),
      mask: scrapes - 1,
    }));
  }

  /** The channel's noise at a scrape; asked again for the same scrape, the same value. */
  at(channel: number, entity: number, scrape: number): number {
    this.move(channel, entity, scrape);
    return this.latest(channel);
  }

  /** Takes a channel to a scrape; for callers that move several and read `latest` of each later. */
  move(channel: number, entity: number, scrape: number): void {
    const row = rowLength * channel;
    if (this.#rows.length <= row) this.#grow(channel + 1);
    const rows = this.#rows;
    const before = rows[row + updatedAt] as number;
    if (before === scrape) return;
    // Every entity has its own phase, so that knots do not fall on the same scrape everywhere. In
    // the next scrape, none of a slow octave changes unless one of the quickest of them does.
    const position = (scrape + entity) | 0;
    if (before !== scrape - 1 || (position & quickestMask) === 0) this.#turn(row, entity, scrape);
    const knot = row + firstKnot;
    const weight = knotCount * (position & periodMask);
    let sum = 0;
    let slowest = 0;
    for (let k = 0; k < knotCount; k += 2) {
      slowest =
        (weights[weight + k] as number) * (rows[knot + k] as number) +
        (weights[weight + k + 1] as number) * (rows[knot + k + 1] as number);
      sum += slowest;
    }
    const white = heavyTail(normalAt(this.#key, entity, scrape));
    const swell = Math.max(swellMin, 1 + burstiness * slowest);
    rows[row + latest] = sum + whiteSize * swell * white;
    rows[row + updatedAt] = scrape;
  }

  /** Finds the knots before and after a scrape, where they are not those of the scrape before. */
  #turn(row: number, entity: number, scrape: number): void {
    const rows = this.#rows;
    const slow = this.#slow;
    const before = rows[row + updatedAt] as number;
    const isFresh = Number.isNaN(before);
    for (let k = 0; k < slow.length; k += 1) {
      const { key, shift, mask } = slow[k] as SlowOctave;
      const phase = entity & mask;
      const number = (scrape + phase) >> shift;
      const gone = isFresh ? -1 : number - ((before + phase) >> shift);
      if (gone === 0) continue;
      const knot = row + firstKnot + 2 * k;
      rows[knot] = gone === 1 ? (rows[knot + 1] as number) : normalAt(key, entity, number);
      rows[knot + 1] = normalAt(key, entity, number + 1);
    }
  }

  /** The noise of a channel where it was taken to last. */
  latest(channel: number): number {
    return this.#rows[rowLength * channel + latest] as number;
  }

  /** The relative standard deviation of a component's noise, asked for by its channel. */
  sizeOf(channel: number, component: string, kind: NoiseKind): number {
    const known = this.#rows[rowLength * channel + ownSize] as number;
    // Also where there is no row yet.
    if (!(known >= 0)) return this.#findSize(channel, component, kind);
    return known;
  }

  #findSize(channel: number, component: string, { ordinal, size, spread }: NoiseKind): number {
    const row = rowLength * channel;
    if (this.#rows.length <= row) this.#grow(channel + 1);
    const z = normalAt(this.#sizeKey, hashText(component), ordinal);
    const own = size * Math.exp(spread * z);
    this.#rows[row + ownSize] = own;
    return own;
  }

  /** A bank that answers the same; it finds its knots anew. */
  fork(): NoiseBank {
    return new NoiseBank(this.#seed);
  }

  #grow(channels: number): void {
    const length = Math.max(rowLength * channels, 2 * this.#rows.length, 64 * rowLength);
    const rows = new Float64Array(length).fill(Number.NaN);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

/** Counting noise: stateless draws addressed by (seed, entity, scrape). */
export class CountingNoise {
  readonly #countKey: number;
  readonly #failureKey: number;
  readonly #quantileKey: number;
  readonly #demandKey: number;
  readonly #placeKey: number;
  readonly #windowKey: number;

  constructor(seed: number) {
    this.#countKey = createDrawKey(seed, 'telemetry/count');
    this.#failureKey = createDrawKey(seed, 'telemetry/failures');
    this.#quantileKey = createDrawKey(seed, 'telemetry/quantile');
    this.#demandKey = createDrawKey(seed, 'telemetry/demand');
    this.#placeKey = createDrawKey(seed, 'telemetry/bucket');
    this.#windowKey = createDrawKey(seed, 'telemetry/cpu-window');
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
    return Math.round(mean + thinningNoise * Math.sqrt(mean) * normalQuantileInside(u));
  }

  /** How many of `trials` failed, each with probability `ratio`. */
  failures(trials: number, ratio: number, entity: number, scrape: number): number {
    return binomial(trials, ratio, uniformAt(this.#failureKey, entity, scrape));
  }

  /** Standard normal error of an empirical quantile, the same for all quantiles of one entity. */
  quantileError(entity: number, scrape: number): number {
    return normalAt(this.#quantileKey, entity, scrape);
  }

  /** Where in its bucket a histogram puts a quantile, uniform, the same for all of one entity. */
  bucketPlace(entity: number, scrape: number): number {
    return uniformAt(this.#placeKey, entity, scrape);
  }

  /** What a container's CPU rate shows of its window: mostly all. */
  windowPart(entity: number, scrape: number): number {
    const u = uniformAt(this.#windowKey, entity, scrape);
    if (u >= shortRateShare) return 1;
    return shortRateMin + ((1 - shortRateMin) * u) / shortRateShare;
  }

  /** What `requests` requests use over what as many use on average, as a logarithm. */
  demandLog(requests: number, entity: number, scrape: number): number {
    const size = Math.min(
      demandSizeMax,
      Math.sqrt((thinningNoise * thinningNoise + demandScv) / Math.max(requests, 1)),
    );
    const z = normalAt(this.#demandKey, entity, scrape);
    return size * z - 0.5 * size * size;
  }
}
