import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ComponentDistances } from './component-distances.ts';
import { mapRows, type RowModel } from './row-model.ts';
import { TailCalibration } from './tail-calibration.ts';

/**
 * Principal components of standardised rows (Jackson and Mudholkar 1979): the squared distance from
 * the kept components (SPE) and the Mahalanobis distance within them (Hotelling's T^2), the mean of
 * the two as surprise, -log10 p. Blind to the order of rows and to what bends; with few rows per
 * column it takes new rows for abnormal. Fit O(rows columns^2), score O(columns^2).
 */
export class PrincipalComponents implements RowModel {
  readonly #distances = new ComponentDistances();
  readonly #speTail = new TailCalibration();
  readonly #t2Tail = new TailCalibration();

  fit(rows: Float64Array, columns: number): Float64Array {
    this.#distances.fit(rows, columns);
    this.#speTail.fit(mapRows(rows, columns, (row) => this.#distances.measure(row).spe));
    this.#t2Tail.fit(mapRows(rows, columns, (row) => this.#distances.measure(row).t2));
    return mapRows(rows, columns, (row) => this.score(row));
  }

  score(row: Float64Array): number {
    if (this.#distances.columns === 0) return Number.NaN;
    const { spe, t2 } = this.#distances.measure(row);
    return (this.#speTail.surprise(spe) + this.#t2Tail.surprise(t2)) / 2;
  }

  writeState(writer: StateWriter): void {
    this.#distances.writeState(writer);
    this.#speTail.writeState(writer);
    this.#t2Tail.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#distances.readState(reader);
    this.#speTail.readState(reader);
    this.#t2Tail.readState(reader);
  }
}
