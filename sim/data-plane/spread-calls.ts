/** The way down: where this second's attempts go, users first, then callers before callees. */
import type { OperationSpec } from '../../core/truth/index.ts';
import type { GraphCall } from './call-graph.ts';
import type { CallParts } from './call-state.ts';
import { reach } from './reach-table.ts';

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
