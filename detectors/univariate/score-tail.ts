import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { exponentialTail } from '../tails/tail-start.ts';
import { paretoSurprise } from './gpd-fit.ts';

const { LOG10E } = Math;

export interface ScoreTailOptions {
  /** Scores from which the tail starts. */
  readonly startPoints: number;
  /** Memory of the tail, in scores. */
  readonly memoryPoints: number;
  /** Peaks that the prior, an exponential tail, is worth. */
  readonly priorPeaks: number;
  /** Outliers assumed among the first 30 peaks before any is seen; 0 where a score is bounded. */
  readonly priorOutliers: number;
}

const scoreTailDefaults: ScoreTailOptions = {
  startPoints: 60,
  memoryPoints: 5000,
  priorPeaks: 20,
  priorOutliers: 1,
};

/** The share of scores in the tail, and -log10 of it. */
const tailShare = 0.02;
/** Statistics are in deviations; a tail is never taken for steeper than this. */
const excessFloor = 0.05;
const indexMax = 0.5;
/** A peak is learnt as no more than this many mean excesses, so that one event is not the norm. */
const learntExcesses = 40;
/** The prior of the share of outliers is worth so many peaks: one in thirty. */
const outlierPriorPeaks = 30;
/** Outliers follow a Pareto law of index 1 on a scale of so many mean excesses. */
const outlierScale = 10;
/** Beyond so many mean excesses nothing else is thought of, and squares do not overflow. */
const certainOutlier = 1e9;
/** The start of the tail follows so many times as fast as the rest is learnt. */
const startHaste = 3;

const count = 0;
const start = 1;
/** Share of scores beyond the start; mean and mean square of their excess over it. */
const share = 2;
const excess = 3;
const squaredExcess = 4;
/** Share of outliers among the peaks. */
const outliers = 5;
const fields = 6;

/**
 * Turns a statistic into -log10 p by what it was before: peaks over a threshold that follows the
 * 98 % quantile, with a generalised Pareto tail fitted by moments and its index drawn to 0 while
 * peaks are few. Some peaks are outliers, happenings on no scale that the series has shown: by the
 * rule of succession at least 1 / (30 + peaks seen) of them, so nothing is much rarer than what
 * there has been time to see. Right within 2x near p = 1e-3; below, it extrapolates. Learns
 * anomalies like everything else. O(1), 0.5 KB. After Siffer et al. 2017.
 */
export class ScoreTail implements StatePart {
  readonly #options: ScoreTailOptions;
  #state = new Float64Array(fields);
  #firsts: Float64Array<ArrayBuffer>;

  constructor(options: Partial<ScoreTailOptions> = {}) {
    this.#options = { ...scoreTailDefaults, ...options };
    this.#firsts = new Float64Array(this.#options.startPoints);
  }

  /** -log10 of the chance of a score this high; NaN while the tail is not known. */
  surprise(score: number): number {
    const state = this.#state;
    if (state[count]! < this.#options.startPoints || Number.isNaN(score)) return Number.NaN;
    const beyond = score - state[start]!;
    const atStart = -Math.log10(state[share]!);
    const mean = Math.max(state[excess]!, excessFloor);
    if (beyond <= 0) {
      if (state[start]! <= 0) return 0;
      const body = Math.min((atStart * score) / state[start]!, atStart + (LOG10E * beyond) / mean);
      return Math.max(0, body);
    }
    const { index, scale } = this.#law(mean);
    const own = paretoSurprise(beyond, index, scale);
    const strange = this.#outlierShare;
    if (strange === 0) return atStart + own;
    const stray = strange / (1 + beyond / (outlierScale * mean));
    return atStart - Math.log10((1 - strange) * 10 ** -own + stray);
  }

  learn(score: number): void {
    if (Number.isNaN(score)) return;
    const state = this.#state;
    const { startPoints, memoryPoints } = this.#options;
    const seen = state[count]!;
    state[count] = seen + 1;
    if (seen < startPoints) {
      this.#firsts[seen] = score;
      if (seen + 1 === startPoints) this.#begin();
      return;
    }
    const gain = 1 / Math.min(seen + 1, memoryPoints);
    const mean = Math.max(state[excess]!, excessFloor);
    const beyond = score - state[start]!;
    state[share]! += gain * ((beyond > 0 ? 1 : 0) - state[share]!);
    if (beyond > 0) {
      const peakGain = 1 / Math.min(1 + tailShare * seen, tailShare * memoryPoints);
      state[outliers]! += peakGain * (this.#strangeness(beyond, mean) - state[outliers]!);
      const learnt = Math.min(beyond, learntExcesses * mean);
      state[excess]! += peakGain * (learnt - state[excess]!);
      state[squaredExcess]! += peakGain * (learnt * learnt - state[squaredExcess]!);
      state[start]! += Math.min((startHaste * gain) / tailShare, 0.5) * (1 - tailShare) * mean;
    } else {
      state[start] = Math.max(0, state[start]! - startHaste * gain * mean);
    }
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#state);
    writer.array(this.#firsts);
  }

  readState(reader: StateReader): void {
    this.#state = reader.float64s();
    this.#firsts = reader.float64s();
  }

  /** Peaks that the tail is known from. */
  get #peaks(): number {
    return Math.max(2, tailShare * Math.min(this.#state[count]!, this.#options.memoryPoints));
  }

  get #outlierShare(): number {
    const peaks = this.#peaks;
    const found = this.#options.priorOutliers + this.#state[outliers]! * peaks;
    return found / (outlierPriorPeaks + peaks);
  }

  /** The generalised Pareto law of the series' own peaks. */
  #law(mean: number): { index: number; scale: number } {
    const known = this.#index();
    // The mean is itself an estimate: over it, the exponential becomes a Pareto of index 1 / peaks.
    return { index: known + 1 / this.#peaks, scale: mean * (1 - known) };
  }

  /** The chance that a peak is an outlier. */
  #strangeness(beyond: number, mean: number): number {
    const strange = this.#outlierShare;
    if (strange === 0) return 0;
    const { index, scale } = this.#law(mean);
    if (beyond > certainOutlier * mean) return 1;
    const own = (1 + (index * beyond) / scale) ** (-1 / index - 1) / scale;
    const distance = 1 + beyond / (outlierScale * mean);
    const stray = 1 / (outlierScale * mean * distance * distance);
    return (strange * stray) / (strange * stray + (1 - strange) * own);
  }

  /** Tail index by moments, never negative: a bounded tail would make the merely new impossible. */
  #index(): number {
    const state = this.#state;
    const mean = state[excess]!;
    const variance = state[squaredExcess]! - mean * mean;
    if (!(variance > mean * mean)) return 0;
    const peaks = this.#peaks;
    const raw = Math.min(indexMax, 0.5 * (1 - (mean * mean) / variance));
    return (raw * peaks) / (peaks + this.#options.priorPeaks);
  }

  #begin(): void {
    const tail = exponentialTail(this.#firsts.slice().sort(), tailShare);
    const mean = Math.max(excessFloor, tail.excess);
    const state = this.#state;
    state[start] = tail.from + mean * tail.steps;
    state[share] = tailShare;
    state[excess] = mean;
    state[squaredExcess] = 2 * mean * mean;
  }
}
