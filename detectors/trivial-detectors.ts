import type {
  Checkpointed,
  Detector,
  FrameScores,
  MetricsFrame,
} from '../core/observable/index.ts';
import { createDrawKey, uniformAt } from '../core/tools/index.ts';
import { restoreState, type StatePart, saveState } from './checkpoint/checkpoint.ts';
import { ScoreBuffers } from './score-buffers.ts';

/** The state of what learns nothing. */
const stateless: StatePart = { writeState() {}, readState() {} };

/** Alarms at random, one value in ten thousand: what any score must beat. */
export class RandomDetector implements Detector, Checkpointed {
  readonly name: string;
  readonly threshold: number = 0.9999;
  readonly #key: number;
  readonly #buffers = new ScoreBuffers();

  constructor(name: string, seed: number) {
    this.name = name;
    this.#key = createDrawKey(seed, 'random-detector');
  }

  /** Draws are addressed by column and time, so that asking twice changes nothing. */
  score(frame: MetricsFrame): FrameScores {
    const out = this.#buffers.clear(frame.values.length);
    for (let i = 0; i < out.scores.length; i += 1) {
      if (!Number.isNaN(frame.values[i]!)) out.scores[i] = uniformAt(this.#key, i, frame.atMs);
    }
    return out;
  }

  learn(): void {
    // There is nothing to learn from.
  }

  save(): Uint8Array {
    return saveState({ kind: this.name, version: 1, settings: { key: this.#key } }, stateless);
  }

  restore(bytes: Uint8Array): void {
    restoreState({ kind: this.name, version: 1, settings: { key: this.#key } }, bytes, stateless);
  }
}

/** Never alarms. */
export class ConstantDetector implements Detector, Checkpointed {
  readonly name: string;
  readonly threshold: number = 1;
  readonly #buffers = new ScoreBuffers();

  constructor(name: string) {
    this.name = name;
  }

  score(frame: MetricsFrame): FrameScores {
    const out = this.#buffers.clear(frame.values.length);
    out.scores.fill(0);
    return out;
  }

  learn(): void {
    // Its answer does not depend on what it saw.
  }

  save(): Uint8Array {
    return saveState({ kind: this.name, version: 1 }, stateless);
  }

  restore(bytes: Uint8Array): void {
    restoreState({ kind: this.name, version: 1 }, bytes, stateless);
  }
}
