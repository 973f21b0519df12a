import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Baseline } from './baseline.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface BocpdOptions {
  /** Expected length of a run, in values. */
  readonly runPoints: number;
  /** Runs this short count as a change just now. */
  readonly recentPoints: number;
  /** Run lengths kept. */
  readonly hypotheses: number;
}

const bocpdDefaults: BocpdOptions = { runPoints: 250, recentPoints: 25, hypotheses: 48 };
const prunedBelow = 1e-6;
const probabilityFloor = 1e-6;
const baselinePoints = 2000;
const clipDeviations = 20;

/** Doubles per hypothesis: run length, its probability and the parameters of its law. */
const stride = 5;
const run = 0;
const weight = 1;
const mean = 2;
const kappa = 3;
const beta = 4;

/**
 * Bayesian online change point detection with a normal law of unknown mean and variance, pruned to
 * the likeliest run lengths: the log odds that something changed within the last values, against
 * what they are by chance. Finds shifts, spikes and changes of variance; takes slow drift for a row
 * of changes and autocorrelation for change. O(hypotheses), about 5 µs. Adams and MacKay 2007.
 */
export class Bocpd implements PointStatistic {
  readonly #options: BocpdOptions;
  readonly #baseline = new Baseline(baselinePoints);
  readonly #chances: Float64Array;
  #runs: Float64Array<ArrayBuffer>;
  #length = 0;
  /** Values taken in by the runs. */
  #seen = 0;

  constructor(options: Partial<BocpdOptions> = {}) {
    this.#options = { ...bocpdDefaults, ...options };
    this.#runs = new Float64Array((this.#options.hypotheses + 1) * stride);
    this.#chances = new Float64Array(this.#options.hypotheses + 1);
  }

  statistic(value: number): number {
    const { recentPoints, runPoints } = this.#options;
    // At first every run is recent.
    if (this.#seen < 4 * recentPoints) return Number.NaN;
    const total = this.#weigh(this.#size(value));
    let old = 0;
    for (let i = 0; i < this.#length; i += 1) {
      if (this.#runs[i * stride + run]! >= recentPoints) old += this.#chances[i]!;
    }
    const share = Math.max(probabilityFloor, old / total);
    return Math.max(0, Math.log(((1 - share) / share) * (runPoints / recentPoints)));
  }

  expected(): number {
    return this.#baseline.level;
  }

  learn(value: number): void {
    if (this.#baseline.isReady) {
      if (this.#length === 0) this.#open(0, 1);
      else this.#update(this.#size(value));
      this.#seen += 1;
    }
    this.#baseline.learn(value);
  }

  writeState(writer: StateWriter): void {
    this.#baseline.writeState(writer);
    writer.array(this.#runs);
    writer.integer(this.#length);
    writer.number(this.#seen);
  }

  readState(reader: StateReader): void {
    this.#baseline.readState(reader);
    this.#runs = reader.float64s();
    this.#length = reader.integer();
    this.#seen = reader.number();
  }

  #size(value: number): number {
    const size = this.#baseline.standardise(value);
    return Math.max(-clipDeviations, Math.min(clipDeviations, size));
  }

  /**
   * Growth probabilities into `#chances`, unscaled; answers all mass, that of a change included.
   */
  #weigh(size: number): number {
    const hazard = 1 / this.#options.runPoints;
    let total = 0;
    for (let i = 0; i < this.#length; i += 1) {
      const at = i * stride;
      const chance = this.#runs[at + weight]! * this.#density(at, size);
      this.#chances[i] = chance * (1 - hazard);
      total += chance;
    }
    return Math.max(total, Number.MIN_VALUE);
  }

  /** Student's t, as the normal-inverse-gamma law of a run predicts the next value. */
  #density(at: number, size: number): number {
    const runs = this.#runs;
    const alpha = 1 + 0.5 * runs[at + run]!;
    const known = runs[at + kappa]!;
    const spread = (2 * runs[at + beta]! * (known + 1)) / known;
    const distance = size - runs[at + mean]!;
    // Γ(α + ½) / Γ(α), by Stirling.
    const ratio = Math.sqrt(alpha) * Math.exp(-1 / (8 * alpha) + 1 / (192 * alpha ** 3));
    return (
      (ratio / Math.sqrt(Math.PI * spread)) *
      Math.exp(-(alpha + 0.5) * Math.log(1 + (distance * distance) / spread))
    );
  }

  #update(size: number): void {
    const total = this.#weigh(size);
    const change = 1 / this.#options.runPoints;
    const runs = this.#runs;
    let kept = 0;
    for (let i = 0; i < this.#length; i += 1) {
      const chance = this.#chances[i]! / total;
      if (chance < prunedBelow) continue;
      const at = i * stride;
      const to = kept * stride;
      const known = runs[at + kappa]!;
      const distance = size - runs[at + mean]!;
      runs[to + run] = runs[at + run]! + 1;
      runs[to + weight] = chance;
      runs[to + beta] = runs[at + beta]! + (known * distance * distance) / (2 * (known + 1));
      runs[to + mean] = runs[at + mean]! + distance / (known + 1);
      runs[to + kappa] = known + 1;
      kept += 1;
    }
    this.#length = kept;
    this.#open(kept, change);
    if (this.#length > this.#options.hypotheses) this.#dropLeast();
    this.#normalise();
  }

  /** A run that begins now. */
  #open(place: number, chance: number): void {
    const at = place * stride;
    this.#runs[at + run] = 0;
    this.#runs[at + weight] = chance;
    this.#runs[at + mean] = 0;
    this.#runs[at + kappa] = 1;
    this.#runs[at + beta] = 1;
    this.#length = place + 1;
  }

  #dropLeast(): void {
    let least = 0;
    for (let i = 1; i < this.#length; i += 1) {
      if (this.#runs[i * stride + weight]! < this.#runs[least * stride + weight]!) least = i;
    }
    this.#runs.copyWithin(least * stride, (least + 1) * stride, this.#length * stride);
    this.#length -= 1;
  }

  #normalise(): void {
    let total = 0;
    for (let i = 0; i < this.#length; i += 1) total += this.#runs[i * stride + weight]!;
    for (let i = 0; i < this.#length; i += 1) this.#runs[i * stride + weight]! /= total;
  }
}
