import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

const bins = 128;
const leastMs = 0.005;
/** Bins are 15 % wide and reach from 5 µs to 5 min. */
const logWidth = Math.log(1.15);
/** Counts are halved at so many, which lets old times fade. */
const countMax = 20_000;
/** No opinion on an operation before. */
const countMin = 50;
/** The tail is counted down to so many times, and continued as a power law beyond. */
const tailCount = 8;
/** What the continued tail may add to what was counted, in powers of ten: it is a guess. */
const guessMax = 2;

/**
 * Times of many operations, one histogram of 128 logarithmic bins each (DDSketch's idea, Masson et
 * al., VLDB 2019): relative error 7 %, 512 bytes an operation, the least used forgotten beyond
 * `operationsMax`. Tells how far out in the upper tail a time lies. Slow to forget: half of it
 * after 10,000 times.
 */
export class LatencySketch implements StatePart {
  readonly #rows = new Map<string, Float32Array>();
  readonly #operationsMax: number;

  constructor({ operationsMax = 4096 }: { readonly operationsMax?: number } = {}) {
    this.#operationsMax = operationsMax;
  }

  /** The number of operations it knows. */
  get size(): number {
    return this.#rows.size;
  }

  /**
   * -log10 of the share of times above this one, 0 to 5.4; NaN before 50 of the operation's times.
   */
  surprise(operation: string, ms: number): number {
    const row = this.#rows.get(operation);
    if (row === undefined || (row[bins] as number) < countMin) return Number.NaN;
    const total = row[bins] as number;
    const at = positionOf(ms);
    let above = 0;
    let bin = bins - 1;
    for (; bin > at; bin -= 1) above += row[bin] as number;
    const within = row[bin] as number;
    const tail = above + within * (1 - (at - bin));
    if (tail >= tailCount) return -Math.log10(tail / total);
    return extrapolate(row, at);
  }

  /** How many of an operation's times it remembers. */
  count(operation: string): number {
    return this.#rows.get(operation)?.[bins] ?? 0;
  }

  /** The time below which a share of the operation's times lies, ms; NaN where none is known. */
  quantile(operation: string, share: number): number {
    const row = this.#rows.get(operation);
    if (row === undefined) return Number.NaN;
    return leastMs * Math.exp(positionAt(row, (1 - share) * (row[bins] as number)) * logWidth);
  }

  /** Counts a time, or part of one: `weight` is 1 or less. */
  learn(operation: string, ms: number, weight = 1): void {
    let row = this.#rows.get(operation);
    if (row === undefined) {
      if (this.#rows.size >= this.#operationsMax) this.#forget();
      row = new Float32Array(bins + 1);
      this.#rows.set(operation, row);
    }
    const bin = Math.floor(positionOf(ms));
    row[bin] = (row[bin] as number) + weight;
    row[bins] = (row[bins] as number) + weight;
    if ((row[bins] as number) < countMax) return;
    let total = 0;
    for (let i = 0; i < bins; i += 1) {
      row[i] = (row[i] as number) / 2;
      total += row[i] as number;
    }
    row[bins] = total;
  }

  writeState(writer: StateWriter): void {
    writer.texts([...this.#rows.keys()]);
    writer.arrays([...this.#rows.values()]);
  }

  readState(reader: StateReader): void {
    const names = reader.texts();
    const rows = reader.arrays((one) => one.float32s());
    this.#rows.clear();
    names.forEach((name, i) => {
      this.#rows.set(name, rows[i] as Float32Array);
    });
  }

  #forget(): void {
    let least: string | null = null;
    let count = Number.POSITIVE_INFINITY;
    for (const [name, row] of this.#rows) {
      if ((row[bins] as number) >= count) continue;
      count = row[bins] as number;
      least = name;
    }
    if (least !== null) this.#rows.delete(least);
  }
}

/** Bin and the way through it, from 0 to 128. */
function positionOf(ms: number): number {
  const position = ms > leastMs ? Math.log(ms / leastMs) / logWidth : 0;
  return Math.min(position, bins - 1e-6);
}

/** The position above which so many times lie. */
function positionAt(row: Float32Array, count: number): number {
  let above = 0;
  for (let bin = bins - 1; bin >= 0; bin -= 1) {
    const here = row[bin] as number;
    if (above + here >= count && here > 0) return bin + 1 - (count - above) / here;
    above += here;
  }
  return 0;
}

/** Continues the tail through its tenth and its last counted times. */
function extrapolate(row: Float32Array, at: number): number {
  const total = row[bins] as number;
  const bodyCount = Math.max(total / 10, 2 * tailCount);
  const body = positionAt(row, bodyCount);
  const last = positionAt(row, tailCount);
  const known = -Math.log10(tailCount / total);
  const rise = known + Math.log10(bodyCount / total);
  // At least half a bin, lest times that are all alike make cliffs.
  const guess = (rise * Math.max(0, at - last)) / Math.max(last - body, 0.5);
  return known + Math.min(guessMax, guess);
}
