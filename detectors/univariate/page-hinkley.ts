import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Baseline } from './baseline.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface PageHinkleyOptions {
  /** Change that is tolerated, in standard deviations. */
  readonly tolerance: number;
  /** Share of a sum that is kept from value to value. */
  readonly keep: number;
  readonly baselinePoints: number;
}

const pageHinkleyDefaults: PageHinkleyOptions = {
  tolerance: 0.5,
  keep: 0.98,
  baselinePoints: 1000,
};
const clipDeviations = 4;

/**
 * Two-sided Page-Hinkley test of standardised values against their own running mean, with fading
 * sums. Finds changes of the mean that CUSUM's fixed target misses; slow to see short ones. O(1).
 * Page 1954, Hinkley 1971, fading after Gama et al. 2013.
 */
export class PageHinkley implements PointStatistic {
  readonly #options: PageHinkleyOptions;
  readonly #baseline: Baseline;
  #seen = 0;
  #mean = 0;
  #up = 0;
  #down = 0;

  constructor(options: Partial<PageHinkleyOptions> = {}) {
    this.#options = { ...pageHinkleyDefaults, ...options };
    this.#baseline = new Baseline(this.#options.baselinePoints);
  }

  statistic(value: number): number {
    const change = this.#change(value);
    return Math.max(this.#added(this.#up, change), this.#added(this.#down, -change));
  }

  expected(): number {
    return this.#baseline.level + this.#mean * this.#baseline.scale;
  }

  learn(value: number): void {
    if (this.#baseline.isReady) {
      const change = this.#change(value);
      this.#up = this.#added(this.#up, change);
      this.#down = this.#added(this.#down, -change);
      this.#seen += 1;
      this.#mean += change / Math.min(this.#seen, this.#options.baselinePoints);
    }
    this.#baseline.learn(value);
  }

  writeState(writer: StateWriter): void {
    for (const value of [this.#seen, this.#mean, this.#up, this.#down]) writer.number(value);
    this.#baseline.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#seen = reader.number();
    this.#mean = reader.number();
    this.#up = reader.number();
    this.#down = reader.number();
    this.#baseline.readState(reader);
  }

  #change(value: number): number {
    const size = this.#baseline.standardise(value);
    return Math.max(-clipDeviations, Math.min(clipDeviations, size)) - this.#mean;
  }

  #added(sum: number, change: number): number {
    return Math.max(0, this.#options.keep * sum + change - this.#options.tolerance);
  }
}
