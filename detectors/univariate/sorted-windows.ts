import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';

const blockColumns = 32;

/**
 * Exact median and robust scale over the last `windowPoints` values of many columns. Keeps each
 * window twice, in order of arrival and sorted; a value costs a few binary searches and two short
 * block moves. 16 bytes per kept point.
 */
export class SortedWindows implements StatePart {
  readonly windowPoints: number;
  #rings: Float64Array[] = [];
  #sorted: Float64Array[] = [];
  #counts = new Float64Array(0);
  #heads = new Float64Array(0);
  #medians = new Float64Array(0);
  #scales = new Float64Array(0);

  constructor(windowPoints: number) {
    this.windowPoints = windowPoints;
  }

  grow(columns: number): void {
    while (this.#rings.length * blockColumns < columns) {
      this.#rings.push(new Float64Array(blockColumns * this.windowPoints));
      this.#sorted.push(new Float64Array(blockColumns * this.windowPoints));
    }
    const capacity = this.#rings.length * blockColumns;
    this.#counts = grown(this.#counts, capacity);
    this.#heads = grown(this.#heads, capacity);
    this.#medians = grown(this.#medians, capacity);
    this.#scales = grown(this.#scales, capacity);
  }

  count(column: number): number {
    return column < this.#counts.length ? this.#counts[column]! : 0;
  }

  median(column: number): number {
    return this.#medians[column]!;
  }

  /** Standard deviation as seen by the widest of MAD, interquartile range and 1-99 % range. */
  scale(column: number): number {
    return this.#scales[column]!;
  }

  push(column: number, value: number): void {
    const block = Math.floor(column / blockColumns);
    const start = (column % blockColumns) * this.windowPoints;
    const ring = this.#rings[block]!;
    const sorted = this.#sorted[block]!;
    const head = this.#heads[column]!;
    let end = start + this.#counts[column]!;
    if (end === start + this.windowPoints) {
      const leaves = firstAtLeast(sorted, start, end, ring[start + head]!);
      sorted.copyWithin(leaves, leaves + 1, end);
      end -= 1;
    } else {
      this.#counts[column]! += 1;
    }
    const enters = firstAtLeast(sorted, start, end, value);
    sorted.copyWithin(enters + 1, enters, end);
    sorted[enters] = value;
    ring[start + head] = value;
    this.#heads[column] = head + 1 === this.windowPoints ? 0 : head + 1;
    const median = quantileBetween(sorted, start, end + 1, 0.5);
    this.#medians[column] = median;
    this.#scales[column] = robustScale(sorted, start, end + 1, median);
  }

  writeState(writer: StateWriter): void {
    writer.arrays(this.#rings);
    writer.arrays(this.#sorted);
    writer.array(this.#counts);
    writer.array(this.#heads);
    writer.array(this.#medians);
    writer.array(this.#scales);
  }

  readState(reader: StateReader): void {
    this.#rings = reader.arrays((inner) => inner.float64s());
    this.#sorted = reader.arrays((inner) => inner.float64s());
    this.#counts = reader.float64s();
    this.#heads = reader.float64s();
    this.#medians = reader.float64s();
    this.#scales = reader.float64s();
  }
}

function firstAtLeast(sorted: Float64Array, from: number, until: number, value: number): number {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `quantileSorted` on a part of an array, without making a view of it. */
function quantileBetween(sorted: Float64Array, from: number, until: number, q: number): number {
  const position = from + (until - from - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + ((below + 1 < until ? sorted[below + 1]! : low) - low) * (position - below);
}

function robustScale(sorted: Float64Array, from: number, until: number, median: number): number {
  const quartiles =
    quantileBetween(sorted, from, until, 0.75) - quantileBetween(sorted, from, until, 0.25);
  const range =
    quantileBetween(sorted, from, until, 0.99) - quantileBetween(sorted, from, until, 0.01);
  const distance = medianDistance(sorted, from, until, median);
  return Math.max(1.4826 * distance, quartiles / 1.349, range / 4.65);
}

/**
 * The median distance to the median. The values nearest to it are a run of the sorted window; its
 * left end is found by bisection, so the walk over half the window is not needed.
 */
function medianDistance(sorted: Float64Array, from: number, until: number, median: number): number {
  const size = until - from;
  const upper = nearestRadius(sorted, from, until, median, (size >> 1) + 1);
  if (size % 2 === 1) return upper;
  return (upper + nearestRadius(sorted, from, until, median, size >> 1)) / 2;
}

/** The distance of the `rank`-th nearest value. */
function nearestRadius(
  sorted: Float64Array,
  from: number,
  until: number,
  median: number,
  rank: number,
): number {
  let low = from;
  let high = until - rank;
  while (low < high) {
    const left = (low + high) >>> 1;
    if (median - sorted[left]! > sorted[left + rank]! - median) low = left + 1;
    else high = left;
  }
  return Math.max(median - sorted[low]!, sorted[low + rank - 1]! - median);
}
