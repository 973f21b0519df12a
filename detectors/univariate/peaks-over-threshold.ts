import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { fitGpdByGrimshaw, fitGpdByMoments, paretoSurprise } from './gpd-fit.ts';

export interface PeaksOverThresholdOptions {
  /** Values from which the threshold is taken. */
  readonly startPoints: number;
  /** Share of the first values beyond the threshold. */
  readonly tailShare: number;
  /** Values rarer than this are not learnt. */
  readonly alarmProbability: number;
  /** Newest peaks that the fit is made from. */
  readonly peaks: number;
  readonly fit: 'grimshaw' | 'moments';
  /** Peaks that the prior, an exponential tail, is worth. */
  readonly priorPeaks: number;
  /** After so many alarms, less one for every other value, everything starts afresh. */
  readonly normAfter: number;
}

const peaksDefaults: PeaksOverThresholdOptions = {
  startPoints: 400,
  tailShare: 0.02,
  alarmProbability: 1e-5,
  peaks: 200,
  fit: 'grimshaw',
  priorPeaks: 50,
  normAfter: 100,
};

const scaleFloor = 1e-9;
/** The fit is made anew at every peak while there are few, then at every eighth. */
const fewPeaks = 40;
const refitPeaks = 8;

/**
 * One upper tail after SPOT: a threshold from the first values, a generalised Pareto law for the
 * peaks beyond it, fitted anew at each, its index drawn to an exponential while peaks are few. What
 * is rarer than the alarm probability is not learnt, until a hundred such values say that the level
 * has moved for good. The threshold stays till then: use it on residuals. O(1) but at peaks. Siffer
 * et al. 2017.
 */
export class PeaksOverThreshold implements StatePart {
  readonly #options: PeaksOverThresholdOptions;
  #firsts: Float64Array<ArrayBuffer>;
  /** Ring of the newest excesses. */
  #excesses: Float64Array<ArrayBuffer>;
  #seen = 0;
  #peaksSeen = 0;
  #alarms = 0;
  #start = Number.NaN;
  #index = 0;
  #scale = scaleFloor;

  constructor(options: Partial<PeaksOverThresholdOptions> = {}) {
    this.#options = { ...peaksDefaults, ...options };
    this.#firsts = new Float64Array(this.#options.startPoints);
    this.#excesses = new Float64Array(this.#options.peaks);
  }

  /** -log10 of the chance of a value this high; NaN before the first fit. */
  surprise(value: number): number {
    if (Number.isNaN(this.#start) || Number.isNaN(value)) return Number.NaN;
    const beyond = value - this.#start;
    const atStart = -Math.log10(this.#peaksSeen / this.#seen);
    if (beyond <= 0) return atStart * Math.exp(beyond / this.#scale);
    return atStart + paretoSurprise(beyond, this.#index, this.#scale);
  }

  learn(value: number): void {
    if (Number.isNaN(value)) return;
    const { startPoints, alarmProbability, peaks } = this.#options;
    if (Number.isNaN(this.#start)) {
      this.#firsts[this.#seen] = value;
      this.#seen += 1;
      if (this.#seen === startPoints) this.#begin();
      return;
    }
    if (this.surprise(value) > -Math.log10(alarmProbability)) {
      this.#alarms += 1;
      if (this.#alarms >= this.#options.normAfter) this.#startAfresh();
      return;
    }
    this.#alarms = Math.max(0, this.#alarms - 1);
    this.#seen += 1;
    if (value <= this.#start) return;
    this.#excesses[this.#peaksSeen % peaks] = value - this.#start;
    this.#peaksSeen += 1;
    if (this.#peaksSeen < fewPeaks || this.#peaksSeen % refitPeaks === 0) this.#fit();
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#firsts);
    writer.array(this.#excesses);
    for (const value of [this.#seen, this.#peaksSeen, this.#alarms]) writer.number(value);
    for (const value of [this.#start, this.#index, this.#scale]) writer.number(value);
  }

  readState(reader: StateReader): void {
    this.#firsts = reader.float64s();
    this.#excesses = reader.float64s();
    this.#seen = reader.number();
    this.#peaksSeen = reader.number();
    this.#alarms = reader.number();
    this.#start = reader.number();
    this.#index = reader.number();
    this.#scale = reader.number();
  }

  #startAfresh(): void {
    this.#seen = 0;
    this.#peaksSeen = 0;
    this.#alarms = 0;
    this.#start = Number.NaN;
  }

  #begin(): void {
    const sorted = this.#firsts.slice().sort();
    const { startPoints, tailShare } = this.#options;
    const beyond = Math.max(4, Math.round(tailShare * startPoints));
    this.#start = sorted[startPoints - beyond - 1]!;
    for (const value of sorted.subarray(startPoints - beyond)) {
      this.#excesses[this.#peaksSeen] = value - this.#start;
      this.#peaksSeen += 1;
    }
    this.#fit();
  }

  #fit(): void {
    const { fit, priorPeaks, peaks } = this.#options;
    const known = this.#excesses
      .subarray(0, Math.min(this.#peaksSeen, peaks))
      .filter((excess) => excess > 0);
    if (known.length < 2) {
      this.#scale = Math.max(scaleFloor, 1e-3 * Math.abs(this.#start));
      return;
    }
    const found = fit === 'grimshaw' ? fitGpdByGrimshaw(known) : fitGpdByMoments(known);
    const mean = known.reduce((sum, excess) => sum + excess, 0) / known.length;
    // Never negative: beyond the end of a bounded tail everything would be impossible alike.
    const raw = Math.max(0, Math.min(0.5, found.index));
    this.#index = (raw * known.length) / (known.length + priorPeaks);
    // The mean excess is what is known best, so the scale follows from it and the drawn index.
    this.#scale = Math.max(scaleFloor, mean * (1 - this.#index), 1e-3 * Math.abs(this.#start));
  }
}
