import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';
import { predictiveSurprise } from '../tails/lomax-tail.ts';
import { exponentialTail } from '../tails/tail-start.ts';
import { SeasonProfile } from './season-profile.ts';

/** Doubles kept per column; the fields follow. */
const stride = 32;
const count = 0;
const last = 1;
/** Level and mean absolute deviation over the recent past, free of outliers. */
const level = 2;
const deviation = 3;
/** The same over a long memory, outliers included. */
const slowLevel = 4;
const slowDeviation = 5;
/** The recent level, outliers included. */
const plainLevel = 6;
/** Level behind the season, and mean absolute deviation from level and season. */
const seasonLevel = 7;
const seasonDeviation = 8;
/** Short means of the standardised residual and of its size. */
const shortMean = 9;
const volatility = 10;
/** Per view: tail start and mean excess over it. */
const tails = 16;

const viewCount = 8;
const dayView = 3;
const weekView = 4;

export interface SeriesEnsembleOptions {
  /** Memory of the recent and of the slow baseline, and of the tails, in values. */
  readonly recentPoints: number;
  readonly slowPoints: number;
  readonly tailPoints: number;
  /** Share of a column's level below which no scale is taken. */
  readonly scaleFloorShare: number;
}

const seriesEnsembleDefaults: SeriesEnsembleOptions = {
  recentPoints: 120,
  slowPoints: 5760,
  tailPoints: 3000,
  scaleFloorShare: 1e-3,
};

/** First values of a column: baselines settle on the first half, tails start from the second. */
const firstPoints = 40;
const settlingPoints = 20;
/** The share of values beyond the tail start, and -log10 of it. */
const tailShare = 0.01;
const tailSurprise = -Math.log10(tailShare);
const log10OfE = Math.LOG10E;
const deviationToScale = 1.2533;
/** Mean absolute deviation of a Gaussian over the mean of its smaller half. */
const halfMeanToDeviation = 2.459;
const shortGain = 0.1;
const volatilityGain = 0.05;
const seasonLevelGain = 0.02;
const seasonDeviationGain = 0.01;
const dayGain = 0.05;
const weekGain = 0.1;

/**
 * How rare each value of many series is, as -log10 p of its rarest view: high and low values, a
 * fall below the recent level, distance from time of day, distance from hour of the week, a lasting
 * shift, the relative step, volatility. Each view learns its own exponential tail, so what a series
 * does often stops being rare. Season counts from its second day or week on. Fails where a tail is
 * heavier than exponential (p too small) and on anomalies that no view shows, such as a changed
 * order of ordinary values. O(1) per value; 0.6 KB per column, 1.4 KB after a week. Tails after
 * Siffer et al. 2017 (SPOT) with the tail index at 0, season after Holt and Winters.
 */
export class SeriesEnsemble implements StatePart {
  /** For the checkpoints of whoever nests it: raised with its fields, or those of a part of it. */
  static readonly stateVersion = 1;
  readonly #options: SeriesEnsembleOptions;
  readonly #views = new Float64Array(viewCount);
  readonly #season = new SeasonProfile();
  #state = new Float64Array(0);
  #firsts = new Float64Array(0);

  constructor(options: Partial<SeriesEnsembleOptions> = {}) {
    this.#options = { ...seriesEnsembleDefaults, ...options };
  }

  grow(columns: number): void {
    this.#state = grown(this.#state, columns * stride);
    this.#firsts = grown(this.#firsts, columns * firstPoints);
    this.#season.grow(this.#state.length / stride);
  }

  /** Sets the time of the values to come, ms. */
  moveTo(atMs: number): void {
    this.#season.moveTo(atMs);
  }

  /** Values learnt since the column appeared or was forgotten. */
  count(column: number): number {
    return column * stride < this.#state.length ? this.#state[column * stride + count]! : 0;
  }

  /** The level at the present time of day. */
  expected(column: number): number {
    return this.#state[column * stride + seasonLevel]! + this.#season.ofDay(column);
  }

  /** Standard deviation from {@link expected}. */
  scale(column: number): number {
    return this.#seasonScale(column * stride);
  }

  /** -log10 p of the rarest view, at least 0; NaN for the first 40 values of a column. */
  surprise(column: number, value: number): number {
    if (!(this.count(column) >= firstPoints) || !Number.isFinite(value)) return Number.NaN;
    this.#look(column, value);
    const state = this.#state;
    const base = column * stride + tails;
    let rarest = 0;
    for (let view = 0; view < viewCount; view += 1) {
      const beyond = this.#views[view]! - state[base + 2 * view]!;
      const surprise = tailSurprise + (log10OfE * beyond) / state[base + 2 * view + 1]!;
      if (surprise > rarest) rarest = surprise;
    }
    return rarest;
  }

  /** A surprise of the column in the light of how many values its tails were learnt from. */
  predictiveSurprise(column: number, surprise: number): number {
    const excesses = 1 + tailShare * Math.min(this.count(column), this.#options.tailPoints);
    return predictiveSurprise(surprise, { from: tailSurprise, excesses });
  }

  learn(column: number, value: number): void {
    if (!Number.isFinite(value)) return;
    const base = column * stride;
    const state = this.#state;
    const seen = state[base + count]!;
    if (seen < firstPoints) {
      this.#firsts[column * firstPoints + seen] = value;
      state[base + count] = seen + 1;
      if (seen + 1 === firstPoints) this.#begin(column);
      return;
    }
    this.#look(column, value);
    this.#learnTails(base);
    this.#learnBaselines(base, value);
    this.#learnSeason(column, value);
    state[base + count] = seen + 1;
  }

  /** Starts the column afresh, as when its level has moved for good. */
  forget(column: number): void {
    this.#state.fill(0, column * stride, (column + 1) * stride);
    this.#season.forget(column);
  }

  writeState(writer: StateWriter): void {
    this.#season.writeState(writer);
    writer.array(this.#state);
    writer.array(this.#firsts);
  }

  readState(reader: StateReader): void {
    this.#season.readState(reader);
    this.#state = reader.float64s();
    this.#firsts = reader.float64s();
  }

  #look(column: number, value: number): void {
    const base = column * stride;
    const state = this.#state;
    const views = this.#views;
    const size = clip((value - state[base + level]!) / this.#scale(base), 8);
    const before = state[base + last]!;
    const step = Math.abs(value - before);
    views[0] = value;
    views[1] = -value;
    views[2] = state[base + plainLevel]! - value;
    views[dayView] =
      Math.abs(value - state[base + seasonLevel]! - this.#season.ofDay(column)) /
      this.#seasonScale(base);
    views[weekView] = Math.abs(value - state[base + slowLevel]! - this.#season.ofWeek(column));
    views[5] = Math.abs(state[base + shortMean]! + shortGain * (size - state[base + shortMean]!));
    views[6] = step > 0 ? step / (Math.abs(value) + Math.abs(before)) : 0;
    views[7] =
      state[base + volatility]! + volatilityGain * (Math.abs(size) - state[base + volatility]!);
  }

  #learnTails(base: number): void {
    const state = this.#state;
    const seen = state[base + count]!;
    const { tailPoints, scaleFloorShare } = this.#options;
    const gain = 1 / Math.min(seen + 1, tailPoints);
    const excessGain = 1 / Math.min(1 + tailShare * seen, tailShare * tailPoints);
    const rise = Math.min(gain / tailShare, 0.5);
    for (let at = base + tails, view = 0; view < viewCount; view += 1, at += 2) {
      const beyond = this.#views[view]! - state[at]!;
      if (beyond > 0) {
        const mean = state[at + 1]! + excessGain * (beyond - state[at + 1]!);
        state[at + 1] = Math.max(mean, scaleFloorShare * Math.abs(state[at]!));
        state[at]! += rise * state[at + 1]!;
      } else if (beyond <= 0) {
        state[at]! -= gain * state[at + 1]!;
      }
    }
  }

  #learnBaselines(base: number, value: number): void {
    const state = this.#state;
    const seen = state[base + count]! + 1;
    const scale = this.#scale(base);
    const residual = value - state[base + level]!;
    const size = clip(residual / scale, 8);
    state[base + shortMean]! += shortGain * (size - state[base + shortMean]!);
    state[base + volatility]! += volatilityGain * (Math.abs(size) - state[base + volatility]!);
    const gain = 1 / Math.min(seen, this.#options.recentPoints);
    const clipped = clip(residual, 3 * scale);
    state[base + level]! += gain * clipped;
    state[base + deviation]! += gain * (Math.abs(clipped) - state[base + deviation]!);
    state[base + plainLevel]! += gain * (value - state[base + plainLevel]!);
    const slowGain = 1 / Math.min(seen, this.#options.slowPoints);
    const slowResidual = value - state[base + slowLevel]!;
    state[base + slowLevel]! += slowGain * slowResidual;
    state[base + slowDeviation]! +=
      slowGain * (Math.abs(slowResidual) - state[base + slowDeviation]!);
    state[base + last] = value;
  }

  #learnSeason(column: number, value: number): void {
    const base = column * stride;
    const state = this.#state;
    const seen = state[base + count]! + 1;
    const season = this.#season;
    const residual = value - state[base + seasonLevel]! - season.ofDay(column);
    const clipped = clip(residual, 3 * this.#seasonScale(base));
    state[base + seasonLevel]! += Math.max(1 / seen, seasonLevelGain) * clipped;
    state[base + seasonDeviation]! +=
      Math.max(1 / seen, seasonDeviationGain) *
      (Math.abs(clipped) - state[base + seasonDeviation]!);
    const offset = value - state[base + slowLevel]!;
    const known = season.ofWeek(column);
    const learnt = Number.isNaN(known) ? offset : known + weekGain * (offset - known);
    season.learn(column, dayGain * clipped, learnt);
  }

  /**
   * Recent standard deviation, kept from collapsing by the slow one and by a share of the level.
   */
  #scale(base: number): number {
    const state = this.#state;
    return Math.max(
      deviationToScale * Math.max(state[base + deviation]!, 0.1 * state[base + slowDeviation]!),
      this.#options.scaleFloorShare * Math.abs(state[base + slowLevel]!),
      1e-9,
    );
  }

  #seasonScale(base: number): number {
    return Math.max(
      deviationToScale * this.#state[base + seasonDeviation]!,
      this.#options.scaleFloorShare * Math.abs(this.#state[base + slowLevel]!),
      1e-9,
    );
  }

  /** Baselines from the median and the nearer half, tails from what the views then show. */
  #begin(column: number): void {
    const base = column * stride;
    const state = this.#state;
    const firsts = this.#firsts.subarray(column * firstPoints, (column + 1) * firstPoints);
    const middle = firsts.slice().sort()[firstPoints / 2]!;
    const distances = firsts.map((value) => Math.abs(value - middle)).sort();
    let nearer = 0;
    for (let i = 0; i < firstPoints / 2; i += 1) nearer += distances[i]!;
    const spread = (halfMeanToDeviation * nearer) / (firstPoints / 2);
    for (const field of [level, slowLevel, plainLevel, seasonLevel]) state[base + field] = middle;
    for (const field of [deviation, slowDeviation, seasonDeviation]) state[base + field] = spread;
    state[base + volatility] = 0.8;
    state[base + last] = firsts[0]!;
    const seen = Array.from({ length: viewCount }, () => new Float64Array(firstPoints));
    for (let i = 0; i < firstPoints; i += 1) {
      state[base + count] = i;
      this.#look(column, firsts[i]!);
      // No week has been seen yet: the distance from the level stands in.
      this.#views[weekView] = Math.abs(firsts[i]! - state[base + level]!);
      for (let view = 0; view < viewCount; view += 1) seen[view]![i] = this.#views[view]!;
      this.#learnBaselines(base, firsts[i]!);
      state[base + seasonLevel] = state[base + level]!;
    }
    state[base + count] = firstPoints;
    for (let view = 0; view < viewCount; view += 1) {
      this.#beginTail(base + tails + 2 * view, seen[view]!.subarray(settlingPoints).sort());
    }
  }

  #beginTail(at: number, sorted: Float64Array): void {
    const tail = exponentialTail(sorted, tailShare);
    const floor = this.#options.scaleFloorShare * Math.abs(tail.from);
    const mean = Math.max(tail.excess, floor, 0.05 * (tail.from - tail.middle) + 1e-9);
    this.#state[at] = tail.from + mean * tail.steps;
    this.#state[at + 1] = mean;
  }
}

function clip(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
