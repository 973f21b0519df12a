import type { OwnPart } from './call-outcome.ts';
import { createRows, type RowRun, rearrangeRows, resizeRows } from './columns.ts';
import type { LatencyLaw } from './flow-state.ts';
import { idleWeight, ratio } from './flow-sums.ts';
import { noTimeOut } from './latency-law.ts';
import { errorShareOf, type Outcome } from './outcome.ts';

/**
 * Sums from which a window's rates, error ratios and own times of slots are made: rows one after
 * the other, as long as a cache line. How long whole responses take is summed up per service alone.
 */
export type OwnSums = Float64Array;

const at = {
  requests: 0,
  errors: 1,
  weight: 2,
  ownErrors: 3,
  own: 4,
  ownMs: 5,
  ownMs2: 6,
  rejected: 7,
} as const;

const ownFields = Object.keys(at).length;

export function createOwnSums(count: number): OwnSums {
  return createRows(ownFields * count);
}

/** So many rows in the memory of others that nobody reads any more, where there is room. */
export function reuseOwnSums(sums: OwnSums, count: number): OwnSums {
  return resizeRows(sums, ownFields * count);
}

/** So many rows, some of which have moved, in the same memory where there is room. */
export function rearrangeOwnSums(sums: OwnSums, count: number, runs: readonly RowRun[]): OwnSums {
  return rearrangeRows(ownFields, sums, count, runs);
}

/** Sets row i to what `requests` requests add that end like this, after such an own part. */
export function setOwn(
  rows: OwnSums,
  i: number,
  requests: number,
  { outcome, own }: { readonly outcome: Outcome; readonly own: OwnPart },
): void {
  const row = ownFields * i;
  const weight = requests + idleWeight;
  const admitted = weight * (1 - own.rejectShare) + idleWeight;
  rows[row + at.requests] = requests;
  rows[row + at.errors] = weight * errorShareOf(outcome);
  rows[row + at.weight] = weight;
  rows[row + at.rejected] = weight * own.rejectShare;
  rows[row + at.ownErrors] = weight * (own.rejectShare + (1 - own.rejectShare) * own.errorShare);
  rows[row + at.own] = admitted;
  rows[row + at.ownMs] = admitted * own.ms;
  rows[row + at.ownMs2] = admitted * (own.ms * own.ms + own.varianceMs2);
}

/** Adds a row that `setOwn` wrote to row i. */
export function addOwn(sums: OwnSums, i: number, rows: OwnSums, k: number): void {
  const to = ownFields * i;
  const from = ownFields * k;
  for (let f = 0; f < ownFields; f += 1) {
    sums[to + f] = (sums[to + f] as number) + (rows[from + f] as number);
  }
}

/** Requests of slot i. */
export function slotRequestsOf(sums: OwnSums, i: number): number {
  return sums[ownFields * i + at.requests] as number;
}

/** Share of slot i's requests that ended in an error. */
export function slotErrorRatioOf(sums: OwnSums, i: number): number {
  return perRequest(sums, i, at.errors);
}

/** Share of slot i's requests that ended in an error of its own. */
export function slotOwnErrorRatioOf(sums: OwnSums, i: number): number {
  return perRequest(sums, i, at.ownErrors);
}

/** Share of slot i's requests that were turned away. */
export function slotRejectRatioOf(sums: OwnSums, i: number): number {
  return perRequest(sums, i, at.rejected);
}

function perRequest(sums: OwnSums, i: number, field: number): number {
  const row = ownFields * i;
  return ratio(sums[row + field] as number, sums[row + at.weight] as number);
}

/** The law of slot i's own time. */
export function slotOwnLawOf(sums: OwnSums, i: number): LatencyLaw {
  const row = ownFields * i;
  const own = sums[row + at.own] as number;
  const meanMs = ratio(sums[row + at.ownMs] as number, own);
  const varianceMs2 = Math.max(0, ratio(sums[row + at.ownMs2] as number, own) - meanMs * meanMs);
  return { meanMs, varianceMs2, ...noTimeOut };
}
