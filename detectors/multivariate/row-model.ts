import type { StatePart } from '../checkpoint/checkpoint.ts';

/** Tells ordinary rows of several metrics from others, once it has seen ordinary ones. */
export interface RowScorer {
  /**
   * Learns from rows one after the other, `columns` values each, and forgets what it knew before.
   * Gives the scores of these rows: held out of the fit or before they were learned where the model
   * says so.
   */
  fit(rows: Float64Array, columns: number): Float64Array;
  /** How abnormal a row is, higher is more; NaN without an opinion. Changes nothing. */
  score(row: Float64Array): number;
  /** Takes in a row that was scored; absent where `fit` is the only teacher. */
  learn?(row: Float64Array): void;
}

/** A scorer that can be written to a file. */
export interface RowModel extends RowScorer, StatePart {}

/** A model that keeps learning: `score` a row, then `learn` it. */
export interface RowDetector extends RowModel {
  learn(row: Float64Array): void;
}

/** What `visit` gives for each row; the row is a view on `rows`. */
export function mapRows(
  rows: Float64Array,
  columns: number,
  visit: (row: Float64Array, index: number) => number,
): Float64Array {
  const results = new Float64Array(Math.floor(rows.length / columns));
  for (let i = 0; i < results.length; i += 1) {
    results[i] = visit(rows.subarray(i * columns, (i + 1) * columns), i);
  }
  return results;
}
