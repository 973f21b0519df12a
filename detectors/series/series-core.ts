import { mean, median } from '../../core/tools/index.ts';
import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { rangeLength } from '../column-ranges.ts';
import { grown } from '../score-buffers.ts';

/** Doubles kept per column of its levels; the fields follow. A cache line: all that scores read. */
const stride = 8;
const countAt = 0;
/** Recent baseline: mean and mean absolute deviation, both exponentially weighted. */
const recentLevel = 1;
const recentDeviation = 2;
/** Slow baseline: the same over a much longer memory. */
const slowLevel = 3;
const slowDeviation = 4;
/** Short means of the residual and of its size, in standard deviations. */
const shortMean = 5;
const volatility = 6;
/** Doubles kept per column of its tails: per view of the value its start, mean excess over it. */
const tailStride = 8;

/** Where `read` puts what it reads. */
export const reading = { count: 0, expected: 1, slowExpected: 2, scale: 3 } as const;

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

/** How many views there are of a value; after them, in the same scratch, what they are made of. */
const viewCount = 4;
/** The short means as they will be, and the scale. */
const nextShortMean = 4;
const nextVolatility = 5;
const scaleSeen = 6;
const scratchLength = 7;
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
  /** The views of the value last looked at, and what they are made of. */
  readonly #scratch = new Float64Array(scratchLength);
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
    this.#levels = grown(this.#levels, columns * stride);
    this.#tails = grown(this.#tails, columns * tailStride);
    this.#firsts = grown(this.#firsts, columns * firstPoints);
  }

  /**
   * Reads a column: how many values were learnt since it appeared or was forgotten, the recent and
   * the slow level, and the recent deviation, held up by the slow one and a share of the level.
   */
  read(column: number, out: Float64Array): void {
    const levels = this.#levels;
    const base = column * stride;
    const floor = this.#options.scaleFloorShare * Math.abs(levels[base + slowLevel]!);
    out[reading.count] = levels[base + countAt]!;
    out[reading.expected] = levels[base + recentLevel]!;
    out[reading.slowExpected] = levels[base + slowLevel]!;
    const deviation = held(levels[base + recentDeviation]!, levels[base + slowDeviation]!);
    out[reading.scale] = scaleOf(deviation, floor);
  }

  /**
   * Sum over the views of -log10 of the chance of a value as far out as the column's in a frame of
   * all columns' values.
   */
  surprise(column: number, values: Float64Array): number {
    this.#look(column, values);
    const tails = this.#tails;
    const base = column * tailStride;
    let total = 0;
    for (let view = 0; view < viewCount; view += 1) {
      const start = tails[base + 2 * view]!;
      const beyond = this.#scratch[view]! - start;
      total +=
        beyond <= 0
          ? (tailSurprise * this.#scratch[view]!) / start
          : tailSurprise + (log10OfE * beyond) / tails[base + 2 * view + 1]!;
    }
    return total;
  }

  /**
   * Takes in a frame's values, but for lost ones (NaN) and those of columns marked in `except`. By
   * ranges of columns, since what loops once per frame is compiled late (docs/decisions/0028).
   */
  learn(values: Float64Array, except: Uint8Array): void {
    for (let from = 0; from < values.length; from += rangeLength) {
      this.#learnRange(values, except, from, Math.min(values.length, from + rangeLength));
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
    this.#levels.fill(0, column * stride, (column + 1) * stride);
    this.#tails.fill(0, column * tailStride, (column + 1) * tailStride);
  }

  #learnRange(values: Float64Array, except: Uint8Array, from: number, until: number): void {
    const levels = this.#levels;
    for (let column = from; column < until; column += 1) {
      if (Number.isNaN(values[column]!) || except[column] === 1) continue;
      const seen = levels[column * stride + countAt]! + 1;
      levels[column * stride + countAt] = seen;
      if (seen <= firstPoints) {
        this.#firsts[column * firstPoints + seen - 1] = values[column]!;
        if (seen === firstPoints) this.#begin(column);
        continue;
      }
      this.#look(column, values);
      this.#learnTails(column);
      this.#learnLevels(column, values);
    }
  }

  #learnLevels(column: number, values: Float64Array): void {
    const levels = this.#levels;
    const scratch = this.#scratch;
    const base = column * stride;
    levels[base + shortMean] = scratch[nextShortMean]!;
    levels[base + volatility] = scratch[nextVolatility]!;
    const value = values[column]!;
    const share = 1 / levels[base + countAt]!;
    const recentGain = Math.max(share, this.#recentGain);
    const slowGain = Math.max(share, this.#slowGain);
    const level = levels[base + recentLevel]!;
    const clipped = clip(value - level, levelClip * scratch[scaleSeen]!);
    levels[base + recentLevel] = level + recentGain * clipped;
    levels[base + recentDeviation]! +=
      recentGain * (Math.abs(clipped) - levels[base + recentDeviation]!);
    const slowResidual = value - levels[base + slowLevel]!;
    levels[base + slowLevel]! += slowGain * slowResidual;
    levels[base + slowDeviation]! +=
      slowGain * (Math.abs(slowResidual) - levels[base + slowDeviation]!);
  }

  /** Median, and deviation from the nearer half, so that starting up does not pass for the norm. */
  #begin(column: number): void {
    const base = column * stride;
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

  /** Sets the views of a value, and the short means as they are with it. */
  #look(column: number, values: Float64Array): void {
    const levels = this.#levels;
    const scratch = this.#scratch;
    const base = column * stride;
    const value = values[column]!;
    const level = levels[base + slowLevel]!;
    const floor = this.#options.scaleFloorShare * Math.abs(level);
    const slow = levels[base + slowDeviation]!;
    const slowScale = scaleOf(slow, floor);
    const scale = scaleOf(held(levels[base + recentDeviation]!, slow), floor);
    const residual = clip((value - levels[base + recentLevel]!) / scale, viewMax);
    const clipped = clip(residual, shortMeanClip);
    const before = levels[base + shortMean]!;
    const short = before + shortGain * (clipped - before);
    const size = levels[base + volatility]!;
    const nextSize = size + volatilityGain * (Math.abs(clipped) - size);
    scratch[0] = Math.abs(clip((value - level) / slowScale, viewMax));
    scratch[1] = Math.abs(residual);
    scratch[2] = Math.abs(short);
    scratch[3] = Math.max(0, nextSize - gaussianSize);
    scratch[nextShortMean] = short;
    scratch[nextVolatility] = nextSize;
    scratch[scaleSeen] = scale;
  }

  #learnTails(column: number): void {
    const tails = this.#tails;
    const scratch = this.#scratch;
    const base = column * tailStride;
    const seen = this.#levels[column * stride + countAt]!;
    const gain =
      seen < settledPoints ? Math.max(tailGain, 1 / (1 + youngTailGainFall * seen)) : tailGain;
    for (let view = 0; view < viewCount; view += 1) {
      const at = base + 2 * view;
      const start = tails[at]!;
      const value = scratch[view]!;
      if (value > start) {
        const mean = tails[at + 1]!;
        const excess = Math.min(value - start, excessMax * mean);
        tails[at + 1] = Math.max(excessShareMin * start, mean + tailGain * (excess - mean));
        tails[at] = start * (1 + gain * (1 - tailShare));
      } else {
        tails[at] = Math.max(tailStartMin, start * (1 - gain * tailShare));
      }
    }
  }
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
