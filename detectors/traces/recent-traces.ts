/** Of what was seen in the last scrapes, this share is kept from one to the next. */
const recentKept = 0.75;

/** How many traces there were lately, and how rare a thing is among them. */
export class RecentTraces {
  #count = 0;

  /** Begins a scrape of so many traces. */
  add(traces: number): void {
    this.#count = fade(this.#count, traces);
  }

  /**
   * How rare something is that was met so often lately, -log10 of its share of traces; 0 or more.
   */
  rarity(recent: number): number {
    return Math.max(0, -Math.log10((recent + 0.5) / (this.#count + 1)));
  }
}

/** What was counted over the last four or so scrapes, older ones counting less. */
export function fade(recent: number, now: number): number {
  return recentKept * recent + now;
}
