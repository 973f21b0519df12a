/** The way up: how this second's attempts end, callees first. */
import { attemptFrom } from './attempts.ts';
import { appendCall, type OwnPart, respond } from './call-outcome.ts';
import type { CallParts } from './call-state.ts';
import type { ClientSums } from './client-sums.ts';
import { followCompletions, openCompletions } from './completions.ts';
import { callPolicyOf, throughConnections } from './connections.ts';
import { addOutcome } from './flow-sums.ts';
import type { WindowSums } from './flow-window.ts';
import { settleImpairedSlots } from './impaired-calls.ts';
import {
  closeFailures,
  createOutcome,
  errorShareOf,
  meanMsOf,
  type Outcome,
  okShareOf,
  setInstantOk,
} from './outcome.ts';
import { saveOutcome } from './outcome-rows.ts';
import { sizeOf } from './pod-groups.ts';
import { retryLawOf } from './retry-law.ts';
import { retryOutcome } from './retry-outcome.ts';

/** Where settled attempts are counted, for edge and service figures. */
export interface AttemptSums {
  readonly window: WindowSums;
  readonly clients: ClientSums;
}

const responded: Outcome = createOutcome();
const retried: Outcome = createOutcome();
const sequence: Outcome = createOutcome();
const own: OwnPart = { rejectShare: 0, errorShare: 0, ms: 0, varianceMs2: 0 };
const append = { probability: 1, optional: false };

/** Works out every response, callees first, and what the next tick's callers must know. */
export function settleResponses(parts: CallParts, sums: AttemptSums): void {
  const { part, graph, index } = parts;
  forgetAttempts(parts);
  openCompletions(parts);
  for (let k = part.order.length - 1; k >= 0; k -= 1) {
    const o = part.order[k] as number;
    const s = graph.operationService[o] as number;
    const isLeaf = graph.firstCall[o] === graph.firstCall[o + 1];
    let shared = -1;
    for (let z = 0; z < graph.zones.length; z += 1) {
      const group = s * graph.zones.length + z;
      if (sizeOf(index.podsInZone, group) === 0) continue;
      settleSequence(parts, o, z, sums);
      if (parts.impairs?.touched.hasService(s)) {
        settleImpairedSlots(parts, { operation: o, group }, sequence);
      } else shared = settleSlots(parts, o, z, isLeaf ? shared : -1);
    }
    followCompletions(parts, o);
  }
}

function forgetAttempts({ part, responses: { attemptTimeoutMs } }: CallParts): void {
  for (const o of part.order) attemptTimeoutMs[o] = Number.NaN;
}

function settleSequence(
  parts: CallParts,
  operation: number,
  zone: number,
  sums: AttemptSums,
): void {
  const { graph, calls, impairs } = parts;
  const { perCall } = graph;
  setInstantOk(sequence);
  for (
    let c = graph.firstCall[operation] as number;
    c < (graph.firstCall[operation + 1] as number);
    c += 1
  ) {
    const cell = zone * graph.calls.length + c;
    const attempt = throughConnections(parts, zone, c, attemptFrom(parts, zone, c));
    const wished = callPolicyOf(parts, c)?.retries ?? (perCall.retries[c] as number);
    const retries = impairs === null ? wished : wished + (impairs.extraRetries[c] as number);
    const count = (impairs ?? perCall).count[c] as number;
    const isOptional = graph.isOptional[c] === 1;
    noteAttempt(parts, sums, c, cell, attempt);
    const isRetried = retries > 0 && errorShareOf(attempt) > 0;
    const tries = isRetried
      ? retryOutcome(retried, attempt, retryLawOf(parts, { c, retries, attempt }))
      : 1;
    const call = isRetried ? retried : attempt;
    const succeeds = isOptional ? 1 : okShareOf(call);
    append.optional = isOptional;
    let made = 0;
    let passes = 1;
    for (let rest = count; rest > 1e-9; rest -= 1) {
      append.probability = Math.min(1, rest);
      made += passes * append.probability;
      passes *= 1 - append.probability * (1 - succeeds);
      appendCall(sequence, call, append);
    }
    calls.attemptsPerRequest[cell] = made * tries * (calls.sentShare[cell] as number);
    calls.passShare[cell] = passes;
  }
  closeFailures(sequence);
}

/** Counts a settled attempt of call `c`, in its caller's zone at `cell`, for edge and callee. */
function noteAttempt(
  { graph, calls, seconds }: CallParts,
  { window, clients }: AttemptSums,
  c: number,
  cell: number,
  attempt: Outcome,
): void {
  const edge = graph.callEdge[c] as number;
  addOutcome(window.edges, edge, seconds * (calls.observed[cell] as number), attempt);
  const callee = graph.operationService[graph.callee[c] as number] as number;
  clients.add(callee, calls.expected[cell] as number, attempt);
}

/**
 * The responses of one operation in one zone; pods with equal own parts share theirs, also with row
 * `before` where that is of the same calls. Answers the last row.
 */
function settleSlots(parts: CallParts, o: number, zone: number, before: number): number {
  const { graph, index, reachable, state, responses, likePods } = parts;
  const s = graph.operationService[o] as number;
  const group = s * graph.zones.length + zone;
  const offset = o - (graph.firstOperation[s] as number);
  const errorRatio = graph.work.errorRatio[o] as number;
  const afterOwnMs = meanMsOf(sequence);
  let shared = before;
  let last = -1;
  let kinds = 0;
  let callMs = 0;
  const { first, pods } = index.podsInZone;
  for (let e = first[group] as number; e < (first[group + 1] as number); e += 1) {
    const p = pods[e] as number;
    if (!reachable.alive[p]) continue;
    const i = (index.firstSlot[p] as number) + offset;
    // It is like the pod before it, whose response and calls' time these are.
    if ((likePods[p] as number) >= 0) {
      responses.slots[i] = shared;
      state.slot.callMs[i] = callMs;
      continue;
    }
    const rejectShare = Math.min(1, state.pod.rejectShare[p] as number);
    const errorShare = Math.min(1, errorRatio + (state.pod.addedErrorRatio[p] as number));
    const ms = state.slot.ownMs[i] as number;
    const varianceMs2 = state.slot.ownVarianceMs2[i] as number;
    const isAlike =
      own.ms === ms &&
      own.varianceMs2 === varianceMs2 &&
      own.errorShare === errorShare &&
      own.rejectShare === rejectShare;
    if (shared < 0 || !isAlike) {
      own.rejectShare = rejectShare;
      own.errorShare = errorShare;
      own.ms = ms;
      own.varianceMs2 = varianceMs2;
      shared = i;
      respond(responded, own, sequence);
      saveOutcome(responses.outcomes, i, responded);
    }
    if (shared !== last) kinds += 1;
    last = shared;
    responses.slots[i] = shared;
    callMs = (1 - errorShare) * afterOwnMs;
    state.slot.callMs[i] = callMs;
  }
  responses.inZone[o * graph.zones.length + zone] = kinds === 1 ? shared : -1;
  return shared;
}
