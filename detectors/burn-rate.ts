import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
  SeriesIndex,
} from '../core/observable/index.ts';
import { UsageError } from '../core/tools/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from './checkpoint/checkpoint.ts';
import type { StateReader } from './checkpoint/state-reader.ts';
import type { StateWriter } from './checkpoint/state-writer.ts';
import { RatioWindows } from './ratio-windows.ts';
import { ScoreBuffers } from './score-buffers.ts';

/** An alert: the error budget burns so many times too fast, over the long window and the short. */
export interface BurnRateAlert {
  readonly burnRate: number;
  readonly longMs: number;
  readonly shortMs: number;
}

export interface BurnRateOptions {
  /** Share of user requests that must be good. */
  readonly objective: number;
  readonly alerts: readonly BurnRateAlert[];
  /** Factor on all windows, for runs much shorter than days. */
  readonly scale: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** For an objective over 30 days: 2 % of the budget in an hour, 5 % in 6 hours, 10 % in 3 days. */
const defaults: BurnRateOptions = {
  objective: 0.999,
  alerts: [
    { burnRate: 14.4, longMs: hourMs, shortMs: 5 * minuteMs },
    { burnRate: 6, longMs: 6 * hourMs, shortMs: 30 * minuteMs },
    { burnRate: 1, longMs: 72 * hourMs, shortMs: 6 * hourMs },
  ],
  scale: 1,
};

/** Parts of the shortest window by which time moves on: windows are exact to as much. */
const resolution = 20;

/**
 * Multi-window, multi-burn-rate alerts on the error ratio of each user journey (Beyer et al., The
 * Site Reliability Workbook, chapter 5, 2018): an alert needs its burn rate over a long window, so
 * that it matters, and over a short one, so that it is still going on. Time before the first scrape
 * counts as good. Blind to latency and to whatever users do not feel; a few failures are an alarm
 * where there are few requests. O(1) per value, 280 KB per journey.
 */
export class BurnRate implements Detector, Checkpointed, StatePart {
  readonly name: string;
  /** Score 1: the burn rate of one of the alerts is reached in both its windows. */
  readonly threshold: number = 1;
  readonly #options: BurnRateOptions;
  readonly #windows: RatioWindows;
  readonly #buffers = new ScoreBuffers();
  /** The columns of error ratios, and of the request rates that go with them; -1 without one. */
  #ratioColumns: number[] = [];
  #rateColumns: number[] = [];
  #columns = 0;
  #lastAtMs = Number.NaN;

  constructor(name: string, options: Partial<BurnRateOptions> = {}) {
    this.name = name;
    this.#options = { ...defaults, ...options };
    const { objective, alerts, scale } = this.#options;
    if (!(objective > 0 && objective < 1)) {
      throw new UsageError(`burn rate: expected an objective between 0 and 1, got ${objective}`);
    }
    this.#windows = new RatioWindows({
      stepMs: (scale * Math.min(...alerts.map(({ shortMs }) => shortMs))) / resolution,
      longestMs: scale * Math.max(...alerts.map(({ longMs }) => longMs)),
    });
  }

  score(frame: MetricsFrame): FrameScores {
    const { values, atMs } = frame;
    const out = this.#buffers.clear(values.length);
    this.#grow(frame.index, values.length);
    const budget = 1 - this.#options.objective;
    for (const [row, column] of this.#ratioColumns.entries()) {
      const requests = this.#requestsOf(row, frame);
      if (Number.isNaN(requests)) continue;
      const errors = requests * values[column]!;
      const ratio = (windowMs: number): number =>
        this.#windows.ratio(row, windowMs * this.#options.scale, { atMs, errors, requests });
      let score = 0;
      for (const { burnRate, longMs, shortMs } of this.#options.alerts) {
        const burnt = Math.min(ratio(longMs), ratio(shortMs)) / budget;
        score = Math.max(score, burnt / burnRate);
      }
      out.scores[column] = score;
      out.expected[column] = budget;
      const deviation = Math.sqrt((budget * (1 - budget)) / Math.max(1, requests));
      out.zScores[column] = (values[column]! - budget) / deviation;
    }
    return out;
  }

  learn(frame: MetricsFrame): void {
    const { values, atMs } = frame;
    this.#grow(frame.index, values.length);
    for (const [row, column] of this.#ratioColumns.entries()) {
      const requests = this.#requestsOf(row, frame);
      if (Number.isNaN(requests)) continue;
      this.#windows.add(row, { atMs, errors: requests * values[column]!, requests });
    }
    this.#lastAtMs = atMs;
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#columns);
    writer.array(Int32Array.from(this.#ratioColumns));
    writer.array(Int32Array.from(this.#rateColumns));
    writer.number(this.#lastAtMs);
    this.#windows.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#columns = reader.integer();
    this.#ratioColumns = [...reader.int32s()];
    this.#rateColumns = [...reader.int32s()];
    this.#lastAtMs = reader.number();
    this.#windows.readState(reader);
  }

  get #stateId(): StateId {
    return { kind: this.name, version: 1, settings: { ...this.#options } };
  }

  /** The requests since the last frame; NaN where that is not known. */
  #requestsOf(row: number, { atMs, values }: MetricsFrame): number {
    const rate = values[this.#rateColumns[row]!] ?? Number.NaN;
    const ratio = values[this.#ratioColumns[row]!]!;
    if (Number.isNaN(ratio)) return Number.NaN;
    const seconds = (atMs - this.#lastAtMs) / 1000;
    return rate * seconds;
  }

  #grow({ series }: SeriesIndex, columns: number): void {
    const from = this.#columns;
    if (from >= columns) return;
    for (let column = from; column < columns; column += 1) {
      if (series[column]!.signal !== 'user_error_ratio') continue;
      const { component } = series[column]!;
      this.#ratioColumns.push(column);
      this.#rateColumns.push(
        series.findIndex(
          (one) => one.signal === 'user_request_rate' && one.component === component,
        ),
      );
    }
    this.#columns = columns;
    this.#windows.grow(this.#ratioColumns.length);
  }
}
