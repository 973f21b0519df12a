/**
 * The newest values by text, in two generations: when the young one is full, it becomes the old
 * one, and what was not asked for since is gone. Never more than `entriesMax`.
 */
export class SkeletonCache<T> {
  readonly #generationMax: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  constructor(entriesMax: number) {
    this.#generationMax = Math.max(1, entriesMax >> 1);
  }

  get(text: string): T | undefined {
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const old = this.#old.get(text);
    if (old === undefined) return undefined;
    this.#old.delete(text);
    this.set(text, old);
    return old;
  }

  set(text: string, value: T): void {
    if (this.#young.size >= this.#generationMax && !this.#young.has(text)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
  }

  /** Keeps the entries whose value passes. */
  keep(isKept: (value: T) => boolean): void {
    for (const generation of [this.#young, this.#old]) {
      for (const [text, value] of generation) if (!isKept(value)) generation.delete(text);
    }
  }

  /** The entries of the old generation, then those of the young one, oldest first. */
  generations(): readonly [old: [string, T][], young: [string, T][]] {
    return [[...this.#old], [...this.#young]];
  }

  /** Takes over what {@link generations} gave. */
  restore([old, young]: readonly [Iterable<[string, T]>, Iterable<[string, T]>]): void {
    this.#old = new Map(old);
    this.#young = new Map(young);
  }
}
