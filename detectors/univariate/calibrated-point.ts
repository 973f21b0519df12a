import type { Checkpointed } from '../../core/observable/index.ts';
import { restoreState, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { PointStatistic } from './point-statistic.ts';
import { type PointDetector, type PointVerdict, verdictOf } from './point-verdict.ts';
import { ScoreTail } from './score-tail.ts';

/** -log10 p at which a value is an alarm: one in three thousand. */
const alarmSurprise = 3.5;
const stateVersion = 2;

/**
 * A univariate method made a detector: its statistic is told as -log10 p by what it was in the
 * past, also where the method speaks in -log10 p by itself.
 */
export class CalibratedPoint implements PointDetector, Checkpointed, StatePart {
  readonly threshold: number = alarmSurprise;
  readonly #name: string;
  readonly #method: PointStatistic;
  readonly #tail: ScoreTail;
  /** What the method said of the last value scored, so that `learn` need not ask again. */
  #scored = { value: Number.NaN, atMs: Number.NaN, statistic: Number.NaN };

  /** `isBounded` says that the statistic has a maximum, so that no value is off its scale. */
  constructor(name: string, method: PointStatistic, options: { isBounded?: boolean } = {}) {
    this.#name = name;
    this.#method = method;
    this.#tail = new ScoreTail(options.isBounded ? { priorOutliers: 0 } : {});
  }

  score(value: number, atMs: number): PointVerdict {
    return verdictOf({ atMs, value }, this.surprise(value, atMs), this.threshold);
  }

  /** -log10 p of a value; NaN for a missing one and while warming up. */
  surprise(value: number, atMs: number): number {
    if (!Number.isFinite(value)) return Number.NaN;
    const statistic = this.#method.statistic(value, atMs);
    this.#scored = { value, atMs, statistic };
    return this.#tail.surprise(statistic);
  }

  expected(atMs: number): number {
    return this.#method.expected(atMs);
  }

  learn(value: number, atMs: number): void {
    if (!Number.isFinite(value)) return;
    const { value: scored, atMs: scoredAtMs, statistic } = this.#scored;
    const isKnown = scored === value && scoredAtMs === atMs;
    this.#tail.learn(isKnown ? statistic : this.#method.statistic(value, atMs));
    this.#method.learn(value, atMs);
    this.#scored.value = Number.NaN;
  }

  save(): Uint8Array {
    return saveState({ kind: this.#name, version: stateVersion }, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState({ kind: this.#name, version: stateVersion }, bytes, this);
  }

  writeState(writer: StateWriter): void {
    this.#method.writeState(writer);
    this.#tail.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#method.readState(reader);
    this.#tail.readState(reader);
    this.#scored.value = Number.NaN;
  }
}
