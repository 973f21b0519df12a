import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Baseline } from './baseline.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface EwmaChartOptions {
  /** Weight of the newest residual, 0 to 1. */
  readonly weight: number;
  readonly baselinePoints: number;
}

const ewmaChartDefaults: EwmaChartOptions = { weight: 0.2, baselinePoints: 500 };
/** A single residual counts no further than this. */
const clipDeviations = 8;

/**
 * EWMA control chart: the weighted mean of standardised residuals over its own standard deviation.
 * Finds small lasting shifts a Shewhart chart misses; slow drift moves the baseline along, and
 * season passes for shifts. O(1). Roberts 1959.
 */
export class EwmaChart implements PointStatistic {
  readonly #weight: number;
  readonly #baseline: Baseline;
  #mean = 0;

  constructor(options: Partial<EwmaChartOptions> = {}) {
    const { weight, baselinePoints } = { ...ewmaChartDefaults, ...options };
    this.#weight = weight;
    this.#baseline = new Baseline(baselinePoints);
  }

  statistic(value: number): number {
    return Math.abs(this.#next(value)) / Math.sqrt(this.#weight / (2 - this.#weight));
  }

  expected(): number {
    return this.#baseline.level;
  }

  learn(value: number): void {
    if (this.#baseline.isReady) this.#mean = this.#next(value);
    this.#baseline.learn(value);
  }

  writeState(writer: StateWriter): void {
    writer.number(this.#mean);
    this.#baseline.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#mean = reader.number();
    this.#baseline.readState(reader);
  }

  #next(value: number): number {
    const residual = this.#baseline.standardise(value);
    const clipped = Math.max(-clipDeviations, Math.min(clipDeviations, residual));
    return this.#mean + this.#weight * (clipped - this.#mean);
  }
}
