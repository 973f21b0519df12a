/**
 * The flow model's steps as they are while something is wrong: pod by pod, as each may be hit on
 * its own. All endpoints' quick answers are one law; only the healthy steps keep distant modes
 * apart.
 */
import { addAttempt } from './answers.ts';
import type { GraphCall } from './call-graph.ts';
import { type OwnPart, respond } from './call-outcome.ts';
import type { CallParts } from './call-state.ts';
import type { ImpairTable } from './impair-table.ts';
import type { Ways } from './impair-ways.ts';
import { openEndpoints } from './open-endpoints.ts';
import {
  addQuickError,
  addTimeOut,
  closeMixture,
  copyOutcome,
  createOutcome,
  meanMsOf,
  type Outcome,
} from './outcome.ts';
import { loadOutcome, saveOutcome } from './outcome-rows.ts';
import { sizeOf } from './pod-groups.ts';
import { reach } from './reach-table.ts';
import { addStall, setStalled } from './stall.ts';

const limits = { networkMs: 0, timeoutMs: 0 };
const crossed: Outcome = createOutcome();
const stalled: Outcome = createOutcome();
const answer: Outcome = createOutcome();

/** What becomes of attempts on one way: both parts of it, to the pod and between the services. */
interface Crossing {
  passShare: number;
  cutShare: number;
  refusedShare: number;
  delayMs: number;
  varianceMs2: number;
  stallShare: number;
  stallMs: number;
}

const crossing: Crossing = {
  passShare: 1,
  cutShare: 0,
  refusedShare: 0,
  delayMs: 0,
  varianceMs2: 0,
  stallShare: 0,
  stallMs: 0,
};

function setCrossing(table: ImpairTable, at: number, link: number): Crossing {
  const { into, link: links } = table;
  const united = (ways: keyof Ways): number =>
    1 - (1 - (into[ways][at] as number)) * (1 - (links[ways][link] as number));
  crossing.refusedShare = united('refusedShare');
  crossing.cutShare = (1 - crossing.refusedShare) * united('cutShare');
  crossing.passShare = 1 - crossing.refusedShare - crossing.cutShare;
  crossing.stallShare = united('stallShare');
  crossing.delayMs = (into.delayMs[at] as number) + (links.delayMs[link] as number);
  crossing.varianceMs2 = (into.varianceMs2[at] as number) + (links.varianceMs2[link] as number);
  crossing.stallMs = Math.max(into.stallMs[at] as number, links.stallMs[link] as number);
  return crossing;
}

/** How one attempt from a zone (or users) ends, over all pods it may land on. */
export function impairedAttempt(
  out: Outcome,
  parts: CallParts,
  call: { row: number; operation: number; timeoutMs: number; link: number },
): void {
  const { graph, index, reachable, responses } = parts;
  const { row, operation, timeoutMs, link } = call;
  const table = parts.impairs as ImpairTable;
  const s = graph.operationService[operation] as number;
  const { first, pods } = index.endpoints;
  const until = first[s + 1] as number;
  const share = openEndpoints(out, parts, s);
  const offset = operation - (graph.firstOperation[s] as number);
  limits.timeoutMs = timeoutMs;
  for (let e = first[s] as number; e < until; e += 1) {
    const p = pods[e] as number;
    const at = row * reachable.podCount + p;
    const kind = reachable.kind[at];
    const way = setCrossing(table, at, link);
    const networkMs = (reachable.networkMs[at] as number) + way.delayMs;
    if (way.cutShare > 0) addTimeOut(out, share * way.cutShare, timeoutMs);
    if (way.refusedShare > 0) {
      addQuickError(out, share * way.refusedShare, Math.min(timeoutMs, networkMs), 0);
    }
    const passing = share * way.passShare;
    if (kind === reach.answers) {
      const i = (index.firstSlot[p] as number) + offset;
      loadOutcome(answer, responses.outcomes, responses.slots[i] as number);
      limits.networkMs = networkMs;
      addCrossed(out, answer, passing);
    } else if (kind === reach.silent) addTimeOut(out, passing, timeoutMs);
    else addQuickError(out, passing, Math.min(timeoutMs, networkMs), 0);
  }
  closeMixture(out);
}

/** Adds attempts that get across, some of them late. */
function addCrossed(out: Outcome, response: Outcome, share: number): void {
  const { stallShare, stallMs, varianceMs2 } = crossing;
  let late = response;
  if (varianceMs2 > 0) {
    copyOutcome(crossed, response);
    crossed.okVarianceMs2 += varianceMs2;
    crossed.errorVarianceMs2 += varianceMs2;
    crossed.slowOkVarianceMs2 += varianceMs2;
    crossed.slowErrorVarianceMs2 += varianceMs2;
    late = crossed;
  }
  addAttempt(out, late, share * (1 - stallShare), limits);
  if (stallShare <= 0) return;
  setStalled(stalled, late, stallMs);
  addAttempt(out, stalled, share * stallShare, limits);
}

/** Spreads attempts over the pods that answer, as far as the ways there let them through. */
export function impairedSpread(
  parts: CallParts,
  target: { row: number; operation: number; link: number },
  attempts: { expected: number; observed: number },
): void {
  const { graph, index, reachable, calls, state } = parts;
  const { row, operation, link } = target;
  const s = graph.operationService[operation] as number;
  const { first, pods } = index.endpoints;
  const until = first[s + 1] as number;
  const share = (calls.limitShare[s] as number) / sizeOf(index.endpoints, s);
  const offset = operation - (graph.firstOperation[s] as number);
  const { arrivals, observed } = state.slot;
  for (let e = first[s] as number; e < until; e += 1) {
    const p = pods[e] as number;
    const at = row * reachable.podCount + p;
    if (reachable.kind[at] !== reach.answers) continue;
    const { passShare } = setCrossing(parts.impairs as ImpairTable, at, link);
    const i = (index.firstSlot[p] as number) + offset;
    arrivals[i] = (arrivals[i] as number) + attempts.expected * share * passShare;
    observed[i] = (observed[i] as number) + attempts.observed * share * passShare;
  }
}

/** Share of a slot's requests that fail on its own account. */
export function ownErrorShare(parts: Pick<CallParts, 'impairs'>, i: number, usual: number): number {
  const added = parts.impairs === null ? 0 : (parts.impairs.slot.errorShare[i] as number);
  return Math.min(1, usual + added);
}

/** Share of a pod's calls that get out of it. */
export function leavingShare({ impairs }: Pick<CallParts, 'impairs'>, p: number): number {
  if (impairs === null) return 1;
  const { refusedShare, cutShare } = impairs.outOf;
  return (1 - (refusedShare[p] as number)) * (1 - (cutShare[p] as number));
}

const own: OwnPart = { rejectShare: 0, errorShare: 0, ms: 0, varianceMs2: 0 };
const downstream: Outcome = createOutcome();
const response: Outcome = createOutcome();

/** The responses of one operation in one zone, each pod on its own. */
export function settleImpairedSlots(
  parts: CallParts,
  { operation: o, group: g }: { operation: number; group: number },
  sequence: Outcome,
): void {
  const { graph, index, reachable, state, responses } = parts;
  const { slot } = parts.impairs as ImpairTable;
  const offset = o - (graph.firstOperation[graph.operationService[o] as number] as number);
  const errorRatio = graph.work.errorRatio[o] as number;
  const { first, pods } = index.podsInZone;
  for (let e = first[g] as number; e < (first[g + 1] as number); e += 1) {
    const p = pods[e] as number;
    if (!reachable.alive[p]) continue;
    const i = (index.firstSlot[p] as number) + offset;
    own.rejectShare = Math.min(1, state.pod.rejectShare[p] as number);
    const usual = errorRatio + (state.pod.addedErrorRatio[p] as number);
    own.errorShare = ownErrorShare(parts, i, usual);
    own.ms = state.slot.ownMs[i] as number;
    own.varianceMs2 = state.slot.ownVarianceMs2[i] as number;
    copyOutcome(downstream, sequence);
    leavePod(downstream, parts, { p, operation: o });
    respond(response, own, downstream);
    const stallShare = slot.stallShare[i] as number;
    const stallMs = slot.stallMs[i] as number;
    if (stallShare > 0) addStall(response, { share: stallShare, ms: stallMs });
    saveOutcome(responses.outcomes, i, response);
    responses.slots[i] = i;
    const callMs = (1 - own.errorShare) * meanMsOf(downstream);
    state.slot.callMs[i] = callMs + stallShare * stallMs;
  }
}

/** What the ways out of a pod do to the calls of one of its requests. */
function leavePod(
  calls: Outcome,
  { graph, impairs }: CallParts,
  { p, operation }: { p: number; operation: number },
): void {
  const { outOf } = impairs as ImpairTable;
  const refused = outOf.refusedShare[p] as number;
  const cut = outOf.cutShare[p] as number;
  const hanging = outOf.stallShare[p] as number;
  const delayMs = outOf.delayMs[p] as number;
  if (refused + cut + hanging + delayMs <= 0) return;
  let made = 0;
  let needed = 0;
  let waitMs = 0;
  for (
    let c = graph.firstCall[operation] as number;
    c < (graph.firstCall[operation + 1] as number);
    c += 1
  ) {
    const { count, retries, timeoutMs, optional } = (graph.calls[c] as GraphCall).spec;
    made += count;
    if (optional) continue;
    // A retry helps where single packets or connections are lost, not whole ways.
    needed += count * (1 - (1 - refused - cut) * retries * 0.5);
    waitMs = Math.max(waitMs, timeoutMs);
  }
  if (made <= 0) return;
  if (delayMs > 0) addStall(calls, { share: 1, ms: delayMs * made });
  if (hanging > 0) {
    const share = 1 - Math.exp(made * Math.log(Math.max(1e-9, 1 - hanging)));
    addStall(calls, { share, ms: outOf.stallMs[p] as number });
  }
  const failing = 1 - (1 - refused) * (1 - cut);
  if (failing <= 0 || needed <= 0) return;
  const fails = 1 - Math.exp(Math.max(0, needed) * Math.log(Math.max(1e-9, 1 - failing)));
  failCalls(calls, { quick: (fails * refused) / (refused + cut), slow: fails, waitMs });
}

/** Lets a share of call sequences fail: `quick` of them at once, the others after `waitMs`. */
function failCalls(
  calls: Outcome,
  { quick, slow, waitMs }: { quick: number; slow: number; waitMs: number },
): void {
  const late = slow - quick;
  const passing = 1 - slow;
  const errorShare = passing * calls.errorShare + quick;
  if (errorShare > 0) {
    const kept = (passing * calls.errorShare) / errorShare;
    calls.errorMs *= kept;
    calls.errorVarianceMs2 *= kept;
  }
  const slowShare = passing * calls.slowErrorShare + late;
  if (slowShare > 0) {
    const kept = (passing * calls.slowErrorShare) / slowShare;
    const gapMs = calls.slowErrorMs - waitMs;
    calls.slowErrorMs = waitMs + kept * gapMs;
    calls.slowErrorVarianceMs2 = kept * (calls.slowErrorVarianceMs2 + (1 - kept) * gapMs * gapMs);
    calls.slowErrorMinMs = kept > 0 ? Math.min(calls.slowErrorMinMs, waitMs) : waitMs;
    calls.slowErrorMaxMs = Math.max(calls.slowErrorMaxMs, waitMs);
  }
  calls.okShare *= passing;
  calls.slowOkShare *= passing;
  calls.errorShare = errorShare;
  calls.slowErrorShare = slowShare;
}
