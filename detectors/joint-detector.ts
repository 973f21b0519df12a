import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
} from '../core/observable/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from './checkpoint/checkpoint.ts';
import type { StateReader } from './checkpoint/state-reader.ts';
import type { StateWriter } from './checkpoint/state-writer.ts';
import { ScoreBuffers } from './score-buffers.ts';

/** Signals of one component that must agree before any of them is believed. */
const signalsMin = 2;

/**
 * Joint detection over several metrics: an alarm of the inner detector counts only while two or
 * more signals of the same component alarm. Misses faults that show in one signal; adds O(columns).
 */
export class JointDetector implements Detector, Checkpointed, StatePart {
  readonly name: string;
  readonly threshold: number;
  readonly #inner: Detector & StatePart;
  readonly #buffers = new ScoreBuffers();
  readonly #components: number[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(name: string, inner: Detector & StatePart) {
    this.name = name;
    this.#inner = inner;
    this.threshold = inner.threshold;
  }

  score(frame: MetricsFrame): FrameScores {
    const inner = this.#inner.score(frame);
    const out = this.#buffers.clear(frame.values.length);
    this.#growComponents(frame);
    const agreeing = new Uint16Array(this.#numbers.size);
    for (let i = 0; i < inner.scores.length; i += 1) {
      if (inner.scores[i]! >= this.threshold) agreeing[this.#components[i]!]! += 1;
    }
    out.expected.set(inner.expected);
    out.zScores.set(inner.zScores);
    for (let i = 0; i < inner.scores.length; i += 1) {
      const score = inner.scores[i]!;
      const isAlone = score >= this.threshold && agreeing[this.#components[i]!]! < signalsMin;
      out.scores[i] = isAlone ? 0.99 * this.threshold : score;
    }
    return out;
  }

  learn(frame: MetricsFrame): void {
    this.#inner.learn(frame);
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  /** Components are read off the frames again. */
  writeState(writer: StateWriter): void {
    this.#inner.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#inner.readState(reader);
  }

  get #stateId(): StateId {
    return { kind: this.name, version: 1, settings: { inner: this.#inner.name } };
  }

  #growComponents({ index, values }: MetricsFrame): void {
    for (let i = this.#components.length; i < values.length; i += 1) {
      const { component } = index.series[i]!;
      const number = this.#numbers.get(component) ?? this.#numbers.size;
      this.#numbers.set(component, number);
      this.#components.push(number);
    }
  }
}
