import { medianAbsoluteDeviation } from '../../core/tools/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface BatchStlOptions {
  /** Values of one period. */
  readonly periodPoints: number;
  /** Whole periods decomposed. */
  readonly periods: number;
  /** Values between decompositions; trend and season stay in between. */
  readonly everyPoints: number;
}

const batchStlDefaults: BatchStlOptions = { periodPoints: 288, periods: 4, everyPoints: 36 };
const robustPasses = 3;
/** Residuals of so many robust scales have no weight. */
const bisquareScales = 6;
const madToScale = 1.4826;
const scaleFloorShare = 1e-3;

/**
 * Batch robust seasonal-trend decomposition of the last periods, and how many robust standard
 * deviations the newest value lies from trend and season. Trend by weighted moving means over a
 * period, season by weighted means per phase, bisquare weights, three passes. A reference: 3 sigma,
 * the usual limit, alarms on one healthy value in five, it needs two periods to start, and the
 * period must be right. O(window) every few values. After Cleveland et al. 1990.
 */
export class BatchStl implements PointStatistic {
  readonly #options: BatchStlOptions;
  /** Ring of the last values, by number. */
  #ring: Float64Array<ArrayBuffer>;
  #season: Float64Array<ArrayBuffer>;
  #trend = Number.NaN;
  #scale = Number.NaN;
  #seen = 0;

  constructor(options: Partial<BatchStlOptions> = {}) {
    this.#options = { ...batchStlDefaults, ...options };
    const { periodPoints, periods } = this.#options;
    this.#ring = new Float64Array(periodPoints * periods);
    this.#season = new Float64Array(periodPoints);
  }

  statistic(value: number): number {
    return Math.abs(value - this.expected()) / this.#scale;
  }

  expected(): number {
    return this.#trend + this.#season[this.#seen % this.#options.periodPoints]!;
  }

  learn(value: number): void {
    const { periodPoints, everyPoints } = this.#options;
    this.#ring[this.#seen % this.#ring.length] = value;
    this.#seen += 1;
    if (this.#seen >= 2 * periodPoints && this.#seen % everyPoints === 0) this.#decompose();
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#ring);
    writer.array(this.#season);
    for (const value of [this.#trend, this.#scale, this.#seen]) writer.number(value);
  }

  readState(reader: StateReader): void {
    this.#ring = reader.float64s();
    this.#season = reader.float64s();
    this.#trend = reader.number();
    this.#scale = reader.number();
    this.#seen = reader.number();
  }

  #decompose(): void {
    const { periodPoints } = this.#options;
    const size = Math.min(this.#seen, this.#ring.length);
    const first = this.#seen - size;
    const values = Float64Array.from({ length: size }, (_, i) => {
      return this.#ring[(first + i) % this.#ring.length]!;
    });
    const weights = new Float64Array(size).fill(1);
    const season = new Float64Array(periodPoints);
    const phaseOf = (i: number): number => (first + i) % periodPoints;
    let trend = new Float64Array(size);
    let residuals = values;
    for (let pass = 0; pass < robustPasses; pass += 1) {
      const deseasonalised = values.map((value, i) => value - season[phaseOf(i)]!);
      trend = movingMeans(deseasonalised, weights, periodPoints);
      setPhaseMeans(season, values, trend, weights, phaseOf);
      residuals = values.map((value, i) => value - trend[i]! - season[phaseOf(i)]!);
      const reach = bisquareScales * madToScale * medianAbsoluteDeviation(residuals);
      residuals.forEach((residual, i) => {
        const share = reach > 0 ? residual / reach : 0;
        weights[i] = Math.abs(share) < 1 ? (1 - share * share) ** 2 : 1e-6;
      });
    }
    this.#season = season;
    this.#trend = trend[size - 1]!;
    const floor = Math.max(1e-9, scaleFloorShare * Math.abs(this.#trend));
    this.#scale = Math.max(floor, madToScale * medianAbsoluteDeviation(residuals));
  }
}

/** Weighted means over a centred window, cut at the ends. */
function movingMeans(
  values: Float64Array,
  weights: Float64Array,
  width: number,
): Float64Array<ArrayBuffer> {
  const half = width >> 1;
  const means = new Float64Array(values.length);
  let sum = 0;
  let mass = 0;
  for (let i = 0; i < values.length + half; i += 1) {
    if (i < values.length) {
      sum += weights[i]! * values[i]!;
      mass += weights[i]!;
    }
    const gone = i - 2 * half - 1;
    if (gone >= 0) {
      sum -= weights[gone]! * values[gone]!;
      mass -= weights[gone]!;
    }
    if (i >= half) means[i - half] = sum / Math.max(mass, 1e-9);
  }
  return means;
}

/** The weighted mean distance from the trend of every phase, centred on 0. */
function setPhaseMeans(
  season: Float64Array,
  values: Float64Array,
  trend: Float64Array,
  weights: Float64Array,
  phaseOf: (i: number) => number,
): void {
  const masses = new Float64Array(season.length);
  season.fill(0);
  for (let i = 0; i < values.length; i += 1) {
    const phase = phaseOf(i);
    masses[phase]! += weights[i]!;
    season[phase]! += weights[i]! * (values[i]! - trend[i]!);
  }
  let total = 0;
  for (let phase = 0; phase < season.length; phase += 1) {
    season[phase]! /= Math.max(masses[phase]!, 1e-9);
    total += season[phase]!;
  }
  for (let phase = 0; phase < season.length; phase += 1) season[phase]! -= total / season.length;
}
