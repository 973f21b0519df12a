import {
  addQuickError,
  addSlowError,
  closeFailures,
  copyOutcome,
  createOutcome,
  errorShareOf,
  type Outcome,
  okShareOf,
  openMixture,
  setNothing,
} from './outcome.ts';
import type { SlowWay } from './slow-atoms.ts';

/** Shares below this are rounding, not outcomes. */
const negligible = 1e-15;

const failedWay: SlowWay = { ms: 0, varianceMs2: 0, maxMs: 0 };
const okWay: SlowWay = { ms: 0, varianceMs2: 0, maxMs: 0 };

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
  okWay.maxMs = slow > 0 ? Math.max(okMs, slowOkMaxMs) : okMs;
}

/** The call that an attempt and its retries make: independent attempts until one succeeds. */
export function retryOutcome(out: Outcome, attempt: Outcome, retries: number): void {
  copyOutcome(out, attempt);
  const failing = errorShareOf(attempt);
  if (retries <= 0 || failing <= 0) return;
  const succeeding = okShareOf(attempt);
  const { errorShare, errorMs, errorVarianceMs2, okMs } = attempt;
  setFailedWay(attempt);
  setOkWay(attempt);
  let quickFails = 1;
  let fails = 1;
  let quickOk = 0;
  let quickTime = 0;
  let quickSquares = 0;
  let ok = 0;
  let okTime = 0;
  let okSquares = 0;
  for (let k = 0; k <= retries; k += 1) {
    const share = quickFails * attempt.okShare;
    const ms = k * errorMs + okMs;
    quickOk += share;
    quickTime += share * ms;
    quickSquares += share * (ms * ms + k * errorVarianceMs2 + attempt.okVarianceMs2);
    const anyShare = fails * succeeding;
    const anyMs = k * failedWay.ms + okWay.ms;
    ok += anyShare;
    okTime += anyShare * anyMs;
    okSquares += anyShare * (anyMs * anyMs + k * failedWay.varianceMs2 + okWay.varianceMs2);
    quickFails *= errorShare;
    fails *= failing;
  }
  out.okShare = quickOk;
  out.okMs = quickOk > 0 ? quickTime / quickOk : 0;
  out.okVarianceMs2 = quickOk > 0 ? Math.max(0, quickSquares / quickOk - out.okMs * out.okMs) : 0;
  const slowOk = ok - quickOk > negligible ? ok - quickOk : 0;
  out.slowOkShare = slowOk;
  out.slowOkMs = slowOk > 0 ? (okTime - quickTime) / slowOk : 0;
  out.slowOkVarianceMs2 =
    slowOk > 0 ? Math.max(0, (okSquares - quickSquares) / slowOk - out.slowOkMs * out.slowOkMs) : 0;
  out.slowOkMaxMs = slowOk > 0 ? retries * failedWay.maxMs + okWay.maxMs : 0;
  setFailedCall(out, attempt, { attempts: retries + 1, quickFails, fails });
}

/** All attempts failed: each on its own account, so times and variances add up. */
function setFailedCall(
  out: Outcome,
  attempt: Outcome,
  all: { attempts: number; quickFails: number; fails: number },
): void {
  const { attempts, quickFails, fails } = all;
  const quickMs = attempts * attempt.errorMs;
  const quickVarianceMs2 = attempts * attempt.errorVarianceMs2;
  out.errorShare = quickFails;
  out.errorMs = quickMs;
  out.errorVarianceMs2 = quickVarianceMs2;
  const slow = fails - quickFails > negligible ? fails - quickFails : 0;
  out.slowErrorShare = slow;
  out.slowErrorMs = 0;
  out.slowErrorVarianceMs2 = 0;
  out.slowErrorMaxMs = 0;
  if (slow <= 0) return;
  const anyMs = attempts * failedWay.ms;
  const squares =
    fails * (anyMs * anyMs + attempts * failedWay.varianceMs2) -
    quickFails * (quickMs * quickMs + quickVarianceMs2);
  out.slowErrorMs = (fails * anyMs - quickFails * quickMs) / slow;
  out.slowErrorVarianceMs2 = Math.max(0, squares / slow - out.slowErrorMs * out.slowErrorMs);
  out.slowErrorMaxMs = attempts * failedWay.maxMs;
}

const hidden: Outcome = createOutcome();

/** The same call with its failures hidden: they cost their time and count as ok. */
function hideFailure(out: Outcome, call: Outcome): void {
  setNothing(out);
  const ok = call.okShare + call.errorShare;
  if (ok > 0) {
    const part = call.errorShare / ok;
    const gap = call.errorMs - call.okMs;
    out.okShare = ok;
    out.okMs = call.okMs + part * gap;
    out.okVarianceMs2 =
      (1 - part) * call.okVarianceMs2 +
      part * call.errorVarianceMs2 +
      part * (1 - part) * gap * gap;
  }
  const slow = call.slowOkShare + call.slowErrorShare;
  if (slow > 0) {
    const part = call.slowErrorShare / slow;
    const gap = call.slowErrorMs - call.slowOkMs;
    out.slowOkShare = slow;
    out.slowOkMs = call.slowOkMs + part * gap;
    out.slowOkVarianceMs2 =
      (1 - part) * call.slowOkVarianceMs2 +
      part * call.slowErrorVarianceMs2 +
      part * (1 - part) * gap * gap;
    out.slowOkMaxMs = Math.max(call.slowOkMaxMs, call.slowErrorMaxMs);
  }
}

/**
 * Appends a call, made with probability `probability`, to a sequence that stops at its first
 * failure. The sequence's failures stay open sums until `closeFailures`.
 */
export function appendCall(
  sequence: Outcome,
  call: Outcome,
  options: { probability: number; optional: boolean },
): void {
  const { probability, optional } = options;
  let next = call;
  if (optional && errorShareOf(call) > 0) {
    hideFailure(hidden, call);
    next = hidden;
  }
  if (errorShareOf(next) > 0) appendFailures(sequence, next, probability);
  if (sequence.slowOkShare > 0 || next.slowOkShare > 0) appendSlowOk(sequence, next, probability);
  const { okMs, okVarianceMs2 } = sequence;
  const made = probability * next.okShare;
  const passes = 1 - probability + made;
  const weight = passes > 0 ? made / passes : 0;
  sequence.okShare *= passes;
  sequence.okMs = okMs + weight * next.okMs;
  sequence.okVarianceMs2 =
    okVarianceMs2 + weight * next.okVarianceMs2 + weight * (1 - weight) * next.okMs * next.okMs;
}

const way: SlowWay = { ms: 0, varianceMs2: 0, maxMs: 0 };

/** The sequence ends where the call fails, after whatever came before. */
function appendFailures(sequence: Outcome, next: Outcome, probability: number): void {
  const { okShare: quick, slowOkShare: slow, okMs, okVarianceMs2 } = sequence;
  const quickFails = probability * next.errorShare;
  const slowFails = probability * next.slowErrorShare;
  if (quickFails > 0) {
    const varianceMs2 = okVarianceMs2 + next.errorVarianceMs2;
    addQuickError(sequence, quick * quickFails, okMs + next.errorMs, varianceMs2);
  }
  if (slowFails > 0 && quick > 0) {
    way.ms = okMs + next.slowErrorMs;
    way.varianceMs2 = okVarianceMs2 + next.slowErrorVarianceMs2;
    way.maxMs = okMs + next.slowErrorMaxMs;
    addSlowError(sequence, quick * slowFails, way);
  }
  if (slow > 0 && quickFails > 0) {
    way.ms = sequence.slowOkMs + next.errorMs;
    way.varianceMs2 = sequence.slowOkVarianceMs2 + next.errorVarianceMs2;
    way.maxMs = sequence.slowOkMaxMs + next.errorMs;
    addSlowError(sequence, slow * quickFails, way);
  }
  if (slow > 0 && slowFails > 0) {
    way.ms = sequence.slowOkMs + next.slowErrorMs;
    way.varianceMs2 = sequence.slowOkVarianceMs2 + next.slowErrorVarianceMs2;
    way.maxMs = sequence.slowOkMaxMs + next.slowErrorMaxMs;
    addSlowError(sequence, slow * slowFails, way);
  }
}

/** What was slow before the call stays slow, and a slow call makes the rest so. */
function appendSlowOk(sequence: Outcome, next: Outcome, probability: number): void {
  const { okShare: quick, slowOkShare: slow, okMs, okVarianceMs2 } = sequence;
  const { slowOkMs, slowOkVarianceMs2, slowOkMaxMs } = sequence;
  const skipped = slow * (1 - probability);
  const made = slow * probability * next.okShare;
  const late = quick * probability * next.slowOkShare;
  const both = slow * probability * next.slowOkShare;
  const share = skipped + made + late + both;
  if (share <= 0) {
    sequence.slowOkShare = 0;
    return;
  }
  const madeMs = slowOkMs + next.okMs;
  const lateMs = okMs + next.slowOkMs;
  const bothMs = slowOkMs + next.slowOkMs;
  const ms = (skipped * slowOkMs + made * madeMs + late * lateMs + both * bothMs) / share;
  const squares =
    skipped * (slowOkMs * slowOkMs + slowOkVarianceMs2) +
    made * (madeMs * madeMs + slowOkVarianceMs2 + next.okVarianceMs2) +
    late * (lateMs * lateMs + okVarianceMs2 + next.slowOkVarianceMs2) +
    both * (bothMs * bothMs + slowOkVarianceMs2 + next.slowOkVarianceMs2);
  sequence.slowOkShare = share;
  sequence.slowOkMs = ms;
  sequence.slowOkVarianceMs2 = Math.max(0, squares / share - ms * ms);
  const longestBefore = slow > 0 ? slowOkMaxMs : okMs;
  const longestHere = next.slowOkShare > 0 ? next.slowOkMaxMs : next.okMs;
  sequence.slowOkMaxMs = longestBefore + longestHere;
}

/** What a pod adds to the calls its operation makes. */
export interface OwnPart {
  /** Turned away at the door, at once. */
  rejectShare: number;
  /** Of those let in, how many fail on the operation's own account after its own time. */
  errorShare: number;
  ms: number;
  varianceMs2: number;
}

/** The whole response of an operation: own part first, then its calls. */
export function respond(out: Outcome, own: OwnPart, calls: Outcome): void {
  const admitted = 1 - own.rejectShare;
  const goesOn = admitted * (1 - own.errorShare);
  openMixture(out);
  if (own.rejectShare > 0) addQuickError(out, own.rejectShare, 0, 0);
  if (own.errorShare > 0) addQuickError(out, admitted * own.errorShare, own.ms, own.varianceMs2);
  if (calls.errorShare > 0) {
    addQuickError(
      out,
      goesOn * calls.errorShare,
      own.ms + calls.errorMs,
      own.varianceMs2 + calls.errorVarianceMs2,
    );
  }
  if (out.errorShare > 0) closeFailures(out);
  out.okShare = goesOn * calls.okShare;
  out.okMs = own.ms + calls.okMs;
  out.okVarianceMs2 = own.varianceMs2 + calls.okVarianceMs2;
  out.slowOkShare = goesOn * calls.slowOkShare;
  out.slowOkMs = own.ms + calls.slowOkMs;
  out.slowOkVarianceMs2 = own.varianceMs2 + calls.slowOkVarianceMs2;
  out.slowOkMaxMs = own.ms + calls.slowOkMaxMs;
  out.slowErrorShare = goesOn * calls.slowErrorShare;
  out.slowErrorMs = own.ms + calls.slowErrorMs;
  out.slowErrorVarianceMs2 = own.varianceMs2 + calls.slowErrorVarianceMs2;
  out.slowErrorMaxMs = own.ms + calls.slowErrorMaxMs;
}
