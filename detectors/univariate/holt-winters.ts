import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Baseline } from './baseline.ts';
import type { PointStatistic } from './point-statistic.ts';
import { dailySeason, type Season, slotAt } from './season-slots.ts';

export interface HoltWintersOptions {
  readonly season: Season;
  readonly levelGain: number;
  readonly trendGain: number;
  readonly seasonGain: number;
}

const holtWintersDefaults: HoltWintersOptions = {
  season: dailySeason,
  levelGain: 0.02,
  trendGain: 1e-4,
  seasonGain: 0.1,
};
const clipScales = 3;
const memoryPoints = 2000;

/**
 * Additive Holt-Winters with robust updates: forecast errors are clipped at three scales, so that
 * an outage does not become next day's norm. The period is set, not found: with a daily one a
 * weekend looks like a fault. Slots go by time, so missing values do not shift them. O(1), 4 bytes
 * per slot. Winters 1960, Gelper et al. 2010.
 */
export class HoltWinters implements PointStatistic {
  readonly #options: HoltWintersOptions;
  readonly #errors = new Baseline(memoryPoints);
  #season: Float32Array<ArrayBuffer>;
  #level = Number.NaN;
  #trend = 0;

  constructor(options: Partial<HoltWintersOptions> = {}) {
    this.#options = { ...holtWintersDefaults, ...options };
    this.#season = new Float32Array(this.#options.season.slots).fill(Number.NaN);
  }

  statistic(value: number, atMs: number): number {
    if (!this.#errors.isReady) return Number.NaN;
    return Math.abs(value - this.#forecast(atMs)) / this.#errors.scale;
  }

  expected(atMs: number): number {
    return this.#errors.isReady ? this.#forecast(atMs) : Number.NaN;
  }

  learn(value: number, atMs: number): void {
    if (Number.isNaN(this.#level)) this.#level = value;
    const { season, levelGain, trendGain, seasonGain } = this.#options;
    const slot = slotAt(season, atMs);
    const known = this.#season[slot]!;
    const error = value - this.#forecast(atMs);
    this.#errors.learn(error);
    const limit = this.#errors.isReady ? clipScales * this.#errors.scale : Number.POSITIVE_INFINITY;
    const clipped = Math.max(-limit, Math.min(limit, error));
    this.#level += this.#trend + levelGain * clipped;
    this.#trend = (1 - trendGain) * this.#trend + levelGain * trendGain * clipped;
    // What a slot shows first is taken over as it is; the level has had its part already.
    this.#season[slot] = Number.isNaN(known)
      ? (1 - levelGain) * clipped
      : known + seasonGain * (1 - levelGain) * clipped;
  }

  writeState(writer: StateWriter): void {
    this.#errors.writeState(writer);
    writer.array(this.#season);
    writer.number(this.#level);
    writer.number(this.#trend);
  }

  readState(reader: StateReader): void {
    this.#errors.readState(reader);
    this.#season = reader.float32s();
    this.#level = reader.number();
    this.#trend = reader.number();
  }

  #forecast(atMs: number): number {
    const season = this.#season[slotAt(this.#options.season, atMs)]!;
    return this.#level + this.#trend + (Number.isNaN(season) ? 0 : season);
  }
}
