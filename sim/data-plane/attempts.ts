/**
 * How attempts end, over all pods they may land on. What is known of the call in hand lives in
 * objects of this module, since numbers that are handed on are garbage (decision 0027).
 */
import {
  type AttemptLimits,
  addAnswer,
  addAttempt,
  addSlowAnswers,
  createQuickAnswer,
  cutAnswer,
  type QuickAnswer,
} from './answers.ts';
import type { CallParts } from './call-state.ts';
import { impairedAttempt } from './impaired-calls.ts';
import { openEndpoints } from './open-endpoints.ts';
import {
  addQuickError,
  addTimeOut,
  closeMixture,
  copyOutcome,
  createOutcome,
  type Outcome,
} from './outcome.ts';
import { loadOutcome, saveOutcome } from './outcome-rows.ts';
import { reach } from './reach-table.ts';
import type { ResponseTable } from './response-table.ts';
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
  healthy.firstRow = row;
  healthy.rows = 1;
  healthy.operation = operation;
  healthy.timeoutMs = timeoutMs;
  mixHealthy(parts, healthy);
  copyOutcome(out, (mixtures[0] as Mixture).outcome);
}

/** Healthy attempts on no route of their own, from so many rows. */
interface HealthyCall {
  firstRow: number;
  rows: number;
  operation: number;
  timeoutMs: number;
}

/** Modes this many times apart are a law each; differences between zones are not. */
const modesApartFrom = 3;

/**
 * An attempt from one row, and where the quickest endpoints are done (mean and three standard
 * deviations), and where the last ones begin (two below the mean). One law would blur modes that do
 * not overlap; once they are known to be apart, endpoints that begin after the quickest are done
 * count as slow.
 */
interface Mixture {
  readonly outcome: Outcome;
  isApart: boolean;
  quickMs: number;
  lastMs: number;
}

/** One for each row that is worked out at a time. */
const mixtures: Mixture[] = [];

/** Works out in `mixtures` how attempts end, from all rows at once: they meet the same answers. */
function mixHealthy(parts: CallParts, call: HealthyCall): void {
  while (mixtures.length < call.rows) {
    mixtures.push({ outcome: createOutcome(), isApart: false, quickMs: 0, lastMs: 0 });
  }
  for (let k = 0; k < call.rows; k += 1) {
    const mixture = mixtures[k] as Mixture;
    mixture.isApart = false;
    mixture.quickMs = Number.POSITIVE_INFINITY;
    mixture.lastMs = 0;
  }
  mixEndpoints(parts, call);
  let isAnyApart = false;
  for (let k = 0; k < call.rows; k += 1) {
    const mixture = mixtures[k] as Mixture;
    mixture.isApart = !(mixture.lastMs <= modesApartFrom * mixture.quickMs);
    isAnyApart ||= mixture.isApart;
  }
  if (isAnyApart) mixEndpoints(parts, call);
}

function mixEndpoints(parts: CallParts, call: HealthyCall): void {
  const s = parts.graph.operationService[call.operation] as number;
  let share = 0;
  for (let k = 0; k < call.rows; k += 1) {
    share = openEndpoints((mixtures[k] as Mixture).outcome, parts, s);
  }
  limits.timeoutMs = call.timeoutMs;
  met.row = -1;
  if (parts.reachable.isOpen[s] && areZonesAlike(parts, call.operation, s)) {
    mixZones(parts, call, share);
  } else mixPods(parts, call, share);
  for (let k = 0; k < call.rows; k += 1) closeMixture((mixtures[k] as Mixture).outcome);
}

function mixPods(parts: CallParts, call: HealthyCall, share: number): void {
  const { graph, index, reachable, responses } = parts;
  const { operation, firstRow, rows, timeoutMs } = call;
  const s = graph.operationService[operation] as number;
  const offset = operation - (graph.firstOperation[s] as number);
  const { first, pods } = index.endpoints;
  for (let e = first[s] as number; e < (first[s + 1] as number); e += 1) {
    const p = pods[e] as number;
    const i = (index.firstSlot[p] as number) + offset;
    for (let k = 0; k < rows; k += 1) {
      const mixture = mixtures[k] as Mixture;
      const at = (firstRow + k) * reachable.podCount + p;
      const kind = reachable.kind[at];
      limits.networkMs = reachable.networkMs[at] as number;
      if (kind === reach.answers) {
        meet(responses, responses.slots[i] as number, share);
        addMet(mixture);
      } else if (kind === reach.silent) addTimeOut(mixture.outcome, share, timeoutMs);
      else addQuickError(mixture.outcome, share, Math.min(timeoutMs, limits.networkMs), 0);
    }
  }
}

/** Whether all pods of a zone respond alike, in each of them. */
function areZonesAlike(
  { graph, index, responses }: CallParts,
  operation: number,
  s: number,
): boolean {
  const zones = graph.zones.length;
  for (let z = 0; z < zones; z += 1) {
    const isEmpty = index.endpointsInZone[s * zones + z] === 0;
    if (!isEmpty && (responses.inZone[operation * zones + z] as number) < 0) return false;
  }
  return true;
}

function mixZones(parts: CallParts, call: HealthyCall, share: number): void {
  const { graph, index, reachable, responses } = parts;
  const { operation, firstRow, rows } = call;
  const zones = graph.zones.length;
  const s = graph.operationService[operation] as number;
  for (let z = 0; z < zones; z += 1) {
    const count = index.endpointsInZone[s * zones + z] as number;
    if (count === 0) continue;
    meet(responses, responses.inZone[operation * zones + z] as number, share * count);
    for (let k = 0; k < rows; k += 1) {
      limits.networkMs = reachable.zoneMs[(firstRow + k) * zones + z] as number;
      addMet(mixtures[k] as Mixture);
    }
  }
}

const answer: Outcome = createOutcome();
const apart: Outcome = createOutcome();

/** The answer that was met last: its row, the share that meets it, and its standard deviation. */
const met = { row: -1, share: 0, sdMs: 0 };
/** The quick part of that answer for callers this far away: there are only near and far ones. */
const cuts = Array.from({ length: 2 }, () => ({ networkMs: 0, quick: createQuickAnswer() }));
const cutsKnown = { count: 0 };

function meet(responses: ResponseTable, row: number, share: number): void {
  if (row === met.row && share === met.share) return;
  loadOutcome(answer, responses.outcomes, row);
  met.row = row;
  met.share = share;
  met.sdMs = Math.sqrt(answer.okVarianceMs2);
  cutsKnown.count = 0;
}

/** Adds attempts that meet the answer, and notes its mode. */
function addMet(mixture: Mixture): void {
  const { share, sdMs } = met;
  const { outcome } = mixture;
  const ms = answer.okMs + limits.networkMs;
  if (mixture.isApart && ms - 2 * sdMs > modesApartFrom * mixture.quickMs) {
    setStalled(apart, answer, 0);
    addAttempt(outcome, apart, share, limits);
    return;
  }
  if (ms + 3 * sdMs < mixture.quickMs) mixture.quickMs = ms + 3 * sdMs;
  if (ms - 2 * sdMs > mixture.lastMs) mixture.lastMs = ms - 2 * sdMs;
  addAnswer(outcome, quickOfMet(), limits.timeoutMs);
  addSlowAnswers(outcome, answer, share, limits);
}

function quickOfMet(): QuickAnswer {
  for (let k = 0; k < cutsKnown.count; k += 1) {
    const known = cuts[k] as (typeof cuts)[number];
    if (known.networkMs === limits.networkMs) return known.quick;
  }
  if (cutsKnown.count === cuts.length) cutsKnown.count = 0;
  const next = cuts[cutsKnown.count] as (typeof cuts)[number];
  cutsKnown.count += 1;
  next.networkMs = limits.networkMs;
  cutAnswer(next.quick, answer, met.share, limits);
  return next.quick;
}

const attempted: Outcome = createOutcome();
/** What a route or impairments make of an attempt, which no other caller may share. */
const uncached: Outcome = createOutcome();
const wanted = { row: 0, operation: 0, timeoutMs: 0, link: 0 };
const healthy: HealthyCall = { firstRow: 0, rows: 1, operation: 0, timeoutMs: 0 };

/**
 * How an attempt from a zone ends, worked out for the first caller of any zone; valid until the
 * next.
 */
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
  const zones = graph.zones.length;
  if (attemptTimeoutMs[callee] === timeoutMs) {
    loadOutcome(attempted, attempts, callee * zones + zone);
    return attempted;
  }
  attemptTimeoutMs[callee] = timeoutMs;
  healthy.firstRow = 0;
  healthy.rows = zones;
  healthy.operation = callee;
  healthy.timeoutMs = timeoutMs;
  mixHealthy(parts, healthy);
  for (let z = 0; z < zones; z += 1) {
    saveOutcome(attempts, callee * zones + z, (mixtures[z] as Mixture).outcome);
  }
  return (mixtures[zone] as Mixture).outcome;
}
