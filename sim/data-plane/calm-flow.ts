import { type Conditions, copyConditions, createConditions } from '../conditions.ts';
import { type Impairment, isChanging } from '../impairments/impairment.ts';
import type { Arrivals } from './arrivals.ts';
import type { CallParts } from './call-state.ts';
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
/** The flow has to be calm for this long before seconds may wait. */
const calmBeforeSec = 2;
/** In large systems a calm flow is played in steps of so many seconds, from scrape to scrape. */
const longStepSec = 15;

/**
 * Seconds of a calm flow that wait to be played as one, and how long it has been calm. Only steps of
 * the flow wait: arrivals are drawn and users are counted every second. See decision 0012.
 */
export interface CalmFlow {
  /** Seconds that wait. */
  seconds: number;
  /** Sums of their arrivals per journey. */
  readonly expected: Float64Array;
  readonly counts: Float64Array;
  /** Expected arrivals a second when the flow was last played. */
  readonly lastExpected: Float64Array;
  /** Share of failures per journey when the flow was last played. */
  readonly lastFailed: Float64Array;
  calmSec: number;
  /** For how many seconds it stays as it was played, as far as can be foreseen; 0: not calm. */
  steadySec: number;
  /** As they were when the flow was last played; never written to. */
  conditions: Conditions;
}

export function createCalmFlow(journeys: number): CalmFlow {
  return {
    seconds: 0,
    expected: new Float64Array(journeys),
    counts: new Float64Array(journeys),
    lastExpected: new Float64Array(journeys),
    lastFailed: new Float64Array(journeys),
    calmSec: 0,
    steadySec: 0,
    conditions: createConditions(),
  };
}

export function copyCalmFlow(from: CalmFlow): CalmFlow {
  return {
    seconds: from.seconds,
    expected: from.expected.slice(),
    counts: from.counts.slice(),
    lastExpected: from.lastExpected.slice(),
    lastFailed: from.lastFailed.slice(),
    calmSec: from.calmSec,
    steadySec: from.steadySec,
    conditions: from.conditions,
  };
}

/** How many seconds of a calm flow of so many pods make one step. */
export function calmStepSec(pods: number): number {
  return isLarge(pods) ? longStepSec : 1;
}

/** Lets the present second's arrivals wait. */
export function addSecond(flow: CalmFlow, arrivals: Arrivals): void {
  flow.seconds += 1;
  for (let j = 0; j < flow.expected.length; j += 1) {
    flow.expected[j] = (flow.expected[j] as number) + (arrivals.expected[j] as number);
    flow.counts[j] = (flow.counts[j] as number) + (arrivals.counts[j] as number);
  }
}

/** Turns the sums of the seconds that wait into arrivals a second; answers how many there were. */
export function closeSeconds(flow: CalmFlow): number {
  const { seconds, expected, counts } = flow;
  for (let j = 0; j < expected.length; j += 1) {
    expected[j] = (expected[j] as number) / seconds;
    counts[j] = (counts[j] as number) / seconds;
  }
  flow.lastExpected.set(expected);
  return seconds;
}

/** Starts anew after a play under these conditions, which the flow outlasts for `steadySec`. */
export function clearSeconds(
  flow: CalmFlow,
  steadySec: number,
  { conditions, journeys }: { conditions: Conditions; journeys: readonly Outcome[] },
): void {
  const isCalm = steadySec > 0;
  flow.steadySec = steadySec;
  flow.calmSec = isCalm && isQuiet(conditions, flow) ? flow.calmSec + flow.seconds : 0;
  if (isCalm) flow.conditions = copyConditions(conditions);
  flow.seconds = 0;
  flow.expected.fill(0);
  flow.counts.fill(0);
  for (let j = 0; j < journeys.length; j += 1) {
    flow.lastFailed[j] = errorShareOf(journeys[j] as Outcome);
  }
}

/** Whether the present second may wait, as far as arrivals go. */
export function maySecondWait(flow: CalmFlow, arrivals: Arrivals): boolean {
  if (flow.calmSec < calmBeforeSec) return false;
  for (let j = 0; j < flow.lastExpected.length; j += 1) {
    const last = flow.lastExpected[j] as number;
    if (Math.abs((arrivals.expected[j] as number) - last) > driftMax * last) return false;
  }
  return true;
}

/** What of the conditions the flow does not feel, feels as arrivals, or the same all the time. */
const standing: ReadonlySet<keyof Conditions> = new Set([
  'publishedImages',
  'releaseTraits',
  'telemetryImpairments',
  'loadFactors',
  'impairments',
  'batchClients',
]);

/**
 * Whether nothing has happened to the world since the flow was last played: what is wrong is what
 * was wrong then, and does what it did.
 */
export function isQuiet(conditions: Conditions, { conditions: before }: CalmFlow): boolean {
  const { impairments } = conditions;
  if (impairments.length !== before.impairments.length) return false;
  for (let i = 0; i < impairments.length; i += 1) {
    const impairment = impairments[i] as Impairment;
    if (impairment !== before.impairments[i] || isChanging(impairment)) return false;
  }
  for (const key of Object.keys(conditions) as (keyof Conditions)[]) {
    const value = conditions[key];
    const size = Array.isArray(value) ? value.length : (value as { readonly size: number }).size;
    if (size > 0 && !standing.has(key)) return false;
  }
  return conditions.releaseTraits.size === before.releaseTraits.size;
}

/**
 * For how many seconds the flow just played at `atMs` would go on like this; 0: not even for one.
 * Everybody answers, nobody waits, is turned away, limited or near a bound on slots or connections,
 * cold processes get only so much warmer, and users fail as often as they did. What has more memory
 * than that belongs here.
 */
export function steadySecondsOf(
  parts: CallParts,
  journeys: readonly Outcome[],
  { lastFailed }: CalmFlow,
  atMs: number,
): number {
  const { calls, index, reachable, state } = parts;
  for (let j = 0; j < journeys.length; j += 1) {
    const moved = errorShareOf(journeys[j] as Outcome) - (lastFailed[j] as number);
    if (Math.abs(moved) > failedDriftMax) return 0;
  }
  if (reachable.isOpen.includes(0)) return 0;
  if (index.rateLimits.some((limit) => limit !== Number.POSITIVE_INFINITY)) return 0;
  if (calls.sentShare.some((share) => share < 1)) return 0;
  const { utilisation, servedShare, rejectShare, demandFactor, isTight } = state.pod;
  let seconds = longStepSec;
  for (let p = 0; p < index.pods.length; p += 1) {
    if (!reachable.alive[p]) continue;
    const isBusy = (utilisation[p] as number) > utilisationMax || (servedShare[p] as number) < 1;
    if (isBusy || (rejectShare[p] as number) > 0 || isTight[p] === 1) return 0;
    if ((demandFactor[p] as number) <= demandFactorMax) continue;
    if (memoryPressure(parts, p) > 0) return 0;
    seconds = Math.min(seconds, warmingSeconds(parts, p, atMs));
  }
  return seconds;
}

/** For how long a process stays about as cold as it is. */
function warmingSeconds({ graph, index, state }: CallParts, p: number, atMs: number): number {
  const service = graph.services[index.podService[p] as number];
  if (service === undefined) return longStepSec;
  const ageMs = servingMs(service, state.pod.startedUs[p] as number, atMs);
  return Math.max(1, Math.floor(secondsToFall(service, ageMs, warmingMax)));
}
