import type { Checkpointed } from '../../core/observable/index.ts';
import { restoreState, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { PointStatistic } from './point-statistic.ts';
import { type PointDetector, type PointVerdict, verdictOf } from './point-verdict.ts';
import { ScoreTail } from './score-tail.ts';

/** -log10 p at which a value is an alarm: one in ten thousand. */
const alarmSurprise = 4;
const stateVersion = 1;

/**
 * A univariate method made a detector: its statistic is told as -log10 p, by its own past or, for a
 * method that speaks in -log10 p already, as it is.
 */
export class CalibratedPoint implements PointDetector, Checkpointed, StatePart {
  readonly threshold: number = alarmSurprise;
  readonly #name: string;
  readonly #method: PointStatistic;
  readonly #tail: ScoreTail | null;
  /** What the method said of the last value scored, so that `learn` need not ask again. */
  #scored = { value: Number.NaN, atMs: Number.NaN, statistic: Number.NaN };

  constructor(name: string, method: PointStatistic, options: { isCalibrated?: boolean } = {}) {
    this.#name = name;
    this.#method = method;
    this.#tail = options.isCalibrated ? null : new ScoreTail();
  }

  score(value: number, atMs: number): PointVerdict {
    return verdictOf({ atMs, value }, this.surprise(value, atMs), this.threshold);
  }

  /** -log10 p of a value; NaN for a missing one and while warming up. */
  surprise(value: number, atMs: number): number {
    if (!Number.isFinite(value)) return Number.NaN;
    const statistic = this.#method.statistic(value, atMs);
    this.#scored = { value, atMs, statistic };
    return this.#tail ? this.#tail.surprise(statistic) : statistic;
  }

  expected(atMs: number): number {
    return this.#method.expected(atMs);
  }

  learn(value: number, atMs: number): void {
    if (!Number.isFinite(value)) return;
    if (this.#tail) {
      const { value: scored, atMs: scoredAtMs, statistic } = this.#scored;
      const isKnown = scored === value && scoredAtMs === atMs;
      this.#tail.learn(isKnown ? statistic : this.#method.statistic(value, atMs));
    }
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
    this.#tail?.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#method.readState(reader);
    this.#tail?.readState(reader);
    this.#scored.value = Number.NaN;
  }
}
