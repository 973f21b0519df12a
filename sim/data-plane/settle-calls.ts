/** The way up: how this second's attempts end, callees first. */
import type { OperationSpec, ServiceSpec } from '../../core/truth/index.ts';
import type { GraphCall } from './call-graph.ts';
import { appendCall, type OwnPart, respond, retryOutcome } from './call-outcome.ts';
import type { CallParts } from './call-state.ts';
import {
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
import { reach } from './reach-table.ts';

/** Where a settled attempt of a call is reported, for edge and service figures. */
export type AttemptListener = (call: GraphCall, cell: number, attempt: Outcome) => void;

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
    } else if (kind === reach.silent) addTimeOut(out, share, timeoutMs);
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
  closeFailures(sequence);
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
