import { type Truncated, truncate } from './latency-law.ts';

/**
 * How a request, an attempt or a call ends. Four ways with shares that sum to 1: ok or error, each
 * quick (gamma-like, mean and variance kept) or slow (at least one time-out on the way, mean kept).
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
  slowErrorShare: number;
  slowErrorMs: number;
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
    slowErrorShare: 0,
    slowErrorMs: 0,
  };
}

/** A certain success in no time: where a sequence of calls starts. */
export function setInstantOk(out: Outcome): void {
  setNothing(out);
  out.okShare = 1;
}

function setNothing(out: Outcome): void {
  out.okShare = 0;
  out.okMs = 0;
  out.okVarianceMs2 = 0;
  out.errorShare = 0;
  out.errorMs = 0;
  out.errorVarianceMs2 = 0;
  out.slowOkShare = 0;
  out.slowOkMs = 0;
  out.slowErrorShare = 0;
  out.slowErrorMs = 0;
}

function copyOutcome(out: Outcome, from: Outcome): void {
  out.okShare = from.okShare;
  out.okMs = from.okMs;
  out.okVarianceMs2 = from.okVarianceMs2;
  out.errorShare = from.errorShare;
  out.errorMs = from.errorMs;
  out.errorVarianceMs2 = from.errorVarianceMs2;
  out.slowOkShare = from.slowOkShare;
  out.slowOkMs = from.slowOkMs;
  out.slowErrorShare = from.slowErrorShare;
  out.slowErrorMs = from.slowErrorMs;
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
 * A mixture under construction: while it is open, times are sums weighted by share and variances are
 * sums of squares; `closeMixture` turns them into means and variances.
 */
export function openMixture(out: Outcome): void {
  setNothing(out);
}

export function addQuickError(out: Outcome, share: number, ms: number, varianceMs2: number): void {
  out.errorShare += share;
  out.errorMs += share * ms;
  out.errorVarianceMs2 += share * (ms * ms + varianceMs2);
}

export function addSlowError(out: Outcome, share: number, ms: number): void {
  out.slowErrorShare += share;
  out.slowErrorMs += share * ms;
}

const cut: Truncated = { share: 1, first: 0, second: 0 };

/** Adds an attempt answered with `response` over a network that takes `networkMs` there and back. */
export function addAttempt(
  out: Outcome,
  response: Outcome,
  share: number,
  limits: { networkMs: number; timeoutMs: number },
): void {
  const { networkMs, timeoutMs } = limits;
  const leftMs = timeoutMs - networkMs;
  if (response.okShare > 0) {
    truncate(cut, response.okMs, response.okVarianceMs2, leftMs);
    const weight = share * response.okShare;
    out.okShare += weight * cut.share;
    out.okMs += weight * (cut.first + cut.share * networkMs);
    out.okVarianceMs2 +=
      weight * (cut.second + 2 * networkMs * cut.first + cut.share * networkMs * networkMs);
    if (cut.share < 1) addSlowError(out, weight * (1 - cut.share), timeoutMs);
  }
  if (response.errorShare > 0) {
    truncate(cut, response.errorMs, response.errorVarianceMs2, leftMs);
    const weight = share * response.errorShare;
    out.errorShare += weight * cut.share;
    out.errorMs += weight * (cut.first + cut.share * networkMs);
    out.errorVarianceMs2 +=
      weight * (cut.second + 2 * networkMs * cut.first + cut.share * networkMs * networkMs);
    if (cut.share < 1) addSlowError(out, weight * (1 - cut.share), timeoutMs);
  }
  if (response.slowOkShare > 0) {
    if (response.slowOkMs > leftMs) addSlowError(out, share * response.slowOkShare, timeoutMs);
    else {
      out.slowOkShare += share * response.slowOkShare;
      out.slowOkMs += share * response.slowOkShare * (response.slowOkMs + networkMs);
    }
  }
  if (response.slowErrorShare > 0) {
    const ms = Math.min(timeoutMs, response.slowErrorMs + networkMs);
    addSlowError(out, share * response.slowErrorShare, ms);
  }
}

export function closeMixture(out: Outcome): void {
  if (out.okShare > 0) {
    out.okMs /= out.okShare;
    out.okVarianceMs2 = Math.max(0, out.okVarianceMs2 / out.okShare - out.okMs * out.okMs);
  }
  if (out.errorShare > 0) {
    out.errorMs /= out.errorShare;
    out.errorVarianceMs2 = Math.max(
      0,
      out.errorVarianceMs2 / out.errorShare - out.errorMs * out.errorMs,
    );
  }
  if (out.slowOkShare > 0) out.slowOkMs /= out.slowOkShare;
  if (out.slowErrorShare > 0) out.slowErrorMs /= out.slowErrorShare;
}

/** Shares below this are rounding, not outcomes. */
const negligible = 1e-15;

/** The call that an attempt and its retries make: independent attempts until one succeeds. */
export function retryOutcome(out: Outcome, attempt: Outcome, retries: number): void {
  copyOutcome(out, attempt);
  const failing = errorShareOf(attempt);
  if (retries <= 0 || failing <= 0) return;
  const succeeding = okShareOf(attempt);
  const { errorShare, errorMs, errorVarianceMs2, okMs } = attempt;
  const failedMs = (errorShare * errorMs + attempt.slowErrorShare * attempt.slowErrorMs) / failing;
  const succeededMs =
    succeeding > 0
      ? (attempt.okShare * okMs + attempt.slowOkShare * attempt.slowOkMs) / succeeding
      : 0;
  let quickFails = 1;
  let fails = 1;
  let quickOk = 0;
  let quickTime = 0;
  let quickSquares = 0;
  let ok = 0;
  let okTime = 0;
  for (let k = 0; k <= retries; k += 1) {
    const share = quickFails * attempt.okShare;
    const ms = k * errorMs + okMs;
    quickOk += share;
    quickTime += share * ms;
    quickSquares += share * (ms * ms + k * errorVarianceMs2 + attempt.okVarianceMs2);
    ok += fails * succeeding;
    okTime += fails * succeeding * (k * failedMs + succeededMs);
    quickFails *= errorShare;
    fails *= failing;
  }
  out.okShare = quickOk;
  out.okMs = quickOk > 0 ? quickTime / quickOk : 0;
  out.okVarianceMs2 = quickOk > 0 ? Math.max(0, quickSquares / quickOk - out.okMs * out.okMs) : 0;
  out.slowOkShare = ok - quickOk > negligible ? ok - quickOk : 0;
  out.slowOkMs = out.slowOkShare > 0 ? (okTime - quickTime) / out.slowOkShare : 0;
  const attempts = retries + 1;
  out.errorShare = quickFails;
  out.errorMs = attempts * errorMs;
  out.errorVarianceMs2 = attempts * errorVarianceMs2;
  out.slowErrorShare = fails - quickFails > negligible ? fails - quickFails : 0;
  out.slowErrorMs =
    out.slowErrorShare > 0
      ? (attempts * (fails * failedMs - quickFails * errorMs)) / out.slowErrorShare
      : 0;
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
    out.slowOkShare = slow;
    out.slowOkMs =
      (call.slowOkShare * call.slowOkMs + call.slowErrorShare * call.slowErrorMs) / slow;
  }
}

/**
 * Appends a call, made with probability `probability`, to a sequence that stops at its first failure.
 * The sequence's failures stay open sums until `closeSequence`.
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
  const quick = sequence.okShare;
  const slow = sequence.slowOkShare;
  const { okMs, okVarianceMs2, slowOkMs } = sequence;
  if (next.errorShare > 0) {
    const share = probability * next.errorShare;
    addQuickError(
      sequence,
      quick * share,
      okMs + next.errorMs,
      okVarianceMs2 + next.errorVarianceMs2,
    );
    if (slow > 0) addSlowError(sequence, slow * share, slowOkMs + next.errorMs);
  }
  if (next.slowErrorShare > 0) {
    const share = probability * next.slowErrorShare;
    addSlowError(sequence, quick * share, okMs + next.slowErrorMs);
    if (slow > 0) addSlowError(sequence, slow * share, slowOkMs + next.slowErrorMs);
  }
  const made = probability * next.okShare;
  const passes = 1 - probability + made;
  if (slow > 0 || next.slowOkShare > 0) {
    const late = probability * next.slowOkShare;
    sequence.slowOkShare = quick * late + slow * (passes + late);
    sequence.slowOkMs =
      sequence.slowOkShare > 0
        ? (quick * late * (okMs + next.slowOkMs) +
            slow * (passes * slowOkMs + made * next.okMs + late * (slowOkMs + next.slowOkMs))) /
          sequence.slowOkShare
        : 0;
  }
  const weight = passes > 0 ? made / passes : 0;
  sequence.okShare = quick * passes;
  sequence.okMs = okMs + weight * next.okMs;
  sequence.okVarianceMs2 =
    okVarianceMs2 + weight * next.okVarianceMs2 + weight * (1 - weight) * next.okMs * next.okMs;
}

/** Turns the failures' sums into means and variances. */
export function closeSequence(sequence: Outcome): void {
  if (sequence.errorShare > 0) {
    sequence.errorMs /= sequence.errorShare;
    sequence.errorVarianceMs2 = Math.max(
      0,
      sequence.errorVarianceMs2 / sequence.errorShare - sequence.errorMs * sequence.errorMs,
    );
  }
  if (sequence.slowErrorShare > 0) sequence.slowErrorMs /= sequence.slowErrorShare;
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
  if (out.errorShare > 0) closeSequence(out);
  out.okShare = goesOn * calls.okShare;
  out.okMs = own.ms + calls.okMs;
  out.okVarianceMs2 = own.varianceMs2 + calls.okVarianceMs2;
  out.slowOkShare = goesOn * calls.slowOkShare;
  out.slowOkMs = own.ms + calls.slowOkMs;
  out.slowErrorShare = goesOn * calls.slowErrorShare;
  out.slowErrorMs = own.ms + calls.slowErrorMs;
}
