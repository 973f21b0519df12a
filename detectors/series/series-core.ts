import { mean, median } from '../../core/tools/index.ts';
import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';

/** Doubles kept per column; the fields follow. One stride is two cache lines. */
const stride = 16;
const count = 0;
/** Recent baseline: mean and mean absolute deviation, both exponentially weighted. */
const recentLevel = 1;
const recentDeviation = 2;
/** Slow baseline: the same over a much longer memory. */
const slowLevel = 3;
const slowDeviation = 4;
/** Short means of the residual and of its size, in standard deviations. */
const shortMean = 5;
const volatility = 6;
/** Per view of the value: tail start, mean excess over it. */
const tails = 8;

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
const shortGain = 0.1;
const volatilityGain = 0.05;
const tailGain = 0.05;
const deviationToScale = 1.2533;

/**
 * What the default stack knows of each series: a recent and a slow baseline, and how surprising a
 * value is. Surprise is the sum of -log10 p over four views (value against the slow baseline,
 * against the recent one, short mean, volatility), each with its own learnt exponential tail, so a
 * series with heavy tails raises its own bar. Fails where the tail is heavier than exponential;
 * blind to season. O(1) per value, 290 bytes per column. After Siffer et al. 2017 (SPOT) with the
 * tail index at 0.
 */
export class SeriesCore implements StatePart {
  readonly #options: SeriesCoreOptions;
  readonly #views = new Float64Array(viewCount);
  #state = new Float64Array(0);
  #firsts = new Float64Array(0);

  constructor(options: Partial<SeriesCoreOptions> = {}) {
    this.#options = { ...seriesCoreDefaults, ...options };
  }

  grow(columns: number): void {
    this.#state = grown(this.#state, columns * stride);
    this.#firsts = grown(this.#firsts, columns * firstPoints);
  }

  /** Values learnt since the column appeared or was forgotten. */
  count(column: number): number {
    return column * stride < this.#state.length ? this.#state[column * stride + count]! : 0;
  }

  /** The recent level. */
  expected(column: number): number {
    return this.#state[column * stride + recentLevel]!;
  }

  /** The level over the long memory. */
  slowExpected(column: number): number {
    return this.#state[column * stride + slowLevel]!;
  }

  /**
   * Recent standard deviation, kept from collapsing by the slow one and by a share of the level.
   */
  scale(column: number): number {
    const base = column * stride;
    const state = this.#state;
    return Math.max(
      deviationToScale *
        Math.max(state[base + recentDeviation]!, 0.1 * state[base + slowDeviation]!),
      this.#options.scaleFloorShare * Math.abs(state[base + slowLevel]!),
      1e-9,
    );
  }

  /** Sum over the views of -log10 of the chance of a value as far out as this one. */
  surprise(column: number, value: number): number {
    this.#look(column, value);
    const base = column * stride + tails;
    let total = 0;
    for (let view = 0; view < viewCount; view += 1) {
      const start = this.#state[base + 2 * view]!;
      const beyond = this.#views[view]! - start;
      total +=
        beyond <= 0
          ? (tailSurprise * this.#views[view]!) / start
          : tailSurprise + (log10OfE * beyond) / this.#state[base + 2 * view + 1]!;
    }
    return total;
  }

  learn(column: number, value: number): void {
    const base = column * stride;
    const state = this.#state;
    const seen = state[base + count]!;
    state[base + count] = seen + 1;
    if (seen < firstPoints) {
      this.#firsts[column * firstPoints + seen] = value;
      if (seen + 1 === firstPoints) this.#begin(column);
      return;
    }
    this.#look(column, value);
    this.#learnTails(base);
    const scale = this.scale(column);
    const residual = value - state[base + recentLevel]!;
    const standardised = clip(residual / scale, 8);
    state[base + shortMean]! += shortGain * (standardised - state[base + shortMean]!);
    state[base + volatility]! +=
      volatilityGain * (Math.abs(standardised) - state[base + volatility]!);
    const recentGain = Math.max(1 / (seen + 1), 1 / this.#options.recentPoints);
    const slowGain = Math.max(1 / (seen + 1), 1 / this.#options.slowPoints);
    const clipped = clip(residual, 3 * scale);
    state[base + recentLevel]! += recentGain * clipped;
    state[base + recentDeviation]! +=
      recentGain * (Math.abs(clipped) - state[base + recentDeviation]!);
    const slowResidual = value - state[base + slowLevel]!;
    state[base + slowLevel]! += slowGain * slowResidual;
    state[base + slowDeviation]! +=
      slowGain * (Math.abs(slowResidual) - state[base + slowDeviation]!);
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#state);
    writer.array(this.#firsts);
  }

  readState(reader: StateReader): void {
    this.#state = reader.float64s();
    this.#firsts = reader.float64s();
  }

  /** Starts the column afresh, as when its level has moved for good. */
  forget(column: number): void {
    this.#state.fill(0, column * stride, (column + 1) * stride);
  }

  /** Median, and deviation from the nearer half, so that starting up does not pass for the norm. */
  #begin(column: number): void {
    const base = column * stride;
    const state = this.#state;
    const firsts = this.#firsts.slice(column * firstPoints, (column + 1) * firstPoints);
    const level = median(firsts);
    const nearest = firsts.map((value) => Math.abs(value - level)).sort();
    const deviation = halfMeanToDeviation * mean(nearest.subarray(0, firstPoints / 2));
    state[base + recentLevel] = level;
    state[base + slowLevel] = level;
    state[base + recentDeviation] = deviation;
    state[base + slowDeviation] = deviation;
    state[base + volatility] = 0.8;
    for (let view = 0; view < viewCount; view += 1) {
      state[base + tails + 2 * view] = gaussianTailStarts[view]!;
      state[base + tails + 2 * view + 1] = 0.2 * gaussianTailStarts[view]!;
    }
  }

  #look(column: number, value: number): void {
    const base = column * stride;
    const state = this.#state;
    const scale = this.scale(column);
    const slowScale = Math.max(
      deviationToScale * state[base + slowDeviation]!,
      this.#options.scaleFloorShare * Math.abs(state[base + slowLevel]!),
      1e-9,
    );
    const residual = clip((value - state[base + recentLevel]!) / scale, 1e3);
    const views = this.#views;
    views[0] = Math.abs(clip((value - state[base + slowLevel]!) / slowScale, 1e3));
    views[1] = Math.abs(residual);
    const clipped = clip(residual, 8);
    views[2] = Math.abs(
      state[base + shortMean]! + shortGain * (clipped - state[base + shortMean]!),
    );
    const size = state[base + volatility]!;
    views[3] = Math.max(0, size + volatilityGain * (Math.abs(clipped) - size) - 0.8);
  }

  #learnTails(base: number): void {
    const state = this.#state;
    const seen = state[base + count]!;
    const gain = Math.max(tailGain, 1 / (1 + 0.1 * seen));
    for (let view = 0; view < viewCount; view += 1) {
      const at = base + tails + 2 * view;
      const start = state[at]!;
      const value = this.#views[view]!;
      if (value > start) {
        const excess = Math.min(value - start, 5 * state[at + 1]!);
        state[at + 1] = Math.max(
          0.05 * start,
          state[at + 1]! + tailGain * (excess - state[at + 1]!),
        );
        state[at] = start * (1 + gain * (1 - tailShare));
      } else {
        state[at] = Math.max(0.25, start * (1 - gain * tailShare));
      }
    }
  }
}

function clip(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
