import { createRows } from './columns.ts';
import type { LatencyLaw, MutableLaw } from './flow-state.ts';
import { errorShareOf, type Outcome } from './outcome.ts';
import { createSlowAtoms, type SlowWay, splitSlow } from './slow-atoms.ts';

/**
 * Expected requests at pods since the start:
 * arrived = done + failed + rejected + lost + what waits in backlogs.
 */
export interface FlowCounters {
  arrived: number;
  done: number;
  /** Answered with an error, the pod's own or a callee's. */
  failed: number;
  /** Turned away because the pod had no slot free. */
  rejected: number;
  /** Died with their process. */
  lost: number;
}

export function createFlowCounters(): FlowCounters {
  return { arrived: 0, done: 0, failed: 0, rejected: 0, lost: 0 };
}

/** Adds what each of so many like seconds counted. */
export function addCounters(to: FlowCounters, perSecond: FlowCounters, seconds: number): void {
  to.arrived += seconds * perSecond.arrived;
  to.done += seconds * perSecond.done;
  to.failed += seconds * perSecond.failed;
  to.rejected += seconds * perSecond.rejected;
  to.lost += seconds * perSecond.lost;
}

/**
 * Sums from which a window's rates, error ratios and latency laws are made: rows one after the
 * other, `flowFields` numbers each, since whoever adds to a row adds to most of it.
 */
export type FlowSums = Float64Array;

/**
 * Where in a row each sum stands. The order matters: rows are added in runs, from `requests` to
 * `quickMs2`, failures and slow ways each from their first to their square.
 */
const at = {
  requests: 0,
  errors: 1,
  // Weight, time and square of the quick and of the slow part.
  weight: 2,
  quick: 3,
  quickMs: 4,
  quickMs2: 5,
  // Of the quick part, the failures.
  fail: 6,
  failMs: 7,
  failMs2: 8,
  slow: 9,
  slowMs: 10,
  slowMs2: 11,
  // The shortest and the longest way instead of a sum; no shortest is 0.
  slowMinMs: 12,
  slowMaxMs: 13,
} as const;

const flowFields = Object.keys(at).length;

/** Failures are a law of their own from this share of the answers without a time-out. */
const failuresApartFrom = 0.005;

/** Whether failures are so many, and not all, that they have a law of their own. */
export function areApart(failed: number, whole: number): boolean {
  return failed > failuresApartFrom * whole && whole - failed > failuresApartFrom * whole;
}

/** Weighs in where nobody came, so that idle operations still have the law a request would meet. */
export const idleWeight = 1e-6;

export function createFlowSums(count: number): FlowSums {
  return createRows(flowFields * count);
}

/** Adds what became of `requests` requests to row i. */
export function addOutcome(sums: FlowSums, i: number, requests: number, outcome: Outcome): void {
  const row = flowFields * i;
  const weight = requests + idleWeight;
  const ok = weight * outcome.okShare;
  const error = weight * outcome.errorShare;
  const errorMs = error * outcome.errorMs;
  const okMs2 = ok * (outcome.okMs * outcome.okMs + outcome.okVarianceMs2);
  const errorMs2 = error * (outcome.errorMs * outcome.errorMs + outcome.errorVarianceMs2);
  add(sums, row + at.requests, requests);
  add(sums, row + at.errors, weight * errorShareOf(outcome));
  add(sums, row + at.weight, weight);
  add(sums, row + at.quick, ok + error);
  add(sums, row + at.quickMs, ok * outcome.okMs + errorMs);
  add(sums, row + at.quickMs2, okMs2 + errorMs2);
  if (error > 0) {
    add(sums, row + at.fail, error);
    add(sums, row + at.failMs, errorMs);
    add(sums, row + at.failMs2, errorMs2);
  }
  const slowOk = weight * outcome.slowOkShare;
  const slowError = weight * outcome.slowErrorShare;
  if (slowOk + slowError > 0) addSlowWays(sums, row, outcome, weight);
}

function add(sums: FlowSums, k: number, value: number): void {
  sums[k] = (sums[k] as number) + value;
}

function addSlowWays(sums: FlowSums, row: number, outcome: Outcome, weight: number): void {
  const { slowOkMs, slowErrorMs } = outcome;
  const ok = weight * outcome.slowOkShare;
  const error = weight * outcome.slowErrorShare;
  add(sums, row + at.slow, ok + error);
  add(sums, row + at.slowMs, ok * slowOkMs + error * slowErrorMs);
  add(
    sums,
    row + at.slowMs2,
    ok * (slowOkMs * slowOkMs + outcome.slowOkVarianceMs2) +
      error * (slowErrorMs * slowErrorMs + outcome.slowErrorVarianceMs2),
  );
  const longestMs = Math.max(outcome.slowOkMaxMs, outcome.slowErrorMaxMs);
  stretchSlow(sums, row, shortestOf(outcome), longestMs);
}

/** Notes how long the shortest and the longest of some slow ways took. */
function stretchSlow(sums: FlowSums, row: number, shortestMs: number, longestMs: number): void {
  const knownMs = sums[row + at.slowMinMs] as number;
  if (knownMs <= 0 || shortestMs < knownMs) sums[row + at.slowMinMs] = shortestMs;
  if (longestMs > (sums[row + at.slowMaxMs] as number)) sums[row + at.slowMaxMs] = longestMs;
}

/** Sets row i to what `requests` requests add that end like this. */
export function setOutcome(rows: FlowSums, i: number, requests: number, outcome: Outcome): void {
  const row = flowFields * i;
  for (let f = 0; f < flowFields; f += 1) rows[row + f] = 0;
  addOutcome(rows, i, requests, outcome);
}

/** Adds a row that `setOutcome` wrote to row i. */
export function addRow(sums: FlowSums, i: number, rows: FlowSums, k: number): void {
  const to = flowFields * i;
  const from = flowFields * k;
  for (let f = at.requests; f <= at.quickMs2; f += 1) {
    sums[to + f] = (sums[to + f] as number) + (rows[from + f] as number);
  }
  if ((rows[from + at.fail] as number) > 0) {
    for (let f = at.fail; f <= at.failMs2; f += 1) {
      sums[to + f] = (sums[to + f] as number) + (rows[from + f] as number);
    }
  }
  if ((rows[from + at.slow] as number) > 0) addSlow(sums, to, rows, from);
}

function addSlow(sums: FlowSums, to: number, rows: FlowSums, from: number): void {
  for (let f = at.slow; f <= at.slowMs2; f += 1) {
    sums[to + f] = (sums[to + f] as number) + (rows[from + f] as number);
  }
  const shortestMs = rows[from + at.slowMinMs] as number;
  stretchSlow(sums, to, shortestMs, rows[from + at.slowMaxMs] as number);
}

/** The shortest of an outcome's slow ways, in ms. */
export function shortestOf(outcome: Outcome): number {
  if (outcome.slowOkShare <= 0) return outcome.slowErrorMinMs;
  if (outcome.slowErrorShare <= 0) return outcome.slowOkMinMs;
  return Math.min(outcome.slowOkMinMs, outcome.slowErrorMinMs);
}

/** Requests of row i. */
export function requestsOf(sums: FlowSums, i: number): number {
  return sums[flowFields * i + at.requests] as number;
}

/** Share of row i's requests that ended in an error. */
export function errorRatioOf(sums: FlowSums, i: number): number {
  const row = flowFields * i;
  return ratio(sums[row + at.errors] as number, sums[row + at.weight] as number);
}

const slowWay: SlowWay = { ms: 0, varianceMs2: 0, minMs: 0, maxMs: 0 };
const atoms = createSlowAtoms();

/** Sets `out` to the latency law of row i's responses, and answers it. */
export function latencyLawOf(sums: FlowSums, i: number, out: MutableLaw): LatencyLaw {
  const row = flowFields * i;
  const whole = sums[row + at.quick] as number;
  const slow = sums[row + at.slow] as number;
  // Failures that are many have a law of their own, unless there is nothing beside them.
  const failed = sums[row + at.fail] as number;
  const isApart = areApart(failed, whole);
  const fail = isApart ? failed : 0;
  const quick = whole - fail;
  const quickMs =
    (sums[row + at.quickMs] as number) - (isApart ? (sums[row + at.failMs] as number) : 0);
  const quickMs2 =
    (sums[row + at.quickMs2] as number) - (isApart ? (sums[row + at.failMs2] as number) : 0);
  const meanMs = ratio(quickMs, quick);
  const slowMs = ratio(sums[row + at.slowMs] as number, slow);
  slowWay.ms = slowMs;
  slowWay.varianceMs2 = Math.max(
    0,
    ratio(sums[row + at.slowMs2] as number, slow) - slowMs * slowMs,
  );
  slowWay.minMs = sums[row + at.slowMinMs] as number;
  slowWay.maxMs = sums[row + at.slowMaxMs] as number;
  splitSlow(atoms, slowWay);
  const slowShare = ratio(slow, whole + slow);
  const failMs = isApart ? ratio(sums[row + at.failMs] as number, fail) : 0;
  const failMs2 = isApart ? ratio(sums[row + at.failMs2] as number, fail) : 0;
  out.meanMs = meanMs;
  out.varianceMs2 = Math.max(0, ratio(quickMs2, quick) - meanMs * meanMs);
  out.midShare = slowShare * (1 - atoms.lateShare);
  out.midMs = atoms.earlyMs;
  out.slowShare = slowShare * atoms.lateShare;
  out.slowMs = atoms.lateMs;
  out.failShare = ratio(fail, whole + slow);
  out.failMs = failMs;
  out.failVarianceMs2 = Math.max(0, failMs2 - failMs * failMs);
  return out;
}

/** Part of a whole, 0 of none. */
export function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
