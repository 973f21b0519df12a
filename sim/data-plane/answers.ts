/** What the answers of attempts add to a mixture, as far as the caller waits for them. */
import { type Truncated, truncate } from './latency-law.ts';
import { addSlowError, addSlowOk, addTimeOut, type Outcome } from './outcome.ts';
import { createSlowAtoms, type SlowWay, splitSlow } from './slow-atoms.ts';

const cut: Truncated = { share: 1, first: 0, second: 0 };
const atoms = createSlowAtoms();
const answered: SlowWay = { ms: 0, varianceMs2: 0, minMs: 0, maxMs: 0 };

/** What an attempt's caller and way to the pod allow for. */
export interface AttemptLimits {
  networkMs: number;
  timeoutMs: number;
}

/**
 * What the quick answers of an attempt add to an open mixture: those in time, as sums, and the
 * shares that are late, below 0 where none is.
 */
export interface QuickAnswer {
  okShare: number;
  okMs: number;
  okSquares: number;
  lateOkShare: number;
  errorShare: number;
  errorMs: number;
  errorSquares: number;
  lateErrorShare: number;
}

export function createQuickAnswer(): QuickAnswer {
  return {
    okShare: 0,
    okMs: 0,
    okSquares: 0,
    lateOkShare: -1,
    errorShare: 0,
    errorMs: 0,
    errorSquares: 0,
    lateErrorShare: -1,
  };
}

/** Cuts the quick part of `response`, of so many attempts, where the caller gives up. */
export function cutAnswer(
  out: QuickAnswer,
  response: Outcome,
  share: number,
  { networkMs, timeoutMs }: AttemptLimits,
): void {
  const leftMs = timeoutMs - networkMs;
  out.okShare = 0;
  out.okMs = 0;
  out.okSquares = 0;
  out.lateOkShare = -1;
  if (response.okShare > 0) {
    truncate(cut, response.okMs, response.okVarianceMs2, leftMs);
    const weight = share * response.okShare;
    out.okShare = weight * cut.share;
    out.okMs = weight * (cut.first + cut.share * networkMs);
    out.okSquares =
      weight * (cut.second + 2 * networkMs * cut.first + cut.share * networkMs * networkMs);
    if (cut.share < 1) out.lateOkShare = weight * (1 - cut.share);
  }
  out.errorShare = 0;
  out.errorMs = 0;
  out.errorSquares = 0;
  out.lateErrorShare = -1;
  if (response.errorShare > 0) {
    truncate(cut, response.errorMs, response.errorVarianceMs2, leftMs);
    const weight = share * response.errorShare;
    out.errorShare = weight * cut.share;
    out.errorMs = weight * (cut.first + cut.share * networkMs);
    out.errorSquares =
      weight * (cut.second + 2 * networkMs * cut.first + cut.share * networkMs * networkMs);
    if (cut.share < 1) out.lateErrorShare = weight * (1 - cut.share);
  }
}

const quick = createQuickAnswer();

/**
 * Adds an attempt answered with `response` over a network that takes `networkMs` there and back.
 */
export function addAttempt(
  out: Outcome,
  response: Outcome,
  share: number,
  limits: AttemptLimits,
): void {
  cutAnswer(quick, response, share, limits);
  addAnswer(out, quick, limits.timeoutMs);
  addSlowAnswers(out, response, share, limits);
}

/** Adds what `cutAnswer` found. */
export function addAnswer(out: Outcome, answer: QuickAnswer, timeoutMs: number): void {
  out.okShare += answer.okShare;
  out.okMs += answer.okMs;
  out.okVarianceMs2 += answer.okSquares;
  if (answer.lateOkShare >= 0) addTimeOut(out, answer.lateOkShare, timeoutMs);
  out.errorShare += answer.errorShare;
  out.errorMs += answer.errorMs;
  out.errorVarianceMs2 += answer.errorSquares;
  if (answer.lateErrorShare >= 0) addTimeOut(out, answer.lateErrorShare, timeoutMs);
}

/** Adds the slow part of `response`. */
export function addSlowAnswers(
  out: Outcome,
  response: Outcome,
  share: number,
  limits: AttemptLimits,
): void {
  if (response.slowOkShare > 0) {
    answered.ms = response.slowOkMs;
    answered.varianceMs2 = response.slowOkVarianceMs2;
    answered.minMs = response.slowOkMinMs;
    answered.maxMs = response.slowOkMaxMs;
    addSlowAnswer(out, share * response.slowOkShare, limits, addSlowOk);
  }
  if (response.slowErrorShare > 0) {
    answered.ms = response.slowErrorMs;
    answered.varianceMs2 = response.slowErrorVarianceMs2;
    answered.minMs = response.slowErrorMinMs;
    answered.maxMs = response.slowErrorMaxMs;
    addSlowAnswer(out, share * response.slowErrorShare, limits, addSlowError);
  }
}

/** Adds what `answered` says, as far as the caller waits for it. */
function addSlowAnswer(
  out: Outcome,
  share: number,
  limits: AttemptLimits,
  add: typeof addSlowOk,
): void {
  const { networkMs, timeoutMs } = limits;
  if (answered.maxMs + networkMs <= timeoutMs) {
    answered.ms += networkMs;
    answered.minMs += networkMs;
    answered.maxMs += networkMs;
    add(out, share, answered);
    return;
  }
  splitSlow(atoms, answered);
  const { lateShare } = atoms;
  addSlowAtom(out, share * lateShare, { ms: atoms.lateMs + networkMs, timeoutMs }, add);
  if (lateShare < 1) {
    addSlowAtom(out, share * (1 - lateShare), { ms: atoms.earlyMs + networkMs, timeoutMs }, add);
  }
}

function addSlowAtom(
  out: Outcome,
  share: number,
  atom: { ms: number; timeoutMs: number },
  add: typeof addSlowOk,
): void {
  if (atom.ms > atom.timeoutMs) {
    addTimeOut(out, share, atom.timeoutMs);
    return;
  }
  answered.ms = atom.ms;
  answered.varianceMs2 = 0;
  answered.minMs = atom.ms;
  answered.maxMs = atom.ms;
  add(out, share, answered);
}
