import {
  addQuickError,
  addSlowError,
  closeFailures,
  createOutcome,
  errorShareOf,
  type Outcome,
  openMixture,
  setNothing,
} from './outcome.ts';
import type { SlowWay } from './slow-atoms.ts';

const hidden: Outcome = createOutcome();

/** The shortest of the slow ways. */
function shorter({ slowOkShare, slowOkMinMs, slowErrorShare, slowErrorMinMs }: Outcome): number {
  if (slowOkShare <= 0) return slowErrorMinMs;
  return slowErrorShare > 0 ? Math.min(slowOkMinMs, slowErrorMinMs) : slowOkMinMs;
}

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
    out.slowOkMinMs = shorter(call);
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

const way: SlowWay = { ms: 0, varianceMs2: 0, minMs: 0, maxMs: 0 };

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
    way.minMs = next.slowErrorMinMs;
    way.maxMs = okMs + next.slowErrorMaxMs;
    addSlowError(sequence, quick * slowFails, way);
  }
  if (slow > 0 && quickFails > 0) {
    way.ms = sequence.slowOkMs + next.errorMs;
    way.varianceMs2 = sequence.slowOkVarianceMs2 + next.errorVarianceMs2;
    way.minMs = sequence.slowOkMinMs;
    way.maxMs = sequence.slowOkMaxMs + next.errorMs;
    addSlowError(sequence, slow * quickFails, way);
  }
  if (slow > 0 && slowFails > 0) {
    way.ms = sequence.slowOkMs + next.slowErrorMs;
    way.varianceMs2 = sequence.slowOkVarianceMs2 + next.slowErrorVarianceMs2;
    way.minMs = sequence.slowOkMinMs + next.slowErrorMinMs;
    way.maxMs = sequence.slowOkMaxMs + next.slowErrorMaxMs;
    addSlowError(sequence, slow * slowFails, way);
  }
}

/** What was slow before the call stays slow, and a slow call makes the rest so. */
function appendSlowOk(sequence: Outcome, next: Outcome, probability: number): void {
  const { okShare: quick, slowOkShare: slow, okMs, okVarianceMs2 } = sequence;
  const { slowOkMs, slowOkVarianceMs2, slowOkMinMs, slowOkMaxMs } = sequence;
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
  const isOnlyHere = slow <= 0 || (next.slowOkShare > 0 && next.slowOkMinMs < slowOkMinMs);
  sequence.slowOkMinMs = isOnlyHere ? next.slowOkMinMs : slowOkMinMs;
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
  out.slowOkMinMs = calls.slowOkMinMs;
  out.slowOkMaxMs = own.ms + calls.slowOkMaxMs;
  out.slowErrorShare = goesOn * calls.slowErrorShare;
  out.slowErrorMs = own.ms + calls.slowErrorMs;
  out.slowErrorVarianceMs2 = own.varianceMs2 + calls.slowErrorVarianceMs2;
  out.slowErrorMinMs = calls.slowErrorMinMs;
  out.slowErrorMaxMs = own.ms + calls.slowErrorMaxMs;
}
