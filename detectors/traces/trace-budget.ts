/**
 * Counts what may be kept: every trace that comes earns its share of a token, a kept one costs a
 * token, and at most the share of `burstTraces` is saved up. It begins with nothing saved, so the
 * kept are never more than the share of those that came; and of any n in a row, at most the share
 * of n + `burstTraces`.
 */
export class TraceBudget {
  readonly share: number;
  /** Tokens that can be saved up. */
  readonly capacity: number;
  #tokens = 0;

  constructor({ share, burstTraces }: { readonly share: number; readonly burstTraces: number }) {
    this.share = share;
    this.capacity = Math.max(1, share * burstTraces);
  }

  /** How full it is, 0 to 1. */
  get fill(): number {
    return this.#tokens / this.capacity;
  }

  earn(traces: number): void {
    this.#tokens = Math.min(this.capacity, this.#tokens + this.share * traces);
  }

  /** Takes a token if that leaves at least `reserve` (0 to 1) of the capacity. */
  trySpend(reserve: number): boolean {
    // A hair of slack: twenty times 0.05 is not quite one.
    if (this.#tokens - 1 < reserve * this.capacity - 1e-9) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }
}
