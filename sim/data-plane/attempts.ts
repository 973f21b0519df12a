/** How attempts end, over all pods they may land on. */
import type { CallParts } from './call-state.ts';
import { impairedAttempt } from './impaired-calls.ts';
import { openEndpoints } from './open-endpoints.ts';
import {
  type AttemptLimits,
  addAttempt,
  addQuickError,
  addTimeOut,
  closeMixture,
  createOutcome,
  type Outcome,
} from './outcome.ts';
import { loadOutcome, saveOutcome } from './outcome-rows.ts';
import { reach } from './reach-table.ts';
import { routedOutcome } from './routed-calls.ts';
import type { Route } from './routes.ts';
import { setStalled } from './stall.ts';

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
  healthyAttempt(out, parts, call);
}

/** Modes this many times apart are a law each; differences between zones are not. */
const modesApartFrom = 3;

/**
 * Where the quickest endpoints are done (mean and three standard deviations), and where the last
 * ones begin (two below the mean). One law would blur modes that do not overlap; once they are
 * known to be apart, endpoints that begin after the quickest are done count as slow.
 */
const modes = { isApart: false, quickMs: 0, lastMs: 0 };

/** An attempt on no route of its own and with nothing wrong on its way. */
function healthyAttempt(
  out: Outcome,
  parts: CallParts,
  call: { row: number; operation: number; timeoutMs: number },
): void {
  modes.quickMs = Number.POSITIVE_INFINITY;
  modes.lastMs = 0;
  mixEndpoints(out, parts, call);
  if (modes.lastMs <= modesApartFrom * modes.quickMs) return;
  modes.isApart = true;
  mixEndpoints(out, parts, call);
  modes.isApart = false;
}

function mixEndpoints(
  out: Outcome,
  parts: CallParts,
  { row, operation, timeoutMs }: { row: number; operation: number; timeoutMs: number },
): void {
  const { graph, index, reachable, responses } = parts;
  const s = graph.operationService[operation] as number;
  const { first, pods } = index.endpoints;
  const until = first[s + 1] as number;
  const share = openEndpoints(out, parts, s);
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
  if (modes.isApart && ms - 2 * sdMs > modesApartFrom * modes.quickMs) {
    setStalled(apart, response, 0);
    addAttempt(out, apart, share, limits);
    return;
  }
  if (ms + 3 * sdMs < modes.quickMs) modes.quickMs = ms + 3 * sdMs;
  if (ms - 2 * sdMs > modes.lastMs) modes.lastMs = ms - 2 * sdMs;
  addAttempt(out, response, share, limits);
}

/**
 * Adds all endpoints zone by zone; false, and nothing added, where a zone's respond differently.
 */
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
/** What a route or impairments make of an attempt, which no other caller may share. */
const uncached: Outcome = createOutcome();
const wanted = { row: 0, operation: 0, timeoutMs: 0, link: 0 };

/** How an attempt from a zone ends, worked out for the first caller there; valid until the next. */
export function attemptFrom(parts: CallParts, zone: number, c: number): Outcome {
  const { graph, index, impairs } = parts;
  const callee = graph.callee[c] as number;
  const timeoutMs = (impairs ?? graph.perCall).timeoutMs[c] as number;
  const route = index.routes?.edges[zone * graph.edges.length + (graph.callEdge[c] as number)];
  if (route) {
    routedOutcome(uncached, parts, { row: zone, operation: callee, timeoutMs, route });
    return uncached;
  }
  wanted.row = zone;
  wanted.operation = callee;
  wanted.timeoutMs = timeoutMs;
  wanted.link = c;
  if (impairs?.touched.hasAttempts(graph.operationService[callee] as number, c)) {
    // While something is wrong, calls of one operation may differ by who makes them.
    impairedAttempt(uncached, parts, wanted);
    return uncached;
  }
  const { attempts, attemptTimeoutMs } = parts.responses;
  const at = zone * graph.operations.length + callee;
  if (attemptTimeoutMs[at] === timeoutMs) loadOutcome(attempted, attempts, at);
  else {
    attemptTimeoutMs[at] = timeoutMs;
    healthyAttempt(attempted, parts, wanted);
    saveOutcome(attempts, at, attempted);
  }
  return attempted;
}
