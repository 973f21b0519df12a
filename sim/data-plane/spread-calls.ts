/** The way down: where this second's attempts go, users first, then callers before callees. */
import type { OperationSpec } from '../../core/truth/index.ts';
import type { GraphCall } from './call-graph.ts';
import type { CallParts } from './call-state.ts';
import { impairedSpread, leavingShare, ownErrorShare } from './impaired-calls.ts';
import { reach } from './reach-table.ts';
import { spreadRouted } from './routed-calls.ts';
import type { Route } from './routes.ts';

/**
 * Opens a tick: forgets arrivals and sets what rate limits let through, from the last tick's
 * offers.
 */
export function openTick(parts: CallParts): void {
  const { index, calls, state } = parts;
  state.slot.arrivals.fill(0);
  state.slot.observed.fill(0);
  state.slot.served.fill(0);
  state.slot.rejected.fill(0);
  calls.expectedEach.fill(0);
  calls.observedEach.fill(0);
  for (let s = 0; s < calls.offered.length; s += 1) {
    const offered = calls.offered[s] as number;
    const limit = index.rateLimits[s] as number;
    calls.limitShare[s] = offered > limit ? limit / offered : 1;
    calls.offered[s] = 0;
  }
}

/**
 * Spreads attempts from a zone (or users) over the pods that answer; the others never see theirs.
 */
export function spreadAttempts(
  parts: CallParts,
  target: { row: number; operation: number; link: number; route: Route | undefined },
  attempts: { expected: number; observed: number },
): void {
  const { graph, index, reachable, calls, state } = parts;
  const { row, operation, route } = target;
  const s = graph.operationService[operation] as number;
  calls.offered[s] = (calls.offered[s] as number) + attempts.expected;
  if (route) {
    spreadRouted(parts, { row, operation, route }, attempts);
    return;
  }
  const endpoints = index.endpoints[s] as Int32Array;
  if (endpoints.length === 0) return;
  if (parts.impairs?.touched.hasAttempts(s, target.link)) {
    impairedSpread(parts, target, attempts);
    return;
  }
  const share = (calls.limitShare[s] as number) / endpoints.length;
  if (reachable.isOpen[s]) {
    const { expectedEach, observedEach } = calls;
    expectedEach[operation] = (expectedEach[operation] as number) + attempts.expected * share;
    observedEach[operation] = (observedEach[operation] as number) + attempts.observed * share;
    return;
  }
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

const target = { row: 0, operation: 0, link: 0, route: undefined as Route | undefined };
const attempts = { expected: 0, observed: 0 };

/** Sends every operation's calls on, callers first, with the last tick's failures in mind. */
export function spreadCalls(parts: CallParts): void {
  const { graph, calls } = parts;
  calls.expected.fill(0);
  calls.observed.fill(0);
  for (let k = 0; k < graph.order.length; k += 1) {
    const o = graph.order[k] as number;
    landAttempts(parts, o);
    if (graph.firstCall[o] === graph.firstCall[o + 1]) continue;
    for (let z = 0; z < graph.zones.length; z += 1) spreadCallsOf(parts, o, z);
  }
}

/** Hands every endpoint of an operation its like part, once all callers have been. */
function landAttempts(parts: CallParts, o: number): void {
  const { graph, index, reachable, calls, state } = parts;
  const s = graph.operationService[o] as number;
  if (!reachable.isOpen[s] || parts.impairs?.touched.hasService(s)) return;
  const endpoints = index.endpoints[s] as Int32Array;
  const offset = o - (graph.firstOperation[s] as number);
  const expected = calls.expectedEach[o] as number;
  const observed = calls.observedEach[o] as number;
  for (let e = 0; e < endpoints.length; e += 1) {
    const i = (index.firstSlot[endpoints[e] as number] as number) + offset;
    state.slot.arrivals[i] = (state.slot.arrivals[i] as number) + expected;
    state.slot.observed[i] = (state.slot.observed[i] as number) + observed;
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
    const usual = errorRatio + (state.pod.addedErrorRatio[p] as number);
    const healthy = (1 - ownErrorShare(parts, i, usual)) * leavingShare(parts, p);
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
    const { callee, edge } = graph.calls[c] as GraphCall;
    target.operation = callee;
    target.link = c;
    target.route = index.routes?.edges[z * graph.edges.length + edge];
    spreadAttempts(parts, target, attempts);
    expected *= calls.passShare[cell] as number;
    observed *= calls.passShare[cell] as number;
  }
}
