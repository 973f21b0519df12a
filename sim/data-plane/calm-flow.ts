import { type Conditions, copyConditions, createConditions } from '../conditions.ts';
import type { Arrivals } from './arrivals.ts';
import type { CallGraph } from './call-graph.ts';
import type { CallParts } from './call-state.ts';
import { addCallers } from './flow-part.ts';
import { isLarge } from './large-systems.ts';
import { errorShareOf, type Outcome } from './outcome.ts';
import { memoryPressure } from './stations.ts';
import { secondsToFall, servingMs } from './warming-up.ts';

/** Below this utilisation a rise by `driftMax` leaves no backlog. */
const utilisationMax = 0.8;
/** A process this little above its warm CPU demand counts as warm. */
const demandFactorMax = 1.1;
/** A colder one may warm up by so much of its warm CPU demand in a step. */
const warmingMax = 0.2;
/** A share of failures that moves further from play to play has something to tell every second. */
const failedDriftMax = 0.001;
/** Arrivals that moved further than this from those played last are played at once. */
const driftMax = 0.05;
/** A service has to be calm for this long before its seconds may wait. */
const calmBeforeSec = 2;
/** In large systems a calm flow is played in steps of so many seconds, from scrape to scrape. */
const longStepSec = 15;

/** Seconds that wait to be played as one step, and sums of their arrivals per journey. */
export interface WaitingSeconds {
  seconds: number;
  readonly expected: Float64Array;
  readonly counts: Float64Array;
}

/**
 * What waits of the flow, and what may. The stirred part is played second by second, or in short
 * steps; the rest waits until the step ends. Only the flow waits: arrivals are drawn and users are
 * counted every second. See decisions 0012 and 0019.
 */
export interface CalmFlow {
  /** 1 for services of the stirred part; whoever calls one of them is one, too. */
  readonly isStirred: Uint8Array;
  readonly stirred: WaitingSeconds;
  readonly rest: WaitingSeconds;
  /** Expected arrivals a second per journey when it was last played. */
  readonly lastExpected: Float64Array;
  /** Share of failures per journey when it was last played. */
  readonly lastFailed: Float64Array;
  /** Per service, for how many seconds it has been calm, up to those it has to be. */
  readonly calmSec: Int8Array;
  /** Per service, how long it stays as it was played, as far as can be foreseen; 0: not calm. */
  readonly steadySec: Uint8Array;
  /** As they were when the flow was last played; never written to. */
  conditions: Conditions;
}

/** Nothing waits yet, and everything is stirred. */
export function createCalmFlow({ services, journeys }: CallGraph): CalmFlow {
  return {
    isStirred: new Uint8Array(services.length).fill(1),
    stirred: createWaiting(journeys.length),
    rest: createWaiting(journeys.length),
    lastExpected: new Float64Array(journeys.length),
    lastFailed: new Float64Array(journeys.length),
    calmSec: new Int8Array(services.length),
    steadySec: new Uint8Array(services.length),
    conditions: createConditions(),
  };
}

function createWaiting(journeys: number): WaitingSeconds {
  return {
    seconds: 0,
    expected: new Float64Array(journeys),
    counts: new Float64Array(journeys),
  };
}

export function copyCalmFlow(from: CalmFlow): CalmFlow {
  return {
    isStirred: from.isStirred.slice(),
    stirred: copyWaiting(from.stirred),
    rest: copyWaiting(from.rest),
    lastExpected: from.lastExpected.slice(),
    lastFailed: from.lastFailed.slice(),
    calmSec: from.calmSec.slice(),
    steadySec: from.steadySec.slice(),
    conditions: from.conditions,
  };
}

/** An independent copy. */
export function copyWaiting({ seconds, expected, counts }: WaitingSeconds): WaitingSeconds {
  return { seconds, expected: expected.slice(), counts: counts.slice() };
}

/** How many seconds of a calm flow of so many pods make one step. */
export function calmStepSec(pods: number): number {
  return isLarge(pods) ? longStepSec : 1;
}

/** Lets the present second's arrivals wait. */
export function addSecond(waiting: WaitingSeconds, arrivals: Arrivals): void {
  waiting.seconds += 1;
  const { expected, counts } = waiting;
  for (let j = 0; j < expected.length; j += 1) {
    expected[j] = (expected[j] as number) + (arrivals.expected[j] as number);
    counts[j] = (counts[j] as number) + (arrivals.counts[j] as number);
  }
}

/** Turns the sums of the seconds that wait into arrivals a second. */
export function closeSeconds({ seconds, expected, counts }: WaitingSeconds): void {
  for (let j = 0; j < expected.length; j += 1) {
    expected[j] = (expected[j] as number) / seconds;
    counts[j] = (counts[j] as number) / seconds;
  }
}

/** Starts anew after a play. */
export function clearSeconds(waiting: WaitingSeconds): void {
  waiting.seconds = 0;
  waiting.expected.fill(0);
  waiting.counts.fill(0);
}

/** Whether some journey's arrivals are no longer those that were played last. */
export function hasDrifted({ lastExpected }: CalmFlow, { expected }: Arrivals): boolean {
  for (let j = 0; j < lastExpected.length; j += 1) {
    const last = lastExpected[j] as number;
    if (Math.abs((expected[j] as number) - last) > driftMax * last) return true;
  }
  return false;
}

/** Whether every service of the stirred part may let seconds wait, and for how long; 0: not so. */
export function stirredStepSec({ isStirred, calmSec, steadySec }: CalmFlow): number {
  let seconds = longStepSec;
  for (let s = 0; s < isStirred.length; s += 1) {
    if (isStirred[s] === 0) continue;
    if ((calmSec[s] as number) < calmBeforeSec) return 0;
    seconds = Math.min(seconds, steadySec[s] as number);
  }
  return seconds;
}

/**
 * Finds the stirred part anew while nothing waits: what is not calm for long, and its callers.
 * Answers whether it is another.
 */
export function regroup({ isStirred, calmSec, steadySec }: CalmFlow, graph: CallGraph): boolean {
  const before = isStirred.slice();
  for (let s = 0; s < isStirred.length; s += 1) {
    const isCalm = (calmSec[s] as number) >= calmBeforeSec;
    isStirred[s] = isCalm && steadySec[s] === longStepSec ? 0 : 1;
  }
  addCallers(graph, isStirred);
  return isStirred.some((one, s) => one !== before[s]);
}

/** Notes under which conditions the flow was played. */
export function keepConditions(flow: CalmFlow, conditions: Conditions): void {
  flow.conditions = copyConditions(conditions);
}

/**
 * Finds for how many seconds each service just played at `atMs` would go on like this; 0: not even
 * for one. Everybody answers, nobody waits, is turned away, limited or near a bound on slots or
 * connections, cold processes get only so much warmer, and users fail as often as they did. What
 * has more memory than that belongs here.
 */
export function noteCalm(
  flow: CalmFlow,
  parts: CallParts,
  { journeys, arrivals, atMs }: CalmTold,
): void {
  const { part, graph, index, reachable, seconds } = parts;
  const { calmSec, steadySec, lastExpected, lastFailed } = flow;
  for (const s of part.services) {
    const isLimited = index.rateLimits[s] !== Number.POSITIVE_INFINITY;
    steadySec[s] = reachable.isOpen[s] === 0 || isLimited ? 0 : longStepSec;
  }
  for (const j of part.journeys) {
    const failed = errorShareOf(journeys[j] as Outcome);
    const entry = graph.operationService[graph.journeyOperation[j] as number] as number;
    if (Math.abs(failed - (lastFailed[j] as number)) > failedDriftMax) steadySec[entry] = 0;
    lastFailed[j] = failed;
    lastExpected[j] = arrivals.expected[j] as number;
  }
  noteConnections(steadySec, parts);
  notePods(steadySec, parts, atMs);
  for (const s of part.services) {
    const known = (calmSec[s] as number) + seconds;
    calmSec[s] = steadySec[s] === 0 ? 0 : Math.min(calmBeforeSec, known);
  }
}

/** What a step tells of its journeys and its end. */
interface CalmTold {
  readonly journeys: readonly Outcome[];
  readonly arrivals: WaitingSeconds;
  readonly atMs: number;
}

function noteConnections(steadySec: Uint8Array, { part, graph, calls }: CallParts): void {
  const { sentShare } = calls;
  for (const o of part.order) {
    for (let c = graph.firstCall[o] as number; c < (graph.firstCall[o + 1] as number); c += 1) {
      for (let z = 0; z < graph.zones.length; z += 1) {
        if ((sentShare[z * graph.calls.length + c] as number) >= 1) continue;
        steadySec[graph.operationService[o] as number] = 0;
      }
    }
  }
}

function notePods(steadySec: Uint8Array, parts: CallParts, atMs: number): void {
  const { part, index, reachable, state } = parts;
  const { utilisation, servedShare, rejectShare, demandFactor, isTight } = state.pod;
  for (const p of part.pods) {
    const s = index.podService[p] as number;
    if (!reachable.alive[p] || s < 0 || steadySec[s] === 0) continue;
    const isBusy = (utilisation[p] as number) > utilisationMax || (servedShare[p] as number) < 1;
    if (isBusy || (rejectShare[p] as number) > 0 || isTight[p] === 1) steadySec[s] = 0;
    else if ((demandFactor[p] as number) > demandFactorMax) {
      const seconds = memoryPressure(parts, p) > 0 ? 0 : warmingSeconds(parts, p, atMs);
      steadySec[s] = Math.min(steadySec[s] as number, seconds);
    }
  }
}

/** For how long a process stays about as cold as it is. */
function warmingSeconds({ graph, index, state }: CallParts, p: number, atMs: number): number {
  const service = graph.services[index.podService[p] as number];
  if (service === undefined) return longStepSec;
  const ageMs = servingMs(service, state.pod.startedUs[p] as number, atMs);
  return Math.max(1, Math.floor(secondsToFall(service, ageMs, warmingMax)));
}
