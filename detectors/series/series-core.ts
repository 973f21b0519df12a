import { mean, median } from '../../core/tools/index.ts';
import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { rangeLength } from '../column-ranges.ts';
import { grown } from '../score-buffers.ts';

/** Doubles kept per column of its levels; the fields follow. A cache line: all that scores read. */
export const levelStride = 8;
/** Where scores find its number of values, and its recent and its slow level. */
export const levelField = { count: 0, recent: 1, slow: 3 } as const;
const countAt = levelField.count;
/** Recent baseline: mean and mean absolute deviation, both exponentially weighted. */
const recentLevel = levelField.recent;
const recentDeviation = 2;
/** Slow baseline: the same over a much longer memory. */
const slowLevel = levelField.slow;
const slowDeviation = 4;
/** Short means of the residual and of its size, in standard deviations. */
const shortMean = 5;
const volatility = 6;
/** Doubles kept per column of its tails: per view of the value its start, mean excess over it. */
const tailStride = 8;

export interface SeriesCoreOptions {
  /** Memory of the recent and of the slow baseline, in values. */
  readonly recentPoints: number;
  readonly slowPoints: number;
  /** Share of a baseline's level below which its scale is never taken. */
  readonly scaleFloorShare: number;
}

const seriesCoreDefaults: SeriesCoreOptions = {
  recentPoints: 120,
  slowPoints: 5760,
  scaleFloorShare: 1e-3,
};

/** How many views there are of a value. */
const viewCount = 4;
/** The share of values beyond the tail start, and -log10 of it. */
const tailShare = 0.02;
const tailSurprise = -Math.log10(tailShare);
const log10OfE = Math.LOG10E;
/** First values of a column, from which a start free of boot transients is made. */
const firstPoints = 20;
/** Mean absolute deviation of a Gaussian over the mean of its smaller half. */
const halfMeanToDeviation = 2.459;
/** Per view, where a Gaussian's tail of this share starts, in standard deviations. */
const gaussianTailStarts = [2.3, 2.3, 0.6, 0.6];
/** Roughly a Gaussian's mean excess over such a start, as a share of it. */
const gaussianExcessShare = 0.2;
const shortGain = 0.1;
const volatilityGain = 0.05;
const tailGain = 0.05;
/** Values from which a tail no longer learns faster: there the gain below has come down to it. */
const settledPoints = 190;
const youngTailGainFall = 0.1;
/**
 * A tail's start is never below this many deviations, its mean excess never below this share of it.
 */
const tailStartMin = 0.25;
const excessShareMin = 0.05;
/** One excess counts no further than so many mean ones. */
const excessMax = 5;
/** Mean |z| of a Gaussian, √(2/π) to one digit; and the exact one turned over. */
const gaussianSize = 0.8;
const deviationToScale = 1.2533;
/** Share of the slow deviation that the recent one may fall to. */
const slowDeviationShare = 0.1;
/** No scale is smaller, so that a series that never moves can be divided by it. */
const scaleMin = 1e-9;
/**
 * Deviations beyond which a view, a value in the short means, and one in the level grow no more.
 */
const viewMax = 1e3;
const shortMeanClip = 8;
const levelClip = 3;

/**
 * What the default stack knows of each series: a recent and a slow baseline, and how surprising a
 * value is. Surprise is the sum of -log10 p over four views (value against the slow baseline,
 * against the recent one, short mean, volatility), each with its own learnt exponential tail, so a
 * series with heavy tails raises its own bar. Fails where the tail is heavier than exponential;
 * blind to season. O(1) per value, 290 bytes per column. After Siffer et al. 2017 (SPOT) with the
 * tail index at 0.
 */
export class SeriesCore implements StatePart {
  /** For the checkpoints of whoever nests it: raised with its fields. */
  static readonly stateVersion = 2;
  readonly #options: SeriesCoreOptions;
  /** The views of the value that is learnt, and the columns of a range that have not begun. */
  readonly #views = new Float64Array(viewCount);
  readonly #young = new Int32Array(rangeLength);
  #levels = new Float64Array(0);
  #tails = new Float64Array(0);
  #firsts = new Float64Array(0);
  /** What a new value counts for in the recent and in the slow baseline, at least. */
  readonly #recentGain: number;
  readonly #slowGain: number;

  constructor(options: Partial<SeriesCoreOptions> = {}) {
    this.#options = { ...seriesCoreDefaults, ...options };
    this.#recentGain = 1 / this.#options.recentPoints;
    this.#slowGain = 1 / this.#options.slowPoints;
  }

  grow(columns: number): void {
    this.#levels = grown(this.#levels, columns * levelStride);
    this.#tails = grown(this.#tails, columns * tailStride);
    this.#firsts = grown(this.#firsts, columns * firstPoints);
  }

  /** Rows of `levelStride` numbers, one per column: see `levelField` and {@link recentScale}. */
  get levels(): Float64Array {
    return this.#levels;
  }

  get scaleFloorShare(): number {
    return this.#options.scaleFloorShare;
  }

  /**
   * Sum over the views of -log10 of the chance of a value as far out as the column's in a frame of
   * all columns' values.
   */
  surprise(column: number, values: Float64Array): number {
    const levels = this.#levels;
    const base = column * levelStride;
    const value = values[column]!;
    const floor = floorOf(levels, base, this.#options.scaleFloorShare);
    const scale = recentScale(levels, base, floor);
    const residual = distance(value - levels[base + recentLevel]!, scale);
    const clipped = clip(residual, shortMeanClip);
    const short = moved(levels[base + shortMean]!, clipped, shortGain);
    const size = moved(levels[base + volatility]!, Math.abs(clipped), volatilityGain);
    const slowScale = scaleOf(levels[base + slowDeviation]!, floor);
    const at = column * tailStride;
    return (
      this.#surpriseOf(at, Math.abs(distance(value - levels[base + slowLevel]!, slowScale))) +
      this.#surpriseOf(at + 2, Math.abs(residual)) +
      this.#surpriseOf(at + 4, Math.abs(short)) +
      this.#surpriseOf(at + 6, Math.max(0, size - gaussianSize))
    );
  }

  #surpriseOf(at: number, view: number): number {
    const start = this.#tails[at]!;
    const beyond = view - start;
    if (beyond <= 0) return (tailSurprise * view) / start;
    return tailSurprise + (log10OfE * beyond) / this.#tails[at + 1]!;
  }

  /**
   * Takes in a frame's values, but for lost ones (NaN) and those of columns marked in `except`. By
   * ranges of columns, since what loops once per frame is compiled late (docs/decisions/0028).
   */
  learn(values: Float64Array, except: Uint8Array): void {
    for (let from = 0; from < values.length; from += rangeLength) {
      const until = Math.min(values.length, from + rangeLength);
      const youngCount = this.#learnRange(values, except, from, until);
      if (youngCount > 0) this.#learnYoung(youngCount, values);
    }
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#levels);
    writer.array(this.#tails);
    writer.array(this.#firsts);
  }

  readState(reader: StateReader): void {
    this.#levels = reader.float64s();
    this.#tails = reader.float64s();
    this.#firsts = reader.float64s();
  }

  /** Starts the column afresh, as when its level has moved for good. */
  forget(column: number): void {
    this.#levels.fill(0, column * levelStride, (column + 1) * levelStride);
    this.#tails.fill(0, column * tailStride, (column + 1) * tailStride);
  }

  /**
   * One loop with all in it but what is rare, the columns that have not begun, which it lists and
   * counts: what is found of a column, and where arrays lie, stays at hand. The compiler merges so
   * much and no more, hence the loop over tails; and after the loop comes nothing, or code that was
   * compiled within it would be left at its end each time.
   */
  #learnRange(values: Float64Array, except: Uint8Array, from: number, until: number): number {
    const levels = this.#levels;
    const tails = this.#tails;
    const views = this.#views;
    const young = this.#young;
    const floorShare = this.#options.scaleFloorShare;
    const recentMin = this.#recentGain;
    const slowMin = this.#slowGain;
    let youngCount = 0;
    for (let column = from; column < until; column += 1) {
      const value = values[column]!;
      if (Number.isNaN(value) || except[column] === 1) continue;
      const base = column * levelStride;
      const seen = levels[base + countAt]! + 1;
      levels[base + countAt] = seen;
      if (seen <= firstPoints) {
        young[youngCount] = column;
        youngCount += 1;
        continue;
      }
      const level = levels[base + recentLevel]!;
      const slow = levels[base + slowLevel]!;
      const spread = levels[base + recentDeviation]!;
      const slowSpread = levels[base + slowDeviation]!;
      const floor = floorOf(levels, base, floorShare);
      const scale = recentScale(levels, base, floor);
      const residual = distance(value - level, scale);
      const clipped = clip(residual, shortMeanClip);
      const short = moved(levels[base + shortMean]!, clipped, shortGain);
      const size = moved(levels[base + volatility]!, Math.abs(clipped), volatilityGain);
      views[0] = Math.abs(distance(value - slow, scaleOf(slowSpread, floor)));
      views[1] = Math.abs(residual);
      views[2] = Math.abs(short);
      views[3] = Math.max(0, size - gaussianSize);
      const share = 1 / seen;
      const recentGain = Math.max(share, recentMin);
      const slowGain = Math.max(share, slowMin);
      const taken = clip(value - level, levelClip * scale);
      levels[base + shortMean] = short;
      levels[base + volatility] = size;
      levels[base + recentLevel] = level + recentGain * taken;
      levels[base + recentDeviation] = moved(spread, Math.abs(taken), recentGain);
      levels[base + slowLevel] = moved(slow, value, slowGain);
      levels[base + slowDeviation] = moved(slowSpread, Math.abs(value - slow), slowGain);
      const gain = seen < settledPoints ? youngGain(seen) : tailGain;
      for (let view = 0; view < viewCount; view += 1) {
        const at = column * tailStride + 2 * view;
        const start = tails[at]!;
        if (views[view]! > start) {
          const mean = tails[at + 1]!;
          const excess = Math.min(views[view]! - start, excessMax * mean);
          tails[at + 1] = Math.max(excessShareMin * start, mean + tailGain * (excess - mean));
          tails[at] = start * (1 + gain * (1 - tailShare));
        } else tails[at] = Math.max(tailStartMin, start * (1 - gain * tailShare));
      }
    }
    return youngCount;
  }

  /** Keeps the first values of columns that have not begun. */
  #learnYoung(count: number, values: Float64Array): void {
    for (let k = 0; k < count; k += 1) {
      const column = this.#young[k]!;
      const seen = this.#levels[column * levelStride + countAt]!;
      this.#firsts[column * firstPoints + seen - 1] = values[column]!;
      if (seen === firstPoints) this.#begin(column);
    }
  }

  /** Median, and deviation from the nearer half, so that starting up does not pass for the norm. */
  #begin(column: number): void {
    const base = column * levelStride;
    const levels = this.#levels;
    const firsts = this.#firsts.slice(column * firstPoints, (column + 1) * firstPoints);
    const level = median(firsts);
    const nearest = firsts.map((value) => Math.abs(value - level)).sort();
    const deviation = halfMeanToDeviation * mean(nearest.subarray(0, firstPoints / 2));
    levels[base + recentLevel] = level;
    levels[base + slowLevel] = level;
    levels[base + recentDeviation] = deviation;
    levels[base + slowDeviation] = deviation;
    levels[base + volatility] = gaussianSize;
    const at = column * tailStride;
    for (let view = 0; view < viewCount; view += 1) {
      this.#tails[at + 2 * view] = gaussianTailStarts[view]!;
      this.#tails[at + 2 * view + 1] = gaussianExcessShare * gaussianTailStarts[view]!;
    }
  }
}

/** What a value counts for in the tails of a column that has seen few. */
function youngGain(seen: number): number {
  return Math.max(tailGain, 1 / (1 + youngTailGainFall * seen));
}

/** The least scale of the column whose levels begin at `base`. */
export function floorOf(levels: Float64Array, base: number, floorShare: number): number {
  return floorShare * Math.abs(levels[base + slowLevel]!);
}

/** The recent deviation of the column, held up by the slow one, as a standard deviation. */
export function recentScale(levels: Float64Array, base: number, floor: number): number {
  return scaleOf(held(levels[base + recentDeviation]!, levels[base + slowDeviation]!), floor);
}

/** A residual in deviations. */
function distance(residual: number, scale: number): number {
  return clip(residual / scale, viewMax);
}

/** An exponentially weighted mean, one value on. */
function moved(mean: number, value: number, gain: number): number {
  return mean + gain * (value - mean);
}

/** The recent deviation, kept from collapsing by the slow one. */
function held(recent: number, slow: number): number {
  return Math.max(recent, slowDeviationShare * slow);
}

/** Standard deviation from a mean absolute one. */
function scaleOf(deviation: number, floor: number): number {
  return Math.max(deviationToScale * deviation, floor, scaleMin);
}

function clip(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
