import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Baseline } from './baseline.ts';
import type { PointStatistic } from './point-statistic.ts';
import { dailySeason, type Season, slotAt } from './season-slots.ts';

export interface OnlineStlOptions {
  readonly season: Season;
  /** Weights of the trend's first and second differences and of the season's change. */
  readonly stepWeight: number;
  readonly bendWeight: number;
  readonly seasonWeight: number;
  /** Passes of reweighting, each with a system of its own. */
  readonly passes: number;
}

const onlineStlDefaults: OnlineStlOptions = {
  season: dailySeason,
  stepWeight: 10,
  bendWeight: 10,
  seasonWeight: 5,
  passes: 4,
};

const memoryPoints = 2000;
/** Unknowns that later values can still move: trend and season of the last two instants. */
const open = 4;
const all = open + 2;
const weightMin = 1e-3;
/** What ties the season of a slot that has not been seen to 0. */
const newSlotWeight = 0.05;
/** Per pass: the reduced system of the open unknowns, row by row, and its right-hand side. */
const passDoubles = open * open + open;

/**
 * Residual of an online robust seasonal-trend decomposition: the value against the trend before it
 * and the season of its slot. Trend steps and bends are paid for in absolute values, so the trend
 * jumps when it must and is straight otherwise. Each new value appends two unknowns to a banded
 * least-squares system per reweighting pass; what is no longer open is eliminated for good. Needs
 * the right period; O(1), about 2 µs. After OneShotSTL (He et al. 2023), without its search for
 * season shifts.
 */
export class OnlineStl implements PointStatistic {
  readonly #options: OnlineStlOptions;
  /** Makes the weights hold in any unit. */
  readonly #baseline = new Baseline(memoryPoints);
  readonly #errors = new Baseline(memoryPoints);
  readonly #system = new Float64Array(all * (all + 1));
  #passes: Float64Array<ArrayBuffer>;
  #season: Float32Array<ArrayBuffer>;
  /** Trend of the last value, in the value's unit; NaN before the first. */
  #trend = Number.NaN;

  constructor(options: Partial<OnlineStlOptions> = {}) {
    this.#options = { ...onlineStlDefaults, ...options };
    this.#passes = new Float64Array(this.#options.passes * passDoubles);
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
    this.#baseline.learn(value);
    if (!this.#baseline.isReady) return;
    if (Number.isNaN(this.#trend)) this.#begin();
    this.#errors.learn(value - this.#forecast(atMs));
    const slot = slotAt(this.#options.season, atMs);
    const unit = this.#errors.isReady ? this.#errors.scale : this.#baseline.scale;
    const known = this.#season[slot]!;
    const { passes } = this.#options;
    // All passes work on distances from the trend so far, in scales.
    const size = (value - this.#trend) / unit;
    let stepWeight = 1;
    let bendWeight = 1;
    let trend = 0;
    let season = 0;
    for (let pass = 0; pass < passes; pass += 1) {
      this.#append(pass, size, known / unit, stepWeight, bendWeight);
      const solved = this.#solve();
      trend = solved[open]!;
      season = solved[open + 1]!;
      stepWeight = 1 / (2 * Math.abs(trend - solved[2]!) + weightMin);
      bendWeight = 1 / (2 * Math.abs(trend - 2 * solved[2]! + solved[0]!) + weightMin);
      this.#reduce(pass);
    }
    for (let pass = 0; pass < passes; pass += 1) this.#shift(pass, trend);
    this.#trend += trend * unit;
    this.#season[slot] = season * unit;
  }

  writeState(writer: StateWriter): void {
    this.#baseline.writeState(writer);
    this.#errors.writeState(writer);
    writer.array(this.#passes);
    writer.array(this.#season);
    writer.number(this.#trend);
  }

  readState(reader: StateReader): void {
    this.#baseline.readState(reader);
    this.#errors.readState(reader);
    this.#passes = reader.float64s();
    this.#season = reader.float32s();
    this.#trend = reader.number();
  }

  #forecast(atMs: number): number {
    const season = this.#season[slotAt(this.#options.season, atMs)]!;
    return this.#trend + (Number.isNaN(season) ? 0 : season);
  }

  /** Two earlier instants at the level, firmly known. */
  #begin(): void {
    this.#trend = this.#baseline.level;
    for (let pass = 0; pass < this.#options.passes; pass += 1) {
      for (let i = 0; i < open; i += 1) this.#passes[pass * passDoubles + i * open + i] = 1;
    }
  }

  /** The normal equations with the newest value, in `#system`: six rows of six and a constant. */
  #append(pass: number, size: number, known: number, stepBy: number, bendBy: number): void {
    const system = this.#system.fill(0);
    const from = pass * passDoubles;
    for (let i = 0; i < open; i += 1) {
      for (let j = 0; j < open; j += 1) {
        system[i * (all + 1) + j] = this.#passes[from + i * open + j]!;
      }
      system[i * (all + 1) + all] = this.#passes[from + open * open + i]!;
    }
    const { stepWeight, bendWeight, seasonWeight } = this.#options;
    addSquare(system, 1, [4, 1, 5, 1], size);
    addSquare(system, stepWeight * stepBy, [4, 1, 2, -1], 0);
    addSquare(system, bendWeight * bendBy, [4, 1, 2, -2, 0, 1], 0);
    const isNew = Number.isNaN(known);
    addSquare(system, isNew ? newSlotWeight : seasonWeight, [5, 1], isNew ? 0 : known);
  }

  #solve(): Float64Array {
    const system = this.#system.slice();
    for (let i = 0; i < all; i += 1) eliminate(system, i);
    const solved = new Float64Array(all);
    for (let i = all - 1; i >= 0; i -= 1) {
      let sum = system[i * (all + 1) + all]!;
      for (let j = i + 1; j < all; j += 1) sum -= system[i * (all + 1) + j]! * solved[j]!;
      solved[i] = sum / system[i * (all + 1) + i]!;
    }
    return solved;
  }

  /** Eliminates the oldest instant and keeps the rest. */
  #reduce(pass: number): void {
    const system = this.#system;
    eliminate(system, 0);
    eliminate(system, 1);
    const from = pass * passDoubles;
    for (let i = 0; i < open; i += 1) {
      for (let j = 0; j < open; j += 1) {
        this.#passes[from + i * open + j] = system[(i + 2) * (all + 1) + j + 2]!;
      }
      this.#passes[from + open * open + i] = system[(i + 2) * (all + 1) + all]!;
    }
  }

  /** Moves the origin of the trend unknowns, so that numbers stay small. */
  #shift(pass: number, by: number): void {
    const from = pass * passDoubles;
    for (let i = 0; i < open; i += 1) {
      this.#passes[from + open * open + i]! -=
        by * (this.#passes[from + i * open]! + this.#passes[from + i * open + 2]!);
    }
  }
}

/** Adds `weight (Σ factor x - target)²`; `terms` are pairs of unknown and factor. */
function addSquare(
  system: Float64Array,
  weight: number,
  terms: readonly number[],
  target: number,
): void {
  for (let a = 0; a < terms.length; a += 2) {
    const row = terms[a]! * (all + 1);
    const factor = weight * terms[a + 1]!;
    for (let b = 0; b < terms.length; b += 2) system[row + terms[b]!]! += factor * terms[b + 1]!;
    system[row + all]! += factor * target;
  }
}

/** Gaussian elimination of one unknown from the rows below it. */
function eliminate(system: Float64Array, unknown: number): void {
  const pivotRow = unknown * (all + 1);
  const pivot = system[pivotRow + unknown]!;
  for (let i = unknown + 1; i < all; i += 1) {
    const factor = system[i * (all + 1) + unknown]! / pivot;
    if (factor === 0) continue;
    for (let j = unknown; j <= all; j += 1) {
      system[i * (all + 1) + j]! -= factor * system[pivotRow + j]!;
    }
  }
}
