import { createRows, type RowRun, rearrangeRows } from './columns.ts';
import type { Outcome } from './outcome.ts';

/**
 * Outcomes one after the other, `outcomeFields` numbers each: a table without an object per row.
 */
export type OutcomeRows = Float64Array;

export const outcomeFields = 16;

/** So many rows that say: a certain success in no time. */
export function createOutcomeRows(count: number): OutcomeRows {
  const rows = createRows(outcomeFields * count);
  for (let at = 0; at < rows.length; at += outcomeFields) rows[at] = 1;
  return rows;
}

/** Reads a row. */
export function loadOutcome(out: Outcome, rows: OutcomeRows, row: number): void {
  const at = outcomeFields * row;
  out.okShare = rows[at] as number;
  out.okMs = rows[at + 1] as number;
  out.okVarianceMs2 = rows[at + 2] as number;
  out.errorShare = rows[at + 3] as number;
  out.errorMs = rows[at + 4] as number;
  out.errorVarianceMs2 = rows[at + 5] as number;
  out.slowOkShare = rows[at + 6] as number;
  out.slowOkMs = rows[at + 7] as number;
  out.slowOkVarianceMs2 = rows[at + 8] as number;
  out.slowOkMinMs = rows[at + 9] as number;
  out.slowOkMaxMs = rows[at + 10] as number;
  out.slowErrorShare = rows[at + 11] as number;
  out.slowErrorMs = rows[at + 12] as number;
  out.slowErrorVarianceMs2 = rows[at + 13] as number;
  out.slowErrorMinMs = rows[at + 14] as number;
  out.slowErrorMaxMs = rows[at + 15] as number;
}

/** Writes a row. */
export function saveOutcome(rows: OutcomeRows, row: number, from: Outcome): void {
  const at = outcomeFields * row;
  rows[at] = from.okShare;
  rows[at + 1] = from.okMs;
  rows[at + 2] = from.okVarianceMs2;
  rows[at + 3] = from.errorShare;
  rows[at + 4] = from.errorMs;
  rows[at + 5] = from.errorVarianceMs2;
  rows[at + 6] = from.slowOkShare;
  rows[at + 7] = from.slowOkMs;
  rows[at + 8] = from.slowOkVarianceMs2;
  rows[at + 9] = from.slowOkMinMs;
  rows[at + 10] = from.slowOkMaxMs;
  rows[at + 11] = from.slowErrorShare;
  rows[at + 12] = from.slowErrorMs;
  rows[at + 13] = from.slowErrorVarianceMs2;
  rows[at + 14] = from.slowErrorMinMs;
  rows[at + 15] = from.slowErrorMaxMs;
}

/** Copies one row to another. */
export function copyOutcome(rows: OutcomeRows, from: number, to: number): void {
  const at = outcomeFields * from;
  rows.copyWithin(outcomeFields * to, at, at + outcomeFields);
}

/** So many rows, some of which have moved, in the same memory where there is room. */
export function rearrangeOutcomes(
  rows: OutcomeRows,
  count: number,
  runs: readonly RowRun[],
): OutcomeRows {
  const moved = rearrangeRows(outcomeFields, rows, count, runs);
  for (const run of runs) {
    if (run.first < 0)
      for (let k = 0; k < run.count; k += 1) moved[outcomeFields * (run.to + k)] = 1;
  }
  return moved;
}
