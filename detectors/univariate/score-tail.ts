import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { exponentialTail } from '../tails/tail-start.ts';

export interface ScoreTailOptions {
  /** Scores from which the tail starts. */
  readonly startPoints: number;
  /** Memory of the tail, in scores. */
  readonly memoryPoints: number;
  /** Peaks that the prior, an exponential tail, is worth. */
  readonly priorPeaks: number;
}

const scoreTailDefaults: ScoreTailOptions = {
  startPoints: 60,
  memoryPoints: 5000,
  priorPeaks: 20,
};

/** The share of scores in the tail, and -log10 of it. */
const tailShare = 0.02;
/** Statistics are in deviations; a tail is never taken for steeper than this. */
const excessFloor = 0.05;
const indexMax = 0.5;
/** A peak is learnt as no more than this many mean excesses, so that one event is not the norm. */
const learntExcesses = 40;

const count = 0;
const start = 1;
/** Share of scores beyond the start; mean and mean square of their excess over it. */
const share = 2;
const excess = 3;
const squaredExcess = 4;
const fields = 5;

/**
 * Turns a statistic into -log10 p by what it was before: peaks over a threshold that follows the 98
 * % quantile, with a generalised Pareto tail fitted by moments and its index drawn to 0 while peaks
 * are few. Right within 2x near p = 1e-3; below 1e-4 it extrapolates. Learns anomalies like
 * everything else. O(1), 0.5 KB. After Siffer et al. 2017.
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
    if (beyond <= 0) return state[start]! > 0 ? Math.max(0, (atStart * score) / state[start]!) : 0;
    const mean = Math.max(state[excess]!, excessFloor);
    const known = this.#index();
    // The mean is itself an estimate: over it, the exponential becomes a Pareto of index 1 / peaks.
    const index = known + 1 / this.#peaks;
    return atStart + Math.log10(1 + (index * beyond) / (mean * (1 - known))) / index;
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
      const learnt = Math.min(beyond, learntExcesses * mean);
      state[excess]! += peakGain * (learnt - state[excess]!);
      state[squaredExcess]! += peakGain * (learnt * learnt - state[squaredExcess]!);
      state[start]! += Math.min(gain / tailShare, 0.5) * (1 - tailShare) * mean;
    } else {
      state[start] = Math.max(0, state[start]! - gain * mean);
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
