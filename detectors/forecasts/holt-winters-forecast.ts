import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { Expectation, SeriesForecast } from './series-forecast.ts';

export interface HoltWintersOptions {
  /** Values of one season; 0 is none. Set it per group of metrics: a day's fails on weekly data. */
  readonly seasonPoints?: number;
  /** Shares of a surprise that go into level, trend and season. */
  readonly levelGain?: number;
  readonly trendGain?: number;
  readonly seasonGain?: number;
}

/** A surprise counts as at most so many deviations. */
const clipDeviations = 3;
/** Weight of the newest surprise in the deviation. */
const deviationGain = 0.02;
const valuesMin = 20;

/**
 * Additive Holt-Winters with clipped updates (Gelper et al., 2010) and the interval of its
 * state-space form (Hyndman et al., 2005). Prolongs a climb for ever, and needs a season to have
 * been seen whole before it knows it. O(1) per value, 8 bytes per value of the season.
 */
export class HoltWintersForecast implements SeriesForecast {
  readonly #levelGain: number;
  readonly #trendGain: number;
  readonly #seasonGain: number;
  #season: Float64Array<ArrayBuffer>;
  #level = 0;
  #trend = 0;
  #variance = 0;
  #count = 0;
  readonly #out: Expectation = { mean: 0, deviation: 0 };

  constructor(options: HoltWintersOptions = {}) {
    this.#levelGain = options.levelGain ?? 0.2;
    this.#trendGain = options.trendGain ?? 0.02;
    this.#seasonGain = options.seasonGain ?? 0.1;
    this.#season = new Float64Array(options.seasonPoints ?? 0);
  }

  learn(value: number): void {
    const place = this.#seasonPlace(0);
    this.#count += 1;
    if (this.#count <= this.#season.length) {
      this.#learnFirstSeason(place, value);
      return;
    }
    if (this.#count === 1) this.#level = Number.isNaN(value) ? 0 : value;
    const season = this.#season[place] ?? 0;
    const expected = this.#level + this.#trend;
    let error = Number.isNaN(value) ? 0 : value - expected - season;
    if (this.#count > this.#season.length + valuesMin) {
      const most = clipDeviations * Math.sqrt(this.#variance);
      error = Math.max(-most, Math.min(most, error));
    }
    this.#level = expected + this.#levelGain * error;
    this.#trend += this.#levelGain * this.#trendGain * error;
    if (place >= 0) this.#season[place] = season + this.#seasonGain * error;
    if (Number.isNaN(value)) return;
    const gain = Math.max(deviationGain, 1 / (this.#count - this.#season.length));
    this.#variance += gain * (error * error - this.#variance);
  }

  ahead(steps: number): Expectation {
    const out = this.#out;
    out.mean = Number.NaN;
    out.deviation = Number.NaN;
    if (this.#count < this.#season.length + valuesMin) return out;
    out.mean =
      this.#level + steps * this.#trend + (this.#season[this.#seasonPlace(steps - 1)] ?? 0);
    // The sum over the surprises to come of (level gain + trend's part of it)².
    const a = this.#levelGain;
    const b = a * this.#trendGain;
    const n = steps - 1;
    const trendPart = a * b * n * (n + 1) + (b * b * n * (n + 1) * (2 * n + 1)) / 6;
    out.deviation = Math.sqrt(this.#variance * (1 + n * a * a + trendPart));
    return out;
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#season);
    for (const value of [this.#level, this.#trend, this.#variance, this.#count]) {
      writer.number(value);
    }
  }

  readState(reader: StateReader): void {
    this.#season = reader.float64s();
    this.#level = reader.number();
    this.#trend = reader.number();
    this.#variance = reader.number();
    this.#count = reader.number();
  }

  /** The first season is what it is, about its mean. */
  #learnFirstSeason(place: number, value: number): void {
    const season = this.#season;
    season[place] = Number.isNaN(value) ? this.#level : value;
    this.#level += (season[place]! - this.#level) / this.#count;
    if (this.#count < season.length) return;
    for (let i = 0; i < season.length; i += 1) season[i]! -= this.#level;
  }

  /** Where the value so many steps after the next one stands in the season; -1 without one. */
  #seasonPlace(steps: number): number {
    const { length } = this.#season;
    return length === 0 ? -1 : (this.#count + steps) % length;
  }
}
