import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/**
 * A deviation counts at most this many standard deviations: one broken metric is not everything.
 */
const deviationMax = 10;
/** The scale of a metric is at least this share of its mean, so that a constant can be left. */
const scaleFloorShare = 1e-3;
const scaleFloor = 1e-6;

/**
 * Standardises rows by the mean and standard deviation of each column; a missing value is ordinary.
 */
export class RowScaler implements StatePart {
  #means = new Float64Array(0);
  #scales = new Float64Array(0);

  get columns(): number {
    return this.#means.length;
  }

  fit(rows: Float64Array, columns: number): void {
    this.#means = new Float64Array(columns);
    this.#scales = new Float64Array(columns);
    for (let column = 0; column < columns; column += 1) {
      let [count, mean, squares] = [0, 0, 0];
      for (let at = column; at < rows.length; at += columns) {
        const value = rows[at]!;
        if (Number.isNaN(value)) continue;
        count += 1;
        const delta = value - mean;
        mean += delta / count;
        squares += delta * (value - mean);
      }
      const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
      this.#means[column] = mean;
      this.#scales[column] = Math.max(deviation, scaleFloorShare * Math.abs(mean), scaleFloor);
    }
  }

  /** Writes the standardised row to `out` from `offset` on. */
  apply(row: ArrayLike<number>, out: Float64Array, offset = 0): void {
    for (let column = 0; column < this.#means.length; column += 1) {
      const value = row[column]!;
      const z = Number.isNaN(value) ? 0 : (value - this.#means[column]!) / this.#scales[column]!;
      out[offset + column] = Math.max(-deviationMax, Math.min(deviationMax, z));
    }
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#means);
    writer.array(this.#scales);
  }

  readState(reader: StateReader): void {
    this.#means = reader.float64s();
    this.#scales = reader.float64s();
  }
}
