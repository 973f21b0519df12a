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
  'slow',
  'slowMs',
  'slowMs2',
  // The longest way, a maximum instead of a sum.
  'slowMaxMs',
  // Own time alone.
  'own',
  'ownMs',
  'ownMs2',
] as const;

export type FlowSums = Columns<(typeof flowSumFields)[number]>;

/** Weighs in where nobody came, so that idle operations still have the law a request would meet. */
const idleWeight = 1e-6;

export function createFlowSums(length: number): FlowSums {
  return createColumns(flowSumFields, length);
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
  add(sums.quick, i, ok + error);
  add(sums.quickMs, i, ok * outcome.okMs + error * outcome.errorMs);
  add(
    sums.quickMs2,
    i,
    ok * (outcome.okMs * outcome.okMs + outcome.okVarianceMs2) +
      error * (outcome.errorMs * outcome.errorMs + outcome.errorVarianceMs2),
  );
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
    const longestMs = Math.max(outcome.slowOkMaxMs, outcome.slowErrorMaxMs);
    if (longestMs > (sums.slowMaxMs[i] as number)) sums.slowMaxMs[i] = longestMs;
  }
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

const slowWay: SlowWay = { ms: 0, varianceMs2: 0, maxMs: 0 };
const atoms = createSlowAtoms();

/** The latency law of row i's responses. */
export function latencyLawOf(sums: FlowSums, i: number): LatencyLaw {
  const quick = sums.quick[i] as number;
  const slow = sums.slow[i] as number;
  const meanMs = ratio(sums.quickMs[i] as number, quick);
  const slowMs = ratio(sums.slowMs[i] as number, slow);
  slowWay.ms = slowMs;
  slowWay.varianceMs2 = Math.max(0, ratio(sums.slowMs2[i] as number, slow) - slowMs * slowMs);
  slowWay.maxMs = sums.slowMaxMs[i] as number;
  splitSlow(atoms, slowWay);
  const slowShare = ratio(slow, quick + slow);
  return {
    meanMs,
    varianceMs2: Math.max(0, ratio(sums.quickMs2[i] as number, quick) - meanMs * meanMs),
    midShare: slowShare * (1 - atoms.lateShare),
    midMs: atoms.earlyMs,
    slowShare: slowShare * atoms.lateShare,
    slowMs: atoms.lateMs,
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
