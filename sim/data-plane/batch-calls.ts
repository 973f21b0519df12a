import type { BatchClient } from '../conditions.ts';
import type { CallGraph } from './call-graph.ts';
import { addOutcome } from './flow-sums.ts';
import type { WindowSums } from './flow-window.ts';
import { createOutcome, type Outcome } from './outcome.ts';
import { sizeOf } from './pod-groups.ts';
import type { PodState } from './pod-state.ts';
import type { TopologyIndex } from './topology-index.ts';

interface BatchParts {
  readonly graph: CallGraph;
  /** Null before anything was played. */
  readonly index: TopologyIndex | null;
  readonly state: PodState;
  readonly sums: WindowSums;
}

const outcome: Outcome = createOutcome();

/**
 * Adds a second of the calls of batch clients to what servers, and callers within the cluster,
 * count. Such calls are turned away at the door or wait for something else: they cost no CPU to
 * speak of and take nobody's place, so users and the flow model never meet them.
 */
export function addBatchCalls(
  { graph: { serviceNumber, edgeNumber }, index, state, sums }: BatchParts,
  clients: readonly BatchClient[],
): void {
  for (const { edge, to, perSec, errorRatio, latencyMs } of clients) {
    const s = serviceNumber.get(to);
    if (s === undefined) continue;
    setExponential(errorRatio, latencyMs);
    addOutcome(sums.services, s, perSec, outcome);
    const e = edgeNumber.get(edge);
    if (e !== undefined) addOutcome(sums.edges, e, perSec, outcome);
    if (index === null) continue;
    const { first, pods } = index.endpoints;
    // Little's law.
    const inFlightEach = (perSec * latencyMs) / 1000 / sizeOf(index.endpoints, s);
    const { sumInFlight } = state.pod;
    for (let at = first[s] as number; at < (first[s + 1] as number); at += 1) {
      const p = pods[at] as number;
      sumInFlight[p] = (sumInFlight[p] as number) + inFlightEach;
    }
  }
}

/** Times of a mixed bag of calls: exponential, failed or not. */
function setExponential(errorRatio: number, latencyMs: number): void {
  outcome.okShare = 1 - errorRatio;
  outcome.okMs = latencyMs;
  outcome.okVarianceMs2 = latencyMs * latencyMs;
  outcome.errorShare = errorRatio;
  outcome.errorMs = latencyMs;
  outcome.errorVarianceMs2 = latencyMs * latencyMs;
}
