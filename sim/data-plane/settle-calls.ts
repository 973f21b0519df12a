/** The way up: how this second's attempts end, callees first. */
import type { ServiceSpec } from '../../core/truth/index.ts';
import type { GraphCall } from './call-graph.ts';
import { appendCall, type OwnPart, respond } from './call-outcome.ts';
import type { CallParts } from './call-state.ts';
import { followCompletions, openCompletions } from './completions.ts';
import { callPolicyOf, throughConnections } from './connections.ts';
import { impairedAttempt, settleImpairedSlots } from './impaired-calls.ts';
import {
  type AttemptLimits,
  addAttempt,
  addQuickError,
  addTimeOut,
  closeFailures,
  closeMixture,
  createOutcome,
  errorShareOf,
  meanMsOf,
  type Outcome,
  okShareOf,
  openMixture,
  setInstantOk,
} from './outcome.ts';
import { loadOutcome, saveOutcome } from './outcome-rows.ts';
import { sizeOf } from './pod-groups.ts';
import { reach } from './reach-table.ts';
import { retryLawOf } from './retry-law.ts';
import { retryOutcome } from './retry-outcome.ts';
import { routedOutcome } from './routed-calls.ts';
import type { Route } from './routes.ts';
import { setStalled } from './stall.ts';

/** Where a settled attempt of a call is reported, for edge and service figures. */
export type AttemptListener = (
  call: GraphCall,
  at: { readonly cell: number; readonly seconds: number },
  attempt: Outcome,
) => void;

const limits: AttemptLimits = { networkMs: 0, timeoutMs: 0 };

/** How one attempt from a zone (or users) ends, over all pods it may land on. */
export function attemptOutcome(
  out: Outcome,
  parts: CallParts,
  call: {
    row: number;
    operation: number;
    timeoutMs: number;
    link: number;
    route?: Route | undefined;
  },
): void {
  const { row, operation, timeoutMs, route } = call;
  if (route) {
    routedOutcome(out, parts, { row, operation, timeoutMs, route });
    return;
  }
  const s = parts.graph.operationService[operation] as number;
  if (parts.impairs?.touched.hasAttempts(s, call.link)) {
    impairedAttempt(out, parts, call);
    return;
  }
  modes.quickMs = Number.POSITIVE_INFINITY;
  modes.lastMs = 0;
  mixEndpoints(out, parts, call);
  if (modes.lastMs <= apartFrom * modes.quickMs) return;
  modes.isApart = true;
  mixEndpoints(out, parts, call);
  modes.isApart = false;
}

/** Modes this many times apart are a law each; differences between zones are not. */
const apartFrom = 3;

/**
 * Where the quickest endpoints are done (mean and three standard deviations), and where the last
 * ones begin (two below the mean). One law would blur modes that do not overlap; once they are known
 * to be apart, endpoints that begin after the quickest are done count as slow.
 */
const modes = { isApart: false, quickMs: 0, lastMs: 0 };

function mixEndpoints(
  out: Outcome,
  parts: CallParts,
  { row, operation, timeoutMs }: { row: number; operation: number; timeoutMs: number },
): void {
  const { graph, index, reachable, calls, responses } = parts;
  const s = graph.operationService[operation] as number;
  const { first, pods } = index.endpoints;
  const until = first[s + 1] as number;
  const count = until - (first[s] as number);
  openMixture(out);
  const limitShare = calls.limitShare[s] as number;
  if (count === 0) addQuickError(out, 1, 0, 0);
  else if (limitShare < 1) addQuickError(out, 1 - limitShare, 0, 0);
  const share = limitShare / count;
  const offset = operation - (graph.firstOperation[s] as number);
  limits.timeoutMs = timeoutMs;
  if (reachable.isOpen[s] && addZones(out, parts, { row, operation, share })) {
    closeMixture(out);
    return;
  }
  for (let e = first[s] as number; e < until; e += 1) {
    const p = pods[e] as number;
    const at = row * reachable.podCount + p;
    const kind = reachable.kind[at];
    limits.networkMs = reachable.networkMs[at] as number;
    if (kind === reach.answers) {
      const i = (index.firstSlot[p] as number) + offset;
      loadOutcome(answer, responses.outcomes, responses.slots[i] as number);
      addAnswer(out, answer, share);
    } else if (kind === reach.silent) addTimeOut(out, share, timeoutMs);
    else addQuickError(out, share, Math.min(timeoutMs, limits.networkMs), 0);
  }
  closeMixture(out);
}

/** Adds attempts that reach an endpoint which responds so, and notes its mode. */
function addAnswer(out: Outcome, response: Outcome, share: number): void {
  const ms = response.okMs + limits.networkMs;
  const sdMs = Math.sqrt(response.okVarianceMs2);
  if (modes.isApart && ms - 2 * sdMs > apartFrom * modes.quickMs) {
    setStalled(apart, response, 0);
    addAttempt(out, apart, share, limits);
    return;
  }
  if (ms + 3 * sdMs < modes.quickMs) modes.quickMs = ms + 3 * sdMs;
  if (ms - 2 * sdMs > modes.lastMs) modes.lastMs = ms - 2 * sdMs;
  addAttempt(out, response, share, limits);
}

/** Adds all endpoints zone by zone; false, and nothing added, where a zone's respond differently. */
function addZones(
  out: Outcome,
  { graph, index, reachable, responses }: CallParts,
  call: { row: number; operation: number; share: number },
): boolean {
  const zones = graph.zones.length;
  const { row, operation, share } = call;
  const s = graph.operationService[operation] as number;
  for (let z = 0; z < zones; z += 1) {
    const isEmpty = index.endpointsInZone[s * zones + z] === 0;
    if (!isEmpty && (responses.inZone[operation * zones + z] as number) < 0) return false;
  }
  for (let z = 0; z < zones; z += 1) {
    const count = index.endpointsInZone[s * zones + z] as number;
    if (count === 0) continue;
    const p = index.firstInZone[s * zones + z] as number;
    limits.networkMs = reachable.networkMs[row * reachable.podCount + p] as number;
    loadOutcome(answer, responses.outcomes, responses.inZone[operation * zones + z] as number);
    addAnswer(out, answer, share * count);
  }
  return true;
}

const apart: Outcome = createOutcome();
const answer: Outcome = createOutcome();
const attempted: Outcome = createOutcome();
const responded: Outcome = createOutcome();
const routed: Outcome = createOutcome();
const retried: Outcome = createOutcome();
const sequence: Outcome = createOutcome();
const own: OwnPart = { rejectShare: 0, errorShare: 0, ms: 0, varianceMs2: 0 };
const wanted = { row: 0, operation: 0, timeoutMs: 0, link: 0 };
const append = { probability: 1, optional: false };
const told = { cell: 0, seconds: 1 };

/** Works out every response, callees first, and what the next tick's callers must know. */
export function settleResponses(parts: CallParts, onAttempt: AttemptListener): void {
  const { part, graph, index } = parts;
  forgetAttempts(parts);
  openCompletions(parts);
  for (let k = part.order.length - 1; k >= 0; k -= 1) {
    const o = part.order[k] as number;
    const s = graph.operationService[o] as number;
    for (let z = 0; z < graph.zones.length; z += 1) {
      const group = s * graph.zones.length + z;
      if (sizeOf(index.podsInZone, group) === 0) continue;
      settleSequence(parts, { operation: o, zone: z }, onAttempt);
      if (parts.impairs?.touched.hasService(s)) {
        settleImpairedSlots(parts, { operation: o, group }, sequence);
      } else settleSlots(parts, { operation: o, zone: z, group });
    }
    followCompletions(parts, o);
  }
}

function forgetAttempts({ part, graph, responses }: CallParts): void {
  const { attemptTimeoutMs } = responses;
  if (part.isAll) attemptTimeoutMs.fill(Number.NaN);
  else {
    for (let z = 0; z < graph.zones.length; z += 1) {
      for (const o of part.order) attemptTimeoutMs[z * graph.operations.length + o] = Number.NaN;
    }
  }
}

/** How an attempt from a zone ends, worked out for the first caller there; valid until the next. */
function attemptFrom(parts: CallParts, zone: number, c: number): Outcome {
  const { callee, edge, spec } = parts.graph.calls[c] as GraphCall;
  const timeoutMs =
    parts.impairs === null ? spec.timeoutMs : (parts.impairs.timeoutMs[c] as number);
  const route = parts.index.routes?.edges[zone * parts.graph.edges.length + edge];
  if (route) {
    routedOutcome(routed, parts, { row: zone, operation: callee, timeoutMs, route });
    return routed;
  }
  wanted.row = zone;
  wanted.operation = callee;
  wanted.timeoutMs = timeoutMs;
  wanted.link = c;
  const { graph, impairs } = parts;
  if (impairs?.touched.hasAttempts(graph.operationService[callee] as number, c)) {
    // While something is wrong, calls of one operation may differ by who makes them.
    impairedAttempt(routed, parts, wanted);
    return routed;
  }
  const { attempts, attemptTimeoutMs } = parts.responses;
  const at = zone * graph.operations.length + callee;
  if (attemptTimeoutMs[at] === timeoutMs) loadOutcome(attempted, attempts, at);
  else {
    attemptTimeoutMs[at] = timeoutMs;
    attemptOutcome(attempted, parts, wanted);
    saveOutcome(attempts, at, attempted);
  }
  return attempted;
}

function settleSequence(
  parts: CallParts,
  caller: { operation: number; zone: number },
  onAttempt: AttemptListener,
): void {
  const { graph, calls, impairs } = parts;
  const { operation, zone } = caller;
  setInstantOk(sequence);
  for (
    let c = graph.firstCall[operation] as number;
    c < (graph.firstCall[operation + 1] as number);
    c += 1
  ) {
    const edge = graph.calls[c] as GraphCall;
    const cell = zone * graph.calls.length + c;
    const timeoutMs = impairs === null ? edge.spec.timeoutMs : (impairs.timeoutMs[c] as number);
    const attempt = throughConnections(parts, { zone, c, timeoutMs }, attemptFrom(parts, zone, c));
    const wished = callPolicyOf(parts, c)?.retries ?? edge.spec.retries;
    const retries = impairs === null ? wished : wished + (impairs.extraRetries[c] as number);
    const count = impairs === null ? edge.spec.count : (impairs.count[c] as number);
    told.cell = cell;
    told.seconds = parts.seconds;
    onAttempt(edge, told, attempt);
    const isRetried = retries > 0 && errorShareOf(attempt) > 0;
    const tries = isRetried
      ? retryOutcome(retried, attempt, retryLawOf(parts, { c, retries, attempt }))
      : 1;
    const call = isRetried ? retried : attempt;
    const succeeds = edge.spec.optional ? 1 : okShareOf(call);
    append.optional = edge.spec.optional;
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

/** The responses of one operation in one zone; pods with equal own parts share theirs. */
function settleSlots(
  parts: CallParts,
  { operation: o, zone, group }: { operation: number; zone: number; group: number },
): void {
  const { graph, index, reachable, state, responses } = parts;
  const offset = o - (graph.firstOperation[graph.operationService[o] as number] as number);
  const errorRatio = graph.work.errorRatio[o] as number;
  const afterOwnMs = meanMsOf(sequence);
  let shared = -1;
  let kinds = 0;
  const { first, pods } = index.podsInZone;
  for (let e = first[group] as number; e < (first[group + 1] as number); e += 1) {
    const p = pods[e] as number;
    if (!reachable.alive[p]) continue;
    const i = (index.firstSlot[p] as number) + offset;
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
      kinds += 1;
    }
    responses.slots[i] = shared;
    state.slot.callMs[i] = (1 - errorShare) * afterOwnMs;
  }
  responses.inZone[o * graph.zones.length + zone] = kinds === 1 ? shared : -1;
}

/** After responses are known: requests in flight by Little's law, and memory. */
export function settlePods(parts: CallParts): void {
  const { part, graph, index, reachable, state, impairs } = parts;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    const service = graph.services[index.podService[p] as number] as ServiceSpec | undefined;
    let inFlight = 0;
    if (reachable.alive[p]) {
      for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
        const ms = (state.slot.ownMs[i] as number) + (state.slot.callMs[i] as number);
        inFlight += ((state.slot.served[i] as number) * ms) / 1000;
      }
    }
    state.pod.inFlight[p] = inFlight;
    const factor = impairs === null ? 1 : (impairs.pod.inFlightFactor[p] as number);
    const takenBytes = impairs === null ? 0 : (impairs.pod.bytes[p] as number);
    state.pod.memoryBytes[p] =
      service && index.isRunning[p] === 1
        ? service.memory.baseBytes +
          inFlight * service.memory.perInFlightBytes * factor +
          (reachable.alive[p] ? (state.pod.leakBytes[p] as number) + takenBytes : 0)
        : 0;
  }
}
