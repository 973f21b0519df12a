import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { mapRows, type RowModel } from './row-model.ts';

/** Values kept per column: the distribution is known to one in so many. */
const keptMax = 4096;

/**
 * ECOD (Li et al., TKDE 2022): per column the tails of the empirical distribution, added up as
 * -log10 p over the left tails, the right ones, and those on the side that each column is skewed
 * to; the largest of the three sums, per column. Blind to what the columns do together and to order
 * in time. Score O(columns log values).
 */
export class Ecod implements RowModel {
  #columns = 0;
  #kept = 0;
  /** Per column the kept values, ascending. */
  #sorted = new Float64Array(0);
  /** Per column the number of known values. */
  #known = new Int32Array(0);
  #isLeftSkewed = new Uint8Array(0);

  fit(rows: Float64Array, columns: number): Float64Array {
    const count = Math.floor(rows.length / columns);
    this.#columns = columns;
    this.#kept = Math.min(count, keptMax);
    this.#sorted = new Float64Array(columns * this.#kept);
    this.#known = new Int32Array(columns);
    this.#isLeftSkewed = new Uint8Array(columns);
    const values = new Float64Array(count);
    for (let column = 0; column < columns; column += 1) {
      for (let row = 0; row < count; row += 1) values[row] = rows[row * columns + column]!;
      const sorted = values.filter((value) => !Number.isNaN(value)).sort();
      const known = Math.min(sorted.length, this.#kept);
      for (let i = 0; i < known; i += 1) {
        const at = known === 1 ? 0 : Math.round((i * (sorted.length - 1)) / (known - 1));
        this.#sorted[column * this.#kept + i] = sorted[at]!;
      }
      this.#known[column] = known;
      this.#isLeftSkewed[column] = skewness(sorted) < 0 ? 1 : 0;
    }
    return mapRows(rows, columns, (row) => this.score(row));
  }

  score(row: Float64Array): number {
    if (this.#columns === 0) return Number.NaN;
    let [left, right, skewed] = [0, 0, 0];
    for (let column = 0; column < this.#columns; column += 1) {
      const value = row[column]!;
      const known = this.#known[column]!;
      if (Number.isNaN(value) || known === 0) continue;
      const from = column * this.#kept;
      const below = this.#countBelow(value, from, known, false);
      const notAbove = this.#countBelow(value, from, known, true);
      const low = -Math.log10((notAbove + 1) / (known + 1));
      const high = -Math.log10((known - below + 1) / (known + 1));
      left += low;
      right += high;
      skewed += this.#isLeftSkewed[column] === 1 ? low : high;
    }
    return Math.max(left, right, skewed) / this.#columns;
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#columns);
    writer.integer(this.#kept);
    writer.array(this.#sorted);
    writer.array(this.#known);
    writer.array(this.#isLeftSkewed);
  }

  readState(reader: StateReader): void {
    this.#columns = reader.integer();
    this.#kept = reader.integer();
    this.#sorted = reader.float64s();
    this.#known = reader.int32s();
    this.#isLeftSkewed = reader.uint8s();
  }

  /** How many kept values are less than the value, or not above it. */
  #countBelow(value: number, from: number, known: number, orEqual: boolean): number {
    let [low, high] = [0, known];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#sorted[from + middle]!;
      if (other < value || (orEqual && other === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function skewness(values: Float64Array): number {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - centre) * (value - centre) ** 2, 0);
}
