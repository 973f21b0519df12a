import type { SlowWay } from './slow-atoms.ts';

/**
 * How a request, an attempt or a call ends. Four ways with shares that sum to 1: ok or error, each
 * quick (gamma-like) or slow (at least one time-out on the way). Mean and variance are kept of all,
 * and of the slow ones how long the longest takes.
 */
export interface Outcome {
  okShare: number;
  okMs: number;
  okVarianceMs2: number;
  errorShare: number;
  errorMs: number;
  errorVarianceMs2: number;
  slowOkShare: number;
  slowOkMs: number;
  slowOkVarianceMs2: number;
  slowOkMinMs: number;
  slowOkMaxMs: number;
  slowErrorShare: number;
  slowErrorMs: number;
  slowErrorVarianceMs2: number;
  slowErrorMinMs: number;
  slowErrorMaxMs: number;
}

export function createOutcome(): Outcome {
  return {
    okShare: 1,
    okMs: 0,
    okVarianceMs2: 0,
    errorShare: 0,
    errorMs: 0,
    errorVarianceMs2: 0,
    slowOkShare: 0,
    slowOkMs: 0,
    slowOkVarianceMs2: 0,
    slowOkMinMs: 0,
    slowOkMaxMs: 0,
    slowErrorShare: 0,
    slowErrorMs: 0,
    slowErrorVarianceMs2: 0,
    slowErrorMinMs: 0,
    slowErrorMaxMs: 0,
  };
}

/** A certain success in no time: where a sequence of calls starts. */
export function setInstantOk(out: Outcome): void {
  setNothing(out);
  out.okShare = 1;
}

export function setNothing(out: Outcome): void {
  out.okShare = 0;
  out.okMs = 0;
  out.okVarianceMs2 = 0;
  out.errorShare = 0;
  out.errorMs = 0;
  out.errorVarianceMs2 = 0;
  out.slowOkShare = 0;
  out.slowOkMs = 0;
  out.slowOkVarianceMs2 = 0;
  out.slowOkMinMs = 0;
  out.slowOkMaxMs = 0;
  out.slowErrorShare = 0;
  out.slowErrorMs = 0;
  out.slowErrorVarianceMs2 = 0;
  out.slowErrorMinMs = 0;
  out.slowErrorMaxMs = 0;
}

export function copyOutcome(out: Outcome, from: Outcome): void {
  out.okShare = from.okShare;
  out.okMs = from.okMs;
  out.okVarianceMs2 = from.okVarianceMs2;
  out.errorShare = from.errorShare;
  out.errorMs = from.errorMs;
  out.errorVarianceMs2 = from.errorVarianceMs2;
  out.slowOkShare = from.slowOkShare;
  out.slowOkMs = from.slowOkMs;
  out.slowOkVarianceMs2 = from.slowOkVarianceMs2;
  out.slowOkMinMs = from.slowOkMinMs;
  out.slowOkMaxMs = from.slowOkMaxMs;
  out.slowErrorShare = from.slowErrorShare;
  out.slowErrorMs = from.slowErrorMs;
  out.slowErrorVarianceMs2 = from.slowErrorVarianceMs2;
  out.slowErrorMinMs = from.slowErrorMinMs;
  out.slowErrorMaxMs = from.slowErrorMaxMs;
}

/** Share that succeeds. */
export function okShareOf(outcome: Outcome): number {
  return outcome.okShare + outcome.slowOkShare;
}

/** Share that fails. */
export function errorShareOf(outcome: Outcome): number {
  return outcome.errorShare + outcome.slowErrorShare;
}

/** Mean time over all four ways, in ms. */
export function meanMsOf(outcome: Outcome): number {
  return (
    outcome.okShare * outcome.okMs +
    outcome.errorShare * outcome.errorMs +
    outcome.slowOkShare * outcome.slowOkMs +
    outcome.slowErrorShare * outcome.slowErrorMs
  );
}

/**
 * A mixture under construction: while it is open, times are sums weighted by share and variances
 * are sums of squares; `closeMixture` turns them into means and variances.
 */
export function openMixture(out: Outcome): void {
  setNothing(out);
}

export function addQuickError(out: Outcome, share: number, ms: number, varianceMs2: number): void {
  out.errorShare += share;
  out.errorMs += share * ms;
  out.errorVarianceMs2 += share * (ms * ms + varianceMs2);
}

export function addSlowError(out: Outcome, share: number, way: SlowWay): void {
  if (out.slowErrorShare <= 0 || way.minMs < out.slowErrorMinMs) out.slowErrorMinMs = way.minMs;
  out.slowErrorShare += share;
  out.slowErrorMs += share * way.ms;
  out.slowErrorVarianceMs2 += share * (way.ms * way.ms + way.varianceMs2);
  if (way.maxMs > out.slowErrorMaxMs) out.slowErrorMaxMs = way.maxMs;
}

export function addSlowOk(out: Outcome, share: number, way: SlowWay): void {
  if (out.slowOkShare <= 0 || way.minMs < out.slowOkMinMs) out.slowOkMinMs = way.minMs;
  out.slowOkShare += share;
  out.slowOkMs += share * way.ms;
  out.slowOkVarianceMs2 += share * (way.ms * way.ms + way.varianceMs2);
  if (way.maxMs > out.slowOkMaxMs) out.slowOkMaxMs = way.maxMs;
}

const timedOut: SlowWay = { ms: 0, varianceMs2: 0, minMs: 0, maxMs: 0 };

/** Adds attempts that nobody answered in time. */
export function addTimeOut(out: Outcome, share: number, timeoutMs: number): void {
  timedOut.ms = timeoutMs;
  timedOut.minMs = timeoutMs;
  timedOut.maxMs = timeoutMs;
  addSlowError(out, share, timedOut);
}

export function closeMixture(out: Outcome): void {
  if (out.okShare > 0) {
    out.okMs /= out.okShare;
    out.okVarianceMs2 = Math.max(0, out.okVarianceMs2 / out.okShare - out.okMs * out.okMs);
  }
  if (out.slowOkShare > 0) {
    out.slowOkMs /= out.slowOkShare;
    out.slowOkVarianceMs2 = Math.max(
      0,
      out.slowOkVarianceMs2 / out.slowOkShare - out.slowOkMs * out.slowOkMs,
    );
  }
  closeFailures(out);
}

/** Turns the failures' sums into means and variances. */
export function closeFailures(out: Outcome): void {
  if (out.errorShare > 0) {
    out.errorMs /= out.errorShare;
    out.errorVarianceMs2 = Math.max(
      0,
      out.errorVarianceMs2 / out.errorShare - out.errorMs * out.errorMs,
    );
  }
  if (out.slowErrorShare > 0) {
    out.slowErrorMs /= out.slowErrorShare;
    out.slowErrorVarianceMs2 = Math.max(
      0,
      out.slowErrorVarianceMs2 / out.slowErrorShare - out.slowErrorMs * out.slowErrorMs,
    );
  }
}
