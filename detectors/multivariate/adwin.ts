import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

export interface AdwinOptions {
  /** Confidence: the chance of a false cut at one test. */
  readonly delta?: number;
  /** Values between two tests. */
  readonly testEvery?: number;
}

/** Buckets of one size before two are merged. */
const bucketsPerSize = 5;
/** Either side of a cut holds at least this many values, as the paper's authors have it. */
const sideMin = 5;

/**
 * ADWIN (Bifet and Gavalda 2007): a window of values that drops its older part as soon as two parts
 * of it differ in their mean by more than chance allows. Values stand in buckets of 2^i, five of a
 * size, so memory and a test are O(log values). Assumes values that do not depend on each other:
 * with strong autocorrelation it cuts too often.
 */
export class Adwin implements StatePart {
  readonly #delta: number;
  readonly #testEvery: number;
  /** Buckets from the oldest on: number of values, their sum, their squared deviations. */
  #counts: number[] = [];
  #sums: number[] = [];
  #squares: number[] = [];
  #seen = 0;

  constructor(options: AdwinOptions = {}) {
    this.#delta = options.delta ?? 0.002;
    this.#testEvery = options.testEvery ?? 32;
  }

  /** Values in the window. */
  get width(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get mean(): number {
    return this.#sums.reduce((sum, value) => sum + value, 0) / this.width;
  }

  /** Buckets held, to tell what it costs. */
  get buckets(): number {
    return this.#counts.length;
  }

  /** Takes a value in; whether older ones were dropped because the mean has changed. */
  add(value: number): boolean {
    this.#counts.push(1);
    this.#sums.push(value);
    this.#squares.push(0);
    this.#merge();
    this.#seen += 1;
    if (this.#seen % this.#testEvery !== 0) return false;
    let isCut = false;
    while (this.#isOldestApart()) {
      this.#counts.shift();
      this.#sums.shift();
      this.#squares.shift();
      isCut = true;
    }
    return isCut;
  }

  writeState(writer: StateWriter): void {
    writer.arrays([this.#counts, this.#sums, this.#squares].map((one) => Float64Array.from(one)));
    writer.number(this.#seen);
  }

  readState(reader: StateReader): void {
    const [counts, sums, squares] = reader.arrays((one) => [...one.float64s()]);
    this.#counts = counts!;
    this.#sums = sums!;
    this.#squares = squares!;
    this.#seen = reader.number();
  }

  /** Merges the two oldest buckets of a size wherever there are more than five of it. */
  #merge(): void {
    let last = this.#counts.length - 1;
    while (last >= 0) {
      const size = this.#counts[last]!;
      let first = last;
      while (first > 0 && this.#counts[first - 1] === size) first -= 1;
      if (last - first + 1 <= bucketsPerSize) return;
      const [left, right] = [this.#sums[first]!, this.#sums[first + 1]!];
      const apart = left / size - right / size;
      this.#squares[first]! += this.#squares[first + 1]! + (apart * apart * size) / 2;
      this.#sums[first] = left + right;
      this.#counts[first] = 2 * size;
      this.#counts.splice(first + 1, 1);
      this.#sums.splice(first + 1, 1);
      this.#squares.splice(first + 1, 1);
      last = first;
    }
  }

  /** Whether some cut of the window leaves two means too far apart. */
  #isOldestApart(): boolean {
    const n = this.width;
    if (n < 2 * sideMin) return false;
    const total = this.#sums.reduce((sum, value) => sum + value, 0);
    const centre = total / n;
    let spread = 0;
    for (let i = 0; i < this.#counts.length; i += 1) {
      const away = this.#sums[i]! / this.#counts[i]! - centre;
      spread += this.#squares[i]! + this.#counts[i]! * away * away;
    }
    const log = Math.log((2 * Math.log(n)) / this.#delta);
    let [older, olderSum] = [0, 0];
    for (let i = 0; i < this.#counts.length - 1; i += 1) {
      older += this.#counts[i]!;
      olderSum += this.#sums[i]!;
      const newer = n - older;
      if (older < sideMin) continue;
      if (newer < sideMin) break;
      const harmonic = 1 / (1 / older + 1 / newer);
      const bound = Math.sqrt((2 / harmonic) * (spread / n) * log) + (2 / (3 * harmonic)) * log;
      if (Math.abs(olderSum / older - (total - olderSum) / newer) > bound) return true;
    }
    return false;
  }
}
