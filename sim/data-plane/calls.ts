import type { OperationSpec, ServiceSpec } from '../../core/truth/index.ts';
import type { CallGraph, GraphCall } from './call-graph.ts';
import {
  addAttempt,
  addQuickError,
  addSlowError,
  appendCall,
  closeMixture,
  closeSequence,
  createOutcome,
  errorShareOf,
  meanMsOf,
  type Outcome,
  type OwnPart,
  okShareOf,
  openMixture,
  respond,
  retryOutcome,
  setInstantOk,
} from './call-outcome.ts';
import type { PodState } from './pod-state.ts';
import { type ReachTable, reach } from './reach-table.ts';
import type { TopologyIndex } from './topology-index.ts';

/** What is remembered of calls per (zone, call), at [zone · calls + call], and per service. */
export interface CallState {
  /** Attempts per request that comes as far as this call, retries included; of the last tick. */
  readonly attemptsPerRequest: Float64Array;
  /** Share of requests that go on after this call; of the last tick. */
  readonly passShare: Float64Array;
  /** Attempts in this tick, expected and observed. */
  readonly expected: Float64Array;
  readonly observed: Float64Array;
  /** Attempts offered to each service in this tick. */
  readonly offered: Float64Array;
  /** Share that the rate limit lets through. */
  readonly limitShare: Float64Array;
}

export function createCallState(graph: CallGraph): CallState {
  const cells = graph.zones.length * graph.calls.length;
  const services = graph.services.length;
  const state: CallState = {
    attemptsPerRequest: new Float64Array(cells),
    passShare: new Float64Array(cells).fill(1),
    expected: new Float64Array(cells),
    observed: new Float64Array(cells),
    offered: new Float64Array(services),
    limitShare: new Float64Array(services).fill(1),
  };
  for (let cell = 0; cell < cells; cell += 1) {
    state.attemptsPerRequest[cell] = (
      graph.calls[cell % graph.calls.length] as GraphCall
    ).spec.count;
  }
  return state;
}

export function copyCallState(from: CallState): CallState {
  return {
    attemptsPerRequest: from.attemptsPerRequest.slice(),
    passShare: from.passShare.slice(),
    expected: from.expected.slice(),
    observed: from.observed.slice(),
    offered: from.offered.slice(),
    limitShare: from.limitShare.slice(),
  };
}

export interface CallParts {
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly state: PodState;
  readonly calls: CallState;
  /** The response of each slot, filled bottom-up in every tick. */
  readonly responses: readonly Outcome[];
}

/** Where a settled attempt of a call is reported, for edge and service figures. */
export type AttemptListener = (call: GraphCall, cell: number, attempt: Outcome) => void;

/** Opens a tick: forgets arrivals and sets what rate limits let through, from the last tick's offers. */
export function openTick(parts: CallParts): void {
  const { index, calls, state } = parts;
  state.slot.arrivals.fill(0);
  state.slot.observed.fill(0);
  state.slot.served.fill(0);
  state.slot.rejected.fill(0);
  for (let s = 0; s < calls.offered.length; s += 1) {
    const offered = calls.offered[s] as number;
    const limit = index.rateLimits[s] as number;
    calls.limitShare[s] = offered > limit ? limit / offered : 1;
    calls.offered[s] = 0;
  }
}

/** Spreads attempts from a zone (or users) over the pods that answer; the others never see theirs. */
export function spreadAttempts(
  parts: CallParts,
  target: { row: number; operation: number },
  attempts: { expected: number; observed: number },
): void {
  const { graph, index, reachable, calls, state } = parts;
  const { row, operation } = target;
  const s = graph.operationService[operation] as number;
  calls.offered[s] = (calls.offered[s] as number) + attempts.expected;
  const endpoints = index.endpoints[s] as Int32Array;
  if (endpoints.length === 0) return;
  const share = (calls.limitShare[s] as number) / endpoints.length;
  const offset = operation - (graph.firstOperation[s] as number);
  const { arrivals, observed } = state.slot;
  for (let e = 0; e < endpoints.length; e += 1) {
    const p = endpoints[e] as number;
    if (reachable.kind[row * reachable.podCount + p] !== reach.answers) continue;
    const i = (index.firstSlot[p] as number) + offset;
    arrivals[i] = (arrivals[i] as number) + attempts.expected * share;
    observed[i] = (observed[i] as number) + attempts.observed * share;
  }
}

const target = { row: 0, operation: 0 };
const attempts = { expected: 0, observed: 0 };

/** Sends every operation's calls on, callers first, with the last tick's failures in mind. */
export function spreadCalls(parts: CallParts): void {
  const { graph, calls } = parts;
  calls.expected.fill(0);
  calls.observed.fill(0);
  for (let k = 0; k < graph.order.length; k += 1) {
    const o = graph.order[k] as number;
    if (graph.firstCall[o] === graph.firstCall[o + 1]) continue;
    for (let z = 0; z < graph.zones.length; z += 1) spreadCallsOf(parts, o, z);
  }
}

function spreadCallsOf(parts: CallParts, o: number, z: number): void {
  const { graph, index, calls, state } = parts;
  const s = graph.operationService[o] as number;
  const pods = index.podsInZone[s * graph.zones.length + z] as Int32Array;
  const offset = o - (graph.firstOperation[s] as number);
  const { errorRatio } = graph.operations[o] as OperationSpec;
  let expected = 0;
  let observed = 0;
  for (let e = 0; e < pods.length; e += 1) {
    const p = pods[e] as number;
    const i = (index.firstSlot[p] as number) + offset;
    const arrivals = state.slot.arrivals[i] as number;
    const present =
      arrivals * (1 - (state.pod.rejectShare[p] as number)) + (state.slot.backlog[i] as number);
    const healthy = 1 - Math.min(1, errorRatio + (state.pod.addedErrorRatio[p] as number));
    const passed = present * (state.pod.servedShare[p] as number) * healthy;
    expected += passed;
    observed += arrivals > 0 ? (passed * (state.slot.observed[i] as number)) / arrivals : passed;
  }
  if (expected <= 0 && observed <= 0) return;
  for (let c = graph.firstCall[o] as number; c < (graph.firstCall[o + 1] as number); c += 1) {
    const cell = z * graph.calls.length + c;
    const perRequest = calls.attemptsPerRequest[cell] as number;
    attempts.expected = expected * perRequest;
    attempts.observed = observed * perRequest;
    calls.expected[cell] = attempts.expected;
    calls.observed[cell] = attempts.observed;
    target.row = z;
    target.operation = (graph.calls[c] as GraphCall).callee;
    spreadAttempts(parts, target, attempts);
    expected *= calls.passShare[cell] as number;
    observed *= calls.passShare[cell] as number;
  }
}

const limits = { networkMs: 0, timeoutMs: 0 };

/** How one attempt from a zone (or users) ends, over all pods it may land on. */
export function attemptOutcome(
  out: Outcome,
  parts: CallParts,
  call: { row: number; operation: number; timeoutMs: number },
): void {
  const { graph, index, reachable, calls, responses } = parts;
  const { row, operation, timeoutMs } = call;
  const s = graph.operationService[operation] as number;
  const endpoints = index.endpoints[s] as Int32Array;
  openMixture(out);
  const limitShare = calls.limitShare[s] as number;
  if (endpoints.length === 0) addQuickError(out, 1, 0, 0);
  else if (limitShare < 1) addQuickError(out, 1 - limitShare, 0, 0);
  const share = limitShare / endpoints.length;
  const offset = operation - (graph.firstOperation[s] as number);
  limits.timeoutMs = timeoutMs;
  for (let e = 0; e < endpoints.length; e += 1) {
    const p = endpoints[e] as number;
    const at = row * reachable.podCount + p;
    const kind = reachable.kind[at];
    limits.networkMs = reachable.networkMs[at] as number;
    if (kind === reach.answers) {
      const response = responses[(index.firstSlot[p] as number) + offset] as Outcome;
      addAttempt(out, response, share, limits);
    } else if (kind === reach.silent) addSlowError(out, share, timeoutMs);
    else addQuickError(out, share, Math.min(timeoutMs, limits.networkMs), 0);
  }
  closeMixture(out);
}

const attempt: Outcome = createOutcome();
const call: Outcome = createOutcome();
const sequence: Outcome = createOutcome();
const own: OwnPart = { rejectShare: 0, errorShare: 0, ms: 0, varianceMs2: 0 };
const wanted = { row: 0, operation: 0, timeoutMs: 0 };
const append = { probability: 1, optional: false };

/** Works out every response, callees first, and what the next tick's callers must know. */
export function settleResponses(parts: CallParts, onAttempt: AttemptListener): void {
  const { graph, index } = parts;
  for (let k = graph.order.length - 1; k >= 0; k -= 1) {
    const o = graph.order[k] as number;
    const s = graph.operationService[o] as number;
    for (let z = 0; z < graph.zones.length; z += 1) {
      const pods = index.podsInZone[s * graph.zones.length + z] as Int32Array;
      if (pods.length === 0) continue;
      settleSequence(parts, { operation: o, zone: z }, onAttempt);
      for (let e = 0; e < pods.length; e += 1) settleSlot(parts, pods[e] as number, o);
    }
  }
}

function settleSequence(
  parts: CallParts,
  caller: { operation: number; zone: number },
  onAttempt: AttemptListener,
): void {
  const { graph, calls } = parts;
  const { operation, zone } = caller;
  setInstantOk(sequence);
  for (
    let c = graph.firstCall[operation] as number;
    c < (graph.firstCall[operation + 1] as number);
    c += 1
  ) {
    const edge = graph.calls[c] as GraphCall;
    const cell = zone * graph.calls.length + c;
    wanted.row = zone;
    wanted.operation = edge.callee;
    wanted.timeoutMs = edge.spec.timeoutMs;
    attemptOutcome(attempt, parts, wanted);
    onAttempt(edge, cell, attempt);
    retryOutcome(call, attempt, edge.spec.retries);
    const succeeds = edge.spec.optional ? 1 : okShareOf(call);
    const failing = errorShareOf(attempt);
    let tries = 1;
    let allFailed = failing;
    for (let r = 0; r < edge.spec.retries; r += 1) {
      tries += allFailed;
      allFailed *= failing;
    }
    append.optional = edge.spec.optional;
    let made = 0;
    let passes = 1;
    for (let rest = edge.spec.count; rest > 1e-9; rest -= 1) {
      append.probability = Math.min(1, rest);
      made += passes * append.probability;
      passes *= 1 - append.probability * (1 - succeeds);
      appendCall(sequence, call, append);
    }
    calls.attemptsPerRequest[cell] = made * tries;
    calls.passShare[cell] = passes;
  }
  closeSequence(sequence);
}

function settleSlot(parts: CallParts, p: number, o: number): void {
  const { graph, index, reachable, state, responses } = parts;
  if (!reachable.alive[p]) return;
  const s = graph.operationService[o] as number;
  const i = (index.firstSlot[p] as number) + o - (graph.firstOperation[s] as number);
  const operation = graph.operations[o] as OperationSpec;
  own.rejectShare = Math.min(1, state.pod.rejectShare[p] as number);
  own.errorShare = Math.min(1, operation.errorRatio + (state.pod.addedErrorRatio[p] as number));
  own.ms = state.slot.ownMs[i] as number;
  own.varianceMs2 = state.slot.ownVarianceMs2[i] as number;
  respond(responses[i] as Outcome, own, sequence);
  state.slot.restMs[i] =
    own.ms - (state.pod.backlogWaitMs[p] as number) + (1 - own.errorShare) * meanMsOf(sequence);
}

/** After responses are known: requests in flight by Little's law, and memory. */
export function settlePods(parts: CallParts): void {
  const { graph, index, reachable, state } = parts;
  for (let p = 0; p < index.pods.length; p += 1) {
    const view = index.pods[p];
    const service = graph.services[index.podService[p] as number] as ServiceSpec | undefined;
    let inFlight = 0;
    if (reachable.alive[p]) {
      for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
        const ms = (state.slot.restMs[i] as number) + (state.pod.backlogWaitMs[p] as number);
        inFlight += ((state.slot.served[i] as number) * ms) / 1000;
      }
    }
    state.pod.inFlight[p] = inFlight;
    state.pod.memoryBytes[p] =
      service && view?.running
        ? service.memory.baseBytes +
          inFlight * service.memory.perInFlightBytes +
          (reachable.alive[p] ? (state.pod.leakBytes[p] as number) : 0)
        : 0;
  }
}
