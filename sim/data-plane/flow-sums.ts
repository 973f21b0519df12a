import { type Columns, copyColumns, createColumns } from './columns.ts';
import type { LatencyLaw } from './flow-state.ts';
import { noTimeOut } from './latency-law.ts';
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

/** Sums from which a window's rates, error ratios and latency laws are made. */
export const flowSumFields = [
  'requests',
  'errors',
  'ownErrors',
  'rejected',
  // The whole response: weight, time and square of the quick and of the slow part.
  'weight',
  'quick',
  'quickMs',
  'quickMs2',
  // Of the quick part, the failures.
  'fail',
  'failMs',
  'failMs2',
  'slow',
  'slowMs',
  'slowMs2',
  // The shortest and the longest way instead of a sum; no shortest is 0.
  'slowMinMs',
  'slowMaxMs',
  // Own time alone.
  'own',
  'ownMs',
  'ownMs2',
] as const;

export type FlowSums = Columns<(typeof flowSumFields)[number]>;

/** Failures are a law of their own from this share of the answers without a time-out. */
const apartFrom = 0.005;

/** Whether failures are so many, and not all, that they have a law of their own. */
export function areApart(failed: number, whole: number): boolean {
  return failed > apartFrom * whole && whole - failed > apartFrom * whole;
}

/** Weighs in where nobody came, so that idle operations still have the law a request would meet. */
const idleWeight = 1e-6;

export function createFlowSums(length: number, unused: FlowSums | null = null): FlowSums {
  return createColumns(flowSumFields, length, unused);
}

export function copyFlowSums(from: FlowSums): FlowSums {
  return copyColumns(flowSumFields, from);
}

export function clearFlowSums(sums: FlowSums): void {
  for (const field of flowSumFields) sums[field].fill(0);
}

/** Adds what became of `requests` requests to row i. */
export function addOutcome(sums: FlowSums, i: number, requests: number, outcome: Outcome): void {
  const weight = requests + idleWeight;
  add(sums.requests, i, requests);
  add(sums.errors, i, weight * errorShareOf(outcome));
  add(sums.weight, i, weight);
  const ok = weight * outcome.okShare;
  const error = weight * outcome.errorShare;
  const errorMs = error * outcome.errorMs;
  const errorMs2 = error * (outcome.errorMs * outcome.errorMs + outcome.errorVarianceMs2);
  add(sums.quick, i, ok + error);
  add(sums.quickMs, i, ok * outcome.okMs + errorMs);
  add(sums.quickMs2, i, ok * (outcome.okMs * outcome.okMs + outcome.okVarianceMs2) + errorMs2);
  if (error > 0) {
    add(sums.fail, i, error);
    add(sums.failMs, i, errorMs);
    add(sums.failMs2, i, errorMs2);
  }
  const slowOk = weight * outcome.slowOkShare;
  const slowError = weight * outcome.slowErrorShare;
  if (slowOk + slowError > 0) {
    add(sums.slow, i, slowOk + slowError);
    add(sums.slowMs, i, slowOk * outcome.slowOkMs + slowError * outcome.slowErrorMs);
    add(
      sums.slowMs2,
      i,
      slowOk * (outcome.slowOkMs * outcome.slowOkMs + outcome.slowOkVarianceMs2) +
        slowError * (outcome.slowErrorMs * outcome.slowErrorMs + outcome.slowErrorVarianceMs2),
    );
    const shortestMs = shortestOf(outcome);
    const knownMs = sums.slowMinMs[i] as number;
    if (knownMs <= 0 || shortestMs < knownMs) sums.slowMinMs[i] = shortestMs;
    const longestMs = Math.max(outcome.slowOkMaxMs, outcome.slowErrorMaxMs);
    if (longestMs > (sums.slowMaxMs[i] as number)) sums.slowMaxMs[i] = longestMs;
  }
}

/** The shortest of an outcome's slow ways, in ms. */
export function shortestOf(outcome: Outcome): number {
  if (outcome.slowOkShare <= 0) return outcome.slowErrorMinMs;
  if (outcome.slowErrorShare <= 0) return outcome.slowOkMinMs;
  return Math.min(outcome.slowOkMinMs, outcome.slowErrorMinMs);
}

/** Adds the own part of `requests` requests to row i. */
export function addOwn(
  sums: FlowSums,
  i: number,
  requests: number,
  part: { rejectShare: number; errorShare: number; ms: number; varianceMs2: number },
): void {
  const weight = requests + idleWeight;
  if (part.rejectShare > 0) add(sums.rejected, i, weight * part.rejectShare);
  add(sums.ownErrors, i, weight * (part.rejectShare + (1 - part.rejectShare) * part.errorShare));
  const admitted = weight * (1 - part.rejectShare) + idleWeight;
  add(sums.own, i, admitted);
  add(sums.ownMs, i, admitted * part.ms);
  add(sums.ownMs2, i, admitted * (part.ms * part.ms + part.varianceMs2));
}

function add(column: Float64Array, i: number, amount: number): void {
  column[i] = (column[i] as number) + amount;
}

/** Share of row i's requests that ended in an error. */
export function errorRatioOf(sums: FlowSums, i: number): number {
  return ratio(sums.errors[i] as number, sums.weight[i] as number);
}

export function ownErrorRatioOf(sums: FlowSums, i: number): number {
  return ratio(sums.ownErrors[i] as number, sums.weight[i] as number);
}

const slowWay: SlowWay = { ms: 0, varianceMs2: 0, minMs: 0, maxMs: 0 };
const atoms = createSlowAtoms();

/** The latency law of row i's responses. */
export function latencyLawOf(sums: FlowSums, i: number): LatencyLaw {
  const whole = sums.quick[i] as number;
  const slow = sums.slow[i] as number;
  // Failures that are many have a law of their own, unless there is nothing beside them.
  const failed = sums.fail[i] as number;
  const isApart = areApart(failed, whole);
  const fail = isApart ? failed : 0;
  const quick = whole - fail;
  const quickMs = (sums.quickMs[i] as number) - (isApart ? (sums.failMs[i] as number) : 0);
  const quickMs2 = (sums.quickMs2[i] as number) - (isApart ? (sums.failMs2[i] as number) : 0);
  const meanMs = ratio(quickMs, quick);
  const slowMs = ratio(sums.slowMs[i] as number, slow);
  slowWay.ms = slowMs;
  slowWay.varianceMs2 = Math.max(0, ratio(sums.slowMs2[i] as number, slow) - slowMs * slowMs);
  slowWay.minMs = sums.slowMinMs[i] as number;
  slowWay.maxMs = sums.slowMaxMs[i] as number;
  splitSlow(atoms, slowWay);
  const slowShare = ratio(slow, whole + slow);
  const failMs = isApart ? ratio(sums.failMs[i] as number, fail) : 0;
  const failMs2 = isApart ? ratio(sums.failMs2[i] as number, fail) : 0;
  return {
    meanMs,
    varianceMs2: Math.max(0, ratio(quickMs2, quick) - meanMs * meanMs),
    midShare: slowShare * (1 - atoms.lateShare),
    midMs: atoms.earlyMs,
    slowShare: slowShare * atoms.lateShare,
    slowMs: atoms.lateMs,
    failShare: ratio(fail, whole + slow),
    failMs,
    failVarianceMs2: Math.max(0, failMs2 - failMs * failMs),
  };
}

export function rejectRatioOf(sums: FlowSums, i: number): number {
  return ratio(sums.rejected[i] as number, sums.weight[i] as number);
}

/** The law of row i's own time. */
export function ownLawOf(sums: FlowSums, i: number): LatencyLaw {
  const own = sums.own[i] as number;
  const meanMs = ratio(sums.ownMs[i] as number, own);
  const varianceMs2 = Math.max(0, ratio(sums.ownMs2[i] as number, own) - meanMs * meanMs);
  return { meanMs, varianceMs2, ...noTimeOut };
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
