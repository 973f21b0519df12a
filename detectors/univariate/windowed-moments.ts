import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';

const blockColumns = 32;

/**
 * Mean and standard deviation over the last `windowPoints` values of many columns, O(1) per value.
 * The sums are Neumaier-compensated, taken from a pivot near the data, and rebuilt once per turn of
 * the ring, so neither cancellation nor drift can grow. 8 bytes per kept point, in blocks of
 * columns.
 */
export class WindowedMoments implements StatePart {
  readonly windowPoints: number;
  #blocks: Float64Array[] = [];
  #counts = new Float64Array(0);
  #heads = new Float64Array(0);
  #pivots = new Float64Array(0);
  #sums = new Float64Array(0);
  #sumErrors = new Float64Array(0);
  #squares = new Float64Array(0);
  #squareErrors = new Float64Array(0);

  constructor(windowPoints: number) {
    this.windowPoints = windowPoints;
  }

  /** How many columns fit without growing. */
  get columns(): number {
    return this.#blocks.length * blockColumns;
  }

  grow(columns: number): void {
    if (columns <= this.columns) return;
    while (this.columns < columns) {
      this.#blocks.push(new Float64Array(blockColumns * this.windowPoints));
    }
    this.#counts = grown(this.#counts, this.columns);
    this.#heads = grown(this.#heads, this.columns);
    this.#pivots = grown(this.#pivots, this.columns);
    this.#sums = grown(this.#sums, this.columns);
    this.#sumErrors = grown(this.#sumErrors, this.columns);
    this.#squares = grown(this.#squares, this.columns);
    this.#squareErrors = grown(this.#squareErrors, this.columns);
  }

  /** Values kept of a column; 0 for one that does not exist yet. */
  count(column: number): number {
    return column < this.#counts.length ? this.#counts[column]! : 0;
  }

  mean(column: number): number {
    const sum = this.#sums[column]! + this.#sumErrors[column]!;
    return this.#pivots[column]! + sum / this.#counts[column]!;
  }

  /** Sample standard deviation (n - 1). */
  deviation(column: number): number {
    const count = this.#counts[column]!;
    const sum = this.#sums[column]! + this.#sumErrors[column]!;
    const squares = this.#squares[column]! + this.#squareErrors[column]!;
    return Math.sqrt(Math.max(0, squares - (sum * sum) / count) / Math.max(1, count - 1));
  }

  push(column: number, value: number): void {
    const ring = this.#blocks[Math.floor(column / blockColumns)]!;
    const start = (column % blockColumns) * this.windowPoints;
    const head = this.#heads[column]!;
    const count = this.#counts[column]!;
    if (count === 0) this.#pivots[column] = value;
    const pivot = this.#pivots[column]!;
    if (count === this.windowPoints) {
      const oldest = ring[start + head]! - pivot;
      this.#add(column, -oldest, -oldest * oldest);
    } else {
      this.#counts[column] = count + 1;
    }
    ring[start + head] = value;
    const shifted = value - pivot;
    this.#add(column, shifted, shifted * shifted);
    const next = head + 1 === this.windowPoints ? 0 : head + 1;
    this.#heads[column] = next;
    if (next === 0) this.#rebuild(column, ring, start);
  }

  writeState(writer: StateWriter): void {
    writer.arrays(this.#blocks);
    writer.array(this.#counts);
    writer.array(this.#heads);
    writer.array(this.#pivots);
    writer.array(this.#sums);
    writer.array(this.#sumErrors);
    writer.array(this.#squares);
    writer.array(this.#squareErrors);
  }

  readState(reader: StateReader): void {
    this.#blocks = reader.arrays((inner) => inner.float64s());
    this.#counts = reader.float64s();
    this.#heads = reader.float64s();
    this.#pivots = reader.float64s();
    this.#sums = reader.float64s();
    this.#sumErrors = reader.float64s();
    this.#squares = reader.float64s();
    this.#squareErrors = reader.float64s();
  }

  #add(column: number, term: number, square: number): void {
    const sum = this.#sums[column]!;
    const total = sum + term;
    this.#sumErrors[column]! +=
      Math.abs(sum) >= Math.abs(term) ? sum - total + term : term - total + sum;
    this.#sums[column] = total;
    const squares = this.#squares[column]!;
    const squareTotal = squares + square;
    this.#squareErrors[column]! +=
      Math.abs(squares) >= Math.abs(square)
        ? squares - squareTotal + square
        : square - squareTotal + squares;
    this.#squares[column] = squareTotal;
  }

  #rebuild(column: number, ring: Float64Array, start: number): void {
    const pivot = this.mean(column);
    this.#pivots[column] = pivot;
    this.#sums[column] = 0;
    this.#sumErrors[column] = 0;
    this.#squares[column] = 0;
    this.#squareErrors[column] = 0;
    for (let i = start; i < start + this.windowPoints; i += 1) {
      const shifted = ring[i]! - pivot;
      this.#add(column, shifted, shifted * shifted);
    }
  }
}
