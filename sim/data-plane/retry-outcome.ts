import { copyOutcome, errorShareOf, type Outcome, okShareOf } from './outcome.ts';
import type { SlowWay } from './slow-atoms.ts';

/** How a caller tries again. */
export interface RetryLaw {
  /** Further attempts after a failure. */
  retries: number;
  /** Wait before the first of them, in ms; it doubles from one to the next. */
  backoffMs: number;
  /**
   * Share of late attempts (0 to 1) whose retry meets the queue that made them late, beyond what
   * chance would have it.
   */
  persistence: number;
  /** Share of retries that a budget lets through (0 to 1). */
  permitted: number;
}

/** Shares below this are rounding, not outcomes. */
const negligible = 1e-15;

const failedWay: SlowWay = { ms: 0, varianceMs2: 0, minMs: 0, maxMs: 0 };
const okWay: SlowWay = { ms: 0, varianceMs2: 0, minMs: 0, maxMs: 0 };

/** Quick and slow failures of an attempt as one. */
function setFailedWay(attempt: Outcome): void {
  const { errorMs, slowErrorMs, slowErrorMaxMs } = attempt;
  const slow = attempt.slowErrorShare / errorShareOf(attempt);
  const gap = slowErrorMs - errorMs;
  failedWay.ms = errorMs + slow * gap;
  failedWay.varianceMs2 =
    (1 - slow) * attempt.errorVarianceMs2 +
    slow * attempt.slowErrorVarianceMs2 +
    slow * (1 - slow) * gap * gap;
  failedWay.minMs = attempt.slowErrorMinMs;
  failedWay.maxMs = slow > 0 ? Math.max(errorMs, slowErrorMaxMs) : errorMs;
}

/** Quick and slow successes of an attempt as one. */
function setOkWay(attempt: Outcome): void {
  const { okMs, slowOkMs, slowOkMaxMs } = attempt;
  const ok = okShareOf(attempt);
  const slow = ok > 0 ? attempt.slowOkShare / ok : 0;
  const gap = slowOkMs - okMs;
  okWay.ms = okMs + slow * gap;
  okWay.varianceMs2 =
    (1 - slow) * attempt.okVarianceMs2 +
    slow * attempt.slowOkVarianceMs2 +
    slow * (1 - slow) * gap * gap;
  okWay.minMs = attempt.slowOkMinMs;
  okWay.maxMs = slow > 0 ? Math.max(okMs, slowOkMaxMs) : okMs;
}

interface Sums {
  share: number;
  time: number;
  squares: number;
}

const quickOk: Sums = { share: 0, time: 0, squares: 0 };
const anyOk: Sums = { share: 0, time: 0, squares: 0 };
const quickFail: Sums = { share: 0, time: 0, squares: 0 };
const anyFail: Sums = { share: 0, time: 0, squares: 0 };

function clear(sums: Sums): void {
  sums.share = 0;
  sums.time = 0;
  sums.squares = 0;
}

function add(sums: Sums, share: number, ms: number, varianceMs2: number): void {
  sums.share += share;
  sums.time += share * ms;
  sums.squares += share * (ms * ms + varianceMs2);
}

/**
 * The call that an attempt and its retries make; attempts are independent but for `persistence`.
 * Answers the mean number of attempts.
 */
export function retryOutcome(out: Outcome, attempt: Outcome, law: RetryLaw): number {
  copyOutcome(out, attempt);
  const { retries, permitted, persistence } = law;
  const failing = errorShareOf(attempt);
  if (retries <= 0 || failing <= 0) return 1;
  const succeeding = okShareOf(attempt);
  const { errorMs, errorVarianceMs2 } = attempt;
  setFailedWay(attempt);
  setOkWay(attempt);
  clear(quickOk);
  clear(anyOk);
  clear(quickFail);
  clear(anyFail);
  let tries = 0;
  let quickFails = 1;
  let fails = 1;
  let late = 0;
  let waitedMs = 0;
  for (let k = 0; k <= retries; k += 1) {
    tries += fails;
    const fresh = fails - persistence * late;
    add(
      quickOk,
      quickFails * attempt.okShare,
      k * errorMs + waitedMs + attempt.okMs,
      k * errorVarianceMs2 + attempt.okVarianceMs2,
    );
    const anyMs = k * failedWay.ms + waitedMs + okWay.ms;
    add(anyOk, fresh * succeeding, anyMs, k * failedWay.varianceMs2 + okWay.varianceMs2);
    late = fresh * attempt.slowErrorShare + persistence * late;
    fails -= fresh * succeeding;
    quickFails *= attempt.errorShare;
    const stopped = k === retries ? 1 : 1 - permitted;
    if (stopped > 0) {
      const n = k + 1;
      add(quickFail, stopped * quickFails, n * errorMs + waitedMs, n * errorVarianceMs2);
      add(anyFail, stopped * fails, n * failedWay.ms + waitedMs, n * failedWay.varianceMs2);
      fails *= permitted;
      late *= permitted;
      quickFails *= permitted;
    }
    if (k < retries) waitedMs = 2 * waitedMs + law.backoffMs;
  }
  setOk(out, attempt, retries * failedWay.maxMs + waitedMs + okWay.maxMs);
  // Only where nothing fails quickly have all attempts of a slow failure been slow.
  const slowAtLeast = attempt.errorShare > negligible || permitted < 1 ? 1 : retries + 1;
  setFailed(out, {
    minMs: slowAtLeast * failedWay.minMs,
    maxMs: (retries + 1) * failedWay.maxMs + waitedMs,
  });
  return tries;
}

/** The successes: with quick attempts only, and with a slow one among them. */
function setOk(out: Outcome, attempt: Outcome, maxMs: number): void {
  out.okShare = quickOk.share;
  out.okMs = quickOk.share > 0 ? quickOk.time / quickOk.share : 0;
  out.okVarianceMs2 = varianceOf(quickOk, out.okMs);
  const slow = anyOk.share - quickOk.share > negligible ? anyOk.share - quickOk.share : 0;
  out.slowOkShare = slow;
  out.slowOkMs = slow > 0 ? (anyOk.time - quickOk.time) / slow : 0;
  out.slowOkVarianceMs2 = slow > 0 ? restVariance(anyOk, quickOk, out.slowOkMs) : 0;
  const fromFailure = attempt.slowErrorShare > 0;
  const fromSuccess = attempt.slowOkShare > 0;
  out.slowOkMinMs = fromFailure ? failedWay.minMs : okWay.minMs;
  if (fromFailure && fromSuccess) out.slowOkMinMs = Math.min(failedWay.minMs, okWay.minMs);
  out.slowOkMaxMs = slow > 0 ? maxMs : 0;
}

/** The failures, likewise. */
function setFailed(out: Outcome, reachMs: { minMs: number; maxMs: number }): void {
  out.errorShare = quickFail.share;
  out.errorMs = quickFail.share > 0 ? quickFail.time / quickFail.share : 0;
  out.errorVarianceMs2 = varianceOf(quickFail, out.errorMs);
  const slow = anyFail.share - quickFail.share > negligible ? anyFail.share - quickFail.share : 0;
  out.slowErrorShare = slow;
  out.slowErrorMs = slow > 0 ? (anyFail.time - quickFail.time) / slow : 0;
  out.slowErrorVarianceMs2 = slow > 0 ? restVariance(anyFail, quickFail, out.slowErrorMs) : 0;
  out.slowErrorMinMs = slow > 0 ? reachMs.minMs : 0;
  out.slowErrorMaxMs = slow > 0 ? reachMs.maxMs : 0;
}

function varianceOf(sums: Sums, ms: number): number {
  return sums.share > 0 ? Math.max(0, sums.squares / sums.share - ms * ms) : 0;
}

function restVariance(whole: Sums, part: Sums, ms: number): number {
  return Math.max(0, (whole.squares - part.squares) / (whole.share - part.share) - ms * ms);
}
