/**
 * Lets a score through only when it exceeds every score of the last `memoryMs`: one alarm per event
 * instead of one per value, which also makes the first alarm of an event the one that counts. Hides
 * a second, weaker event within the memory. Amortised O(1) per value.
 */
export class RecordPeak {
  readonly #memoryMs: number;
  /** Scores that are not yet outdone by a later one, falling; and when they were. */
  #scores: number[] = [];
  #instants: number[] = [];
  #first = 0;

  constructor(memoryMs: number) {
    this.#memoryMs = memoryMs;
  }

  isRecord(score: number, atMs: number): boolean {
    let i = this.#first;
    while (i < this.#scores.length && this.#instants[i]! < atMs - this.#memoryMs) i += 1;
    return i >= this.#scores.length || score > this.#scores[i]!;
  }

  learn(score: number, atMs: number): void {
    while (
      this.#first < this.#scores.length &&
      this.#instants[this.#first]! < atMs - this.#memoryMs
    ) {
      this.#first += 1;
    }
    while (this.#scores.length > this.#first && this.#scores.at(-1)! <= score) {
      this.#scores.pop();
      this.#instants.pop();
    }
    if (this.#first > 1024) {
      this.#scores = this.#scores.slice(this.#first);
      this.#instants = this.#instants.slice(this.#first);
      this.#first = 0;
    }
    this.#scores.push(score);
    this.#instants.push(atMs);
  }
}
