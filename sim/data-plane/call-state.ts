import type { CallGraph, GraphCall } from './call-graph.ts';
import type { Outcome } from './outcome.ts';
import type { PodState } from './pod-state.ts';
import type { ReachTable } from './reach-table.ts';
import type { TopologyIndex } from './topology-index.ts';

/** What is remembered of calls per (zone, call), at [zone · calls + call], and per service. */
export interface CallState {
  /** Attempts per request that comes as far as this call, retries included; of the last tick. */
  readonly attemptsPerRequest: Float64Array;
  /** Share of requests that go on after this call; of the last tick. */
  readonly passShare: Float64Array;
  /** Attempts in this tick, expected and observed. */
  readonly expected: Float64Array;
  readonly observed: Float64Array;
  /** Attempts offered to each service in this tick. */
  readonly offered: Float64Array;
  /** Share that the rate limit lets through. */
  readonly limitShare: Float64Array;
}

export function createCallState(graph: CallGraph): CallState {
  const cells = graph.zones.length * graph.calls.length;
  const services = graph.services.length;
  const state: CallState = {
    attemptsPerRequest: new Float64Array(cells),
    passShare: new Float64Array(cells).fill(1),
    expected: new Float64Array(cells),
    observed: new Float64Array(cells),
    offered: new Float64Array(services),
    limitShare: new Float64Array(services).fill(1),
  };
  for (let cell = 0; cell < cells; cell += 1) {
    state.attemptsPerRequest[cell] = (
      graph.calls[cell % graph.calls.length] as GraphCall
    ).spec.count;
  }
  return state;
}

export function copyCallState(from: CallState): CallState {
  return {
    attemptsPerRequest: from.attemptsPerRequest.slice(),
    passShare: from.passShare.slice(),
    expected: from.expected.slice(),
    observed: from.observed.slice(),
    offered: from.offered.slice(),
    limitShare: from.limitShare.slice(),
  };
}

export interface CallParts {
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly state: PodState;
  readonly calls: CallState;
  /** The response of each slot, filled bottom-up in every tick. */
  readonly responses: readonly Outcome[];
}
