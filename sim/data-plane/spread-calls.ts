/** The way down: where this second's attempts go, users first, then callers before callees. */
import type { CallParts } from './call-state.ts';
import type { FlowPart } from './flow-part.ts';
import { impairedSpread, leavingShare, ownErrorShare } from './impaired-calls.ts';
import { reach } from './reach-table.ts';
import { spreadRouted } from './routed-calls.ts';
import type { Route } from './routes.ts';

/**
 * Opens a tick: forgets arrivals and sets what rate limits let through, from the last tick's
 * offers.
 */
export function openTick(parts: CallParts): void {
  const { part, index, calls } = parts;
  clearSlots(parts);
  for (const o of part.order) {
    calls.expectedEach[o] = 0;
    calls.observedEach[o] = 0;
  }
  for (const s of part.services) {
    const offered = calls.offered[s] as number;
    const limit = index.rateLimits[s] as number;
    calls.limitShare[s] = offered > limit ? limit / offered : 1;
    calls.offered[s] = 0;
  }
}

function clearSlots({ part, index, state }: CallParts): void {
  const { arrivals, observed, served, rejected } = state.slot;
  if (part.isAll) {
    for (const column of [arrivals, observed, served, rejected]) column.fill(0);
    return;
  }
  for (const p of part.pods) {
    for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
      arrivals[i] = 0;
      observed[i] = 0;
      served[i] = 0;
      rejected[i] = 0;
    }
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
  const { first, pods } = index.endpoints;
  const until = first[s + 1] as number;
  const count = until - (first[s] as number);
  if (count === 0) return;
  if (parts.impairs?.touched.hasAttempts(s, target.link)) {
    impairedSpread(parts, target, attempts);
    return;
  }
  const share = (calls.limitShare[s] as number) / count;
  if (reachable.isOpen[s]) {
    const { expectedEach, observedEach } = calls;
    expectedEach[operation] = (expectedEach[operation] as number) + attempts.expected * share;
    observedEach[operation] = (observedEach[operation] as number) + attempts.observed * share;
    return;
  }
  const offset = operation - (graph.firstOperation[s] as number);
  const { arrivals, observed } = state.slot;
  for (let e = first[s] as number; e < until; e += 1) {
    const p = pods[e] as number;
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
  const { part, graph } = parts;
  clearCalls(parts);
  for (let k = 0; k < part.order.length; k += 1) {
    const o = part.order[k] as number;
    landAttempts(parts, o);
    if (graph.firstCall[o] === graph.firstCall[o + 1]) continue;
    for (let z = 0; z < graph.zones.length; z += 1) spreadCallsOf(parts, o, z);
  }
}

function clearCalls({ part, graph, calls }: CallParts): void {
  const { expected, observed } = calls;
  if (part.isAll) {
    expected.fill(0);
    observed.fill(0);
    return;
  }
  for (let z = 0; z < graph.zones.length; z += 1) {
    const row = z * graph.calls.length;
    for (const o of part.order) {
      const from = row + (graph.firstCall[o] as number);
      const until = row + (graph.firstCall[o + 1] as number);
      expected.fill(0, from, until);
      observed.fill(0, from, until);
    }
  }
}

/**
 * Sends on what another part of the flow has sent to this one while it waited, as attempts a
 * second, and forgets it.
 */
export function spreadInflow(parts: CallParts, from: FlowPart): void {
  const { part, graph, calls, seconds } = parts;
  for (const o of from.order) {
    for (let c = graph.firstCall[o] as number; c < (graph.firstCall[o + 1] as number); c += 1) {
      const callee = graph.callee[c] as number;
      if (part.hasService[graph.operationService[callee] as number] === 0) continue;
      for (let z = 0; z < graph.zones.length; z += 1) {
        const cell = z * graph.calls.length + c;
        attempts.expected = (calls.expectedInflow[cell] as number) / seconds;
        attempts.observed = (calls.observedInflow[cell] as number) / seconds;
        calls.expectedInflow[cell] = 0;
        calls.observedInflow[cell] = 0;
        sendTo(parts, z, c);
      }
    }
  }
}

/** Spreads `attempts` of a call from a zone. */
function sendTo(parts: CallParts, z: number, c: number): void {
  const { graph, index } = parts;
  target.row = z;
  target.operation = graph.callee[c] as number;
  target.link = c;
  target.route = index.routes?.edges[z * graph.edges.length + (graph.callEdge[c] as number)];
  spreadAttempts(parts, target, attempts);
}

/** Hands every endpoint of an operation its like part, once all callers have been. */
function landAttempts(parts: CallParts, o: number): void {
  const { graph, index, reachable, calls, state } = parts;
  const s = graph.operationService[o] as number;
  if (!reachable.isOpen[s] || parts.impairs?.touched.hasService(s)) return;
  const { first, pods } = index.endpoints;
  const offset = o - (graph.firstOperation[s] as number);
  const expected = calls.expectedEach[o] as number;
  const observed = calls.observedEach[o] as number;
  for (let e = first[s] as number; e < (first[s + 1] as number); e += 1) {
    const i = (index.firstSlot[pods[e] as number] as number) + offset;
    state.slot.arrivals[i] = (state.slot.arrivals[i] as number) + expected;
    state.slot.observed[i] = (state.slot.observed[i] as number) + observed;
  }
}

function spreadCallsOf(parts: CallParts, o: number, z: number): void {
  const { part, seconds, graph, index, calls, state } = parts;
  const s = graph.operationService[o] as number;
  const { first, pods } = index.podsInZone;
  const group = s * graph.zones.length + z;
  const offset = o - (graph.firstOperation[s] as number);
  const errorRatio = graph.work.errorRatio[o] as number;
  let expected = 0;
  let observed = 0;
  for (let e = first[group] as number; e < (first[group + 1] as number); e += 1) {
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
    const callee = graph.callee[c] as number;
    if (part.isAll || part.hasService[graph.operationService[callee] as number] === 1) {
      sendTo(parts, z, c);
    } else {
      calls.expectedInflow[cell] =
        (calls.expectedInflow[cell] as number) + seconds * attempts.expected;
      calls.observedInflow[cell] =
        (calls.observedInflow[cell] as number) + seconds * attempts.observed;
    }
    expected *= calls.passShare[cell] as number;
    observed *= calls.passShare[cell] as number;
  }
}
