import type { AlarmLevel } from '../../core/truth/index.ts';

/** In units of a detector's own threshold; the spacing is finer where ours works. */
const levels: readonly number[] = [
  0.25, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4, 1.6, 1.8, 2, 2.8, 4, 5.6, 8, 11, 16, 32,
];

/** Alarms of a level with less than this between them are one incident. */
const gapMs = 300_000;

/**
 * When incidents would have opened had the detector's threshold been another: one look at a run
 * gives its whole operating curve. Says nothing about which components an incident holds.
 */
export class AlarmLevels {
  readonly #lastMs: Float64Array = new Float64Array(levels.length).fill(Number.NEGATIVE_INFINITY);
  readonly #opened: number[][] = levels.map(() => []);

  /** `strength` is the frame's highest score in units of the threshold. */
  observe(atMs: number, strength: number): void {
    for (let i = 0; i < levels.length && strength >= (levels[i] as number); i += 1) {
      if (atMs - (this.#lastMs[i] as number) > gapMs) this.#opened[i]?.push(atMs);
      this.#lastMs[i] = atMs;
    }
  }

  result(): AlarmLevel[] {
    return levels.map((level, i) => ({ level, openedAtMs: this.#opened[i] as number[] }));
  }
}
