import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
} from '../../core/observable/index.ts';
import { UsageError } from '../../core/tools/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ScoreBuffers } from '../score-buffers.ts';
import type { PointDetector, PointVerdict } from './point-verdict.ts';
import { verdictOf } from './point-verdict.ts';
import { WindowedMoments } from './windowed-moments.ts';

export interface SlidingZScoreOptions {
  /** Values looked back on, at most 1,000. */
  readonly windowPoints?: number;
  /** Values needed before there is an opinion. */
  readonly warmUpPoints?: number;
  /** Alarm at this many standard deviations. */
  readonly threshold?: number;
  /**
   * The standard deviation is never taken below this, nor below `deviationFloorShare` of the mean.
   */
  readonly deviationFloor?: number;
  readonly deviationFloorShare?: number;
}

const defaults: Required<SlidingZScoreOptions> = {
  windowPoints: 1000,
  warmUpPoints: 60,
  threshold: 3,
  deviationFloor: 1e-6,
  deviationFloorShare: 1e-3,
};

function settingsOf(options: SlidingZScoreOptions): Required<SlidingZScoreOptions> {
  const settings = { ...defaults, ...options };
  const { windowPoints } = settings;
  if (!Number.isInteger(windowPoints) || windowPoints < 2 || windowPoints > 1000) {
    throw new UsageError(
      `z-score window: expected a whole number from 2 to 1000 points, got ${windowPoints}`,
    );
  }
  return { ...settings, warmUpPoints: Math.min(settings.warmUpPoints, windowPoints) };
}

function deviationFrom(
  value: number,
  mean: number,
  deviation: number,
  settings: Required<SlidingZScoreOptions>,
): number {
  const floor = Math.max(settings.deviationFloor, settings.deviationFloorShare * Math.abs(mean));
  return (value - mean) / Math.max(deviation, floor);
}

/**
 * z-score of one series over a sliding window of values. Blind to slow drift and poisoned by the
 * anomalies it learns; O(1) per value, 8 KB. Shewhart 1931, on a window.
 */
export class SlidingZScore implements PointDetector, Checkpointed, StatePart {
  readonly threshold: number;
  readonly #settings: Required<SlidingZScoreOptions>;
  readonly #moments: WindowedMoments;

  constructor(options: SlidingZScoreOptions = {}) {
    this.#settings = settingsOf(options);
    this.threshold = this.#settings.threshold;
    this.#moments = new WindowedMoments(this.#settings.windowPoints);
    this.#moments.grow(1);
  }

  score(value: number, atMs: number): PointVerdict {
    const warm = this.#moments.count(0) >= this.#settings.warmUpPoints;
    const score = warm
      ? Math.abs(
          deviationFrom(value, this.#moments.mean(0), this.#moments.deviation(0), this.#settings),
        )
      : Number.NaN;
    return verdictOf({ atMs, value }, score, this.threshold);
  }

  learn(value: number): void {
    if (!Number.isNaN(value)) this.#moments.push(0, value);
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    this.#moments.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#moments.readState(reader);
  }

  get #stateId(): StateId {
    return { kind: 'z_score', version: 1, settings: { ...this.#settings } };
  }
}

/** The sliding-window z-score on every column of a frame; learns anomalies like everything else. */
export class SlidingZScoreDetector implements Detector, Checkpointed, StatePart {
  readonly name: string;
  readonly threshold: number;
  readonly #settings: Required<SlidingZScoreOptions>;
  readonly #moments: WindowedMoments;
  readonly #buffers = new ScoreBuffers();

  constructor(name: string, options: SlidingZScoreOptions = {}) {
    this.name = name;
    this.#settings = settingsOf(options);
    this.threshold = this.#settings.threshold;
    this.#moments = new WindowedMoments(this.#settings.windowPoints);
  }

  score(frame: MetricsFrame): FrameScores {
    const { values } = frame;
    const out = this.#buffers.clear(values.length);
    for (let i = 0; i < values.length; i += 1) {
      if (this.#moments.count(i) < this.#settings.warmUpPoints) continue;
      const mean = this.#moments.mean(i);
      const z = deviationFrom(values[i]!, mean, this.#moments.deviation(i), this.#settings);
      out.expected[i] = mean;
      out.zScores[i] = z;
      out.scores[i] = Math.abs(z);
    }
    return out;
  }

  learn(frame: MetricsFrame): void {
    const { values } = frame;
    this.#moments.grow(values.length);
    for (let i = 0; i < values.length; i += 1) {
      if (!Number.isNaN(values[i]!)) this.#moments.push(i, values[i]!);
    }
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    this.#moments.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#moments.readState(reader);
  }

  get #stateId(): StateId {
    return { kind: this.name, version: 1, settings: { ...this.#settings } };
  }
}
