import type { FrameScores } from '../core/observable/index.ts';

/**
 * The three result arrays of a frame detector, reused between frames and grown when columns appear.
 */
export class ScoreBuffers {
  #store = new Float64Array(0);
  #capacity = 0;
  #view: FrameScores = { scores: this.#store, expected: this.#store, zScores: this.#store };

  /** Arrays of exactly `columns` entries, all NaN; valid until the next call. */
  clear(columns: number): FrameScores {
    const view = this.take(columns);
    this.#store.fill(Number.NaN);
    return view;
  }

  /** The same with whatever they hold, for who writes every entry. */
  take(columns: number): FrameScores {
    if (columns > this.#capacity) {
      this.#capacity = Math.max(columns, 2 * this.#capacity, 64);
      this.#store = new Float64Array(3 * this.#capacity);
      this.#view = this.#slice(columns);
    } else if (this.#view.scores.length !== columns) {
      this.#view = this.#slice(columns);
    }
    return this.#view;
  }

  #slice(columns: number): FrameScores {
    const from = (part: number): Float64Array =>
      this.#store.subarray(part * this.#capacity, part * this.#capacity + columns);
    return { scores: from(0), expected: from(1), zScores: from(2) };
  }
}

/**
 * The array itself where it has `length` entries; else a copy of twice the length at least, the new
 * entries 0. Checkpoints keep lengths: a detection in two parts must grow as an undivided one does.
 */
export function grown(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const wider = new Float64Array(Math.max(length, 2 * array.length));
  wider.set(array);
  return wider;
}
