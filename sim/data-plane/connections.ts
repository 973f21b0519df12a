import type { CallPolicy } from '../cluster-view.ts';
import {
  boundQueue,
  createBoundedLoad,
  createBoundedQueue,
  negligible,
  placesMax,
} from './bounded-queue.ts';
import type { GraphCall } from './call-graph.ts';
import type { CallParts } from './call-state.ts';
import { clockedRate } from './completions.ts';
import {
  addQuickError,
  addTimeOut,
  closeFailures,
  copyOutcome,
  createOutcome,
  meanMsOf,
  type Outcome,
} from './outcome.ts';
import { sizeOf } from './pod-groups.ts';
import { erlangC } from './queueing.ts';

const bound = createBoundedLoad();
const queue = createBoundedQueue();

/** What waiting for a connection does to attempts. */
interface Waiting {
  blockedShare: number;
  meanMs: number;
  varianceMs2: number;
}

const waiting: Waiting = { blockedShare: 0, meanMs: 0, varianceMs2: 0 };
const bounded: Outcome = createOutcome();

/**
 * The attempt as a caller sees it who has only so many connections to the callee, and sets the
 * share of attempts that is sent. A pool (`poolSize`) lets attempts wait until their time-out; a
 * circuit breaker, which stands in for it, turns those beyond its pending ones away at once.
 */
export function throughConnections(
  parts: CallParts,
  zone: number,
  c: number,
  attempt: Outcome,
): Outcome {
  const { graph, index, calls } = parts;
  const policy = callPolicyOf(parts, c);
  if (graph.isPooled[c] === 0 && policy?.maxRequests === undefined) return attempt;
  const timeoutMs = (parts.impairs ?? graph.perCall).timeoutMs[c] as number;
  const { spec, callee, caller } = graph.calls[c] as GraphCall;
  const s = graph.operationService[caller] as number;
  const pods = sizeOf(index.podsInZone, s * graph.zones.length + zone);
  const cell = zone * graph.calls.length + c;
  const sent = calls.sentShare[cell] as number;
  const perSec = (calls.expected[cell] as number) / Math.max(1e-9, sent) / pods;
  const holdMs = meanMsOf(attempt);
  copyOutcome(bounded, attempt);
  const size = policy?.maxRequests ?? (spec.poolSize as number);
  const isBreaker = policy?.maxRequests !== undefined;
  const patience = (size * timeoutMs) / Math.max(holdMs, 1e-3);
  wait({ perSec, holdMs, size, pending: isBreaker ? (policy.maxPending ?? 0) : patience });
  const { completions } = parts;
  const completed = sent * (completions.share[callee] as number);
  const target = 1 - waiting.blockedShare;
  const isOpen = target > 1 - negligible && completed > 1 - negligible;
  const isFed = completions.waits[callee] === 1;
  const share = isOpen ? 1 : Math.min(1, clockedRate({ completed, target, holdMs, isFed }));
  calls.sentShare[cell] = share;
  delayed(bounded);
  if (share < 1) closeBlocked(bounded, 1 - share, isBreaker ? 0 : timeoutMs);
  return bounded;
}

/** Retries, back-off and budget that a service's callers are told to use. */
export function callPolicyOf(parts: CallParts, c: number): CallPolicy | undefined {
  const { graph, index } = parts;
  if (index.callPolicies === null) return undefined;
  return index.callPolicies[graph.operationService[graph.callee[c] as number] as number];
}

/** M/M/size with so many places to wait in; the fluid of it where there are very many. */
function wait(load: { perSec: number; holdMs: number; size: number; pending: number }): void {
  const { perSec, holdMs, pending } = load;
  const size = Math.max(1, Math.floor(load.size));
  const busy = (perSec * holdMs) / 1000;
  const utilisation = busy / size;
  const gapMs = holdMs / (size * Math.max(1e-3, Math.abs(1 - utilisation)));
  waiting.blockedShare = 0;
  waiting.meanMs = 0;
  waiting.varianceMs2 = 0;
  if (busy + 6 * Math.sqrt(busy) + 4 < size) return;
  if (size + pending <= placesMax) {
    const beside = Math.abs(1 - utilisation) < negligible;
    bound.places = size + pending;
    bound.utilisation = beside ? 1 - negligible : utilisation;
    bound.servers = size;
    bound.queueRatio = bound.utilisation;
    boundQueue(queue, bound);
    const waits = queue.present - size * (1 - queue.idleShare);
    waiting.blockedShare = queue.blockedShare > negligible ? queue.blockedShare : 0;
    waiting.meanMs = (1000 * Math.max(0, waits)) / (perSec * (1 - waiting.blockedShare));
  } else if (utilisation < 1) {
    waiting.meanMs = erlangC(size, utilisation) * gapMs;
  } else {
    waiting.blockedShare = 1 - 1 / utilisation;
    waiting.meanMs = (pending * holdMs) / size;
  }
  const { meanMs } = waiting;
  const exponential = meanMs * Math.max(0, 2 * gapMs - meanMs);
  waiting.varianceMs2 = utilisation < 1 ? exponential : Math.min(meanMs * meanMs, gapMs * gapMs);
}

/** Everything that is sent ends later by the wait for its connection. */
function delayed(out: Outcome): void {
  const { meanMs, varianceMs2 } = waiting;
  out.okMs += meanMs;
  out.errorMs += meanMs;
  out.slowOkMs += meanMs;
  out.slowErrorMs += meanMs;
  out.slowOkMaxMs += meanMs;
  out.slowErrorMaxMs += meanMs;
  out.okVarianceMs2 += varianceMs2;
  out.errorVarianceMs2 += varianceMs2;
  out.slowOkVarianceMs2 += varianceMs2;
  out.slowErrorVarianceMs2 += varianceMs2;
}

/** Mixes in attempts that never get a connection, and know it at once or after `waitedMs`. */
function closeBlocked(out: Outcome, blocked: number, waitedMs: number): void {
  const kept = 1 - blocked;
  out.okShare *= kept;
  out.slowOkShare *= kept;
  // Open the failures' sums again.
  out.errorShare *= kept;
  out.errorVarianceMs2 = out.errorShare * (out.errorVarianceMs2 + out.errorMs * out.errorMs);
  out.errorMs *= out.errorShare;
  out.slowErrorShare *= kept;
  const square = out.slowErrorMs * out.slowErrorMs;
  out.slowErrorVarianceMs2 = out.slowErrorShare * (out.slowErrorVarianceMs2 + square);
  out.slowErrorMs *= out.slowErrorShare;
  if (waitedMs > 0) addTimeOut(out, blocked, waitedMs);
  else addQuickError(out, blocked, 0, 0);
  closeFailures(out);
}
