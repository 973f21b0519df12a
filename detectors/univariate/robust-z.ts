import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
} from '../../core/observable/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ScoreBuffers } from '../score-buffers.ts';
import type { PointDetector, PointVerdict } from './point-verdict.ts';
import { verdictOf } from './point-verdict.ts';
import { SortedWindows } from './sorted-windows.ts';

export interface RobustZOptions {
  /** Values looked back on, 64 to 256. */
  readonly windowPoints?: number;
  readonly warmUpPoints?: number;
  /** Alarm at this many robust standard deviations. */
  readonly threshold?: number;
  /** The scale is never taken below this, nor below `scaleFloorShare` of the median. */
  readonly scaleFloor?: number;
  readonly scaleFloorShare?: number;
}

const defaults: Required<RobustZOptions> = {
  windowPoints: 128,
  warmUpPoints: 40,
  threshold: 3.5,
  scaleFloor: 1e-6,
  scaleFloorShare: 1e-3,
};

function robustZ(
  value: number,
  windows: SortedWindows,
  column: number,
  settings: Required<RobustZOptions>,
): number {
  const median = windows.median(column);
  const floor = Math.max(settings.scaleFloor, settings.scaleFloorShare * Math.abs(median));
  return (value - median) / Math.max(windows.scale(column), floor);
}

/**
 * Median/MAD z-score of one series (Iglewicz and Hoaglin 1993) with floors against a collapsing
 * MAD. The centre holds while under half the window is anomalous; the floored scale widens sooner,
 * which costs sensitivity, not false alarms. 0.4 µs per value at 128 points.
 */
export class RobustZ implements PointDetector, Checkpointed, StatePart {
  readonly threshold: number;
  readonly #settings: Required<RobustZOptions>;
  readonly #windows: SortedWindows;

  constructor(options: RobustZOptions = {}) {
    this.#settings = { ...defaults, ...options };
    this.threshold = this.#settings.threshold;
    this.#windows = new SortedWindows(this.#settings.windowPoints);
    this.#windows.grow(1);
  }

  score(value: number, atMs: number): PointVerdict {
    const warm = this.#windows.count(0) >= this.#settings.warmUpPoints;
    const score = warm ? Math.abs(robustZ(value, this.#windows, 0, this.#settings)) : Number.NaN;
    return verdictOf({ atMs, value }, score, this.threshold);
  }

  learn(value: number): void {
    if (!Number.isNaN(value)) this.#windows.push(0, value);
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    this.#windows.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#windows.readState(reader);
  }

  get #stateId(): StateId {
    return { kind: 'robust_z', version: 1, settings: { ...this.#settings } };
  }
}

/** The robust z-score on every column of a frame. */
export class RobustZDetector implements Detector, Checkpointed, StatePart {
  readonly name: string;
  readonly threshold: number;
  readonly #settings: Required<RobustZOptions>;
  readonly #windows: SortedWindows;
  readonly #buffers = new ScoreBuffers();

  constructor(name: string, options: RobustZOptions = {}) {
    this.name = name;
    this.#settings = { ...defaults, ...options };
    this.threshold = this.#settings.threshold;
    this.#windows = new SortedWindows(this.#settings.windowPoints);
  }

  score(frame: MetricsFrame): FrameScores {
    const { values } = frame;
    const out = this.#buffers.clear(values.length);
    for (let i = 0; i < values.length; i += 1) {
      if (this.#windows.count(i) < this.#settings.warmUpPoints) continue;
      const z = robustZ(values[i]!, this.#windows, i, this.#settings);
      out.expected[i] = this.#windows.median(i);
      out.zScores[i] = z;
      out.scores[i] = Math.abs(z);
    }
    return out;
  }

  learn(frame: MetricsFrame): void {
    const { values } = frame;
    this.#windows.grow(values.length);
    for (let i = 0; i < values.length; i += 1) {
      if (!Number.isNaN(values[i]!)) this.#windows.push(i, values[i]!);
    }
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    this.#windows.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#windows.readState(reader);
  }

  get #stateId(): StateId {
    return { kind: this.name, version: 1, settings: { ...this.#settings } };
  }
}
