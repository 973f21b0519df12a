import type { CallGraph, GraphCall } from './call-graph.ts';
import type { FlowPart } from './flow-part.ts';
import type { ImpairTable } from './impair-table.ts';
import type { PodState } from './pod-state.ts';
import type { ReachTable } from './reach-table.ts';
import type { ResponseTable } from './response-table.ts';
import type { TopologyIndex } from './topology-index.ts';

/** What is remembered of calls per (zone, call), at [zone · calls + call], and per service. */
export interface CallState {
  /** Attempts per request that comes as far as this call, retries included; of the last tick. */
  readonly attemptsPerRequest: Float64Array;
  /** Share of attempts for which the caller finds a connection; of the last tick. */
  readonly sentShare: Float64Array;
  /** Share of requests that go on after this call; of the last tick. */
  readonly passShare: Float64Array;
  /** Attempts in this tick, expected and observed. */
  readonly expected: Float64Array;
  readonly observed: Float64Array;
  /** Of an operation whose endpoints all get the same: what each of them gets in this tick. */
  readonly expectedEach: Float64Array;
  readonly observedEach: Float64Array;
  /**
   * Attempts of a part of the flow to services that wait to be played: sums over the seconds that
   * they wait, at [zone · calls + call].
   */
  readonly expectedInflow: Float64Array;
  readonly observedInflow: Float64Array;
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
    sentShare: new Float64Array(cells).fill(1),
    passShare: new Float64Array(cells).fill(1),
    expected: new Float64Array(cells),
    observed: new Float64Array(cells),
    expectedEach: new Float64Array(graph.operations.length),
    observedEach: new Float64Array(graph.operations.length),
    expectedInflow: new Float64Array(cells),
    observedInflow: new Float64Array(cells),
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
    sentShare: from.sentShare.slice(),
    passShare: from.passShare.slice(),
    expected: from.expected.slice(),
    observed: from.observed.slice(),
    expectedEach: from.expectedEach.slice(),
    observedEach: from.observedEach.slice(),
    expectedInflow: from.expectedInflow.slice(),
    observedInflow: from.observedInflow.slice(),
    offered: from.offered.slice(),
    limitShare: from.limitShare.slice(),
  };
}

/** What came to an end in this tick of what was let in, per operation; scratch. */
export interface Completions {
  /** Some pod has more to do than it can; while none has, all shares are 1. */
  isSaturated: boolean;
  /** Completions per arrival let in (1: as much as came), callees included. */
  readonly share: Float64Array;
  /** The same of an operation's calls alone. */
  readonly ofCalls: Float64Array;
  /** 1 where requests wait for a pod that has more to do than it can, there or further down. */
  readonly waits: Uint8Array;
}

export function createCompletions(operations: number): Completions {
  return {
    isSaturated: false,
    share: new Float64Array(operations).fill(1),
    ofCalls: new Float64Array(operations).fill(1),
    waits: new Uint8Array(operations),
  };
}

export interface CallParts {
  /** Who is played. */
  readonly part: FlowPart;
  /** The pod that one's station is like (`findLikePods`); −1 where it was worked out. */
  readonly likePods: Int32Array;
  /** Seconds that the tick stands for. */
  readonly seconds: number;
  readonly completions: Completions;
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly state: PodState;
  readonly calls: CallState;
  readonly responses: ResponseTable;
  /** What is wrong at present; null while nothing is. */
  readonly impairs: ImpairTable | null;
}
