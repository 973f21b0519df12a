import type { PodVitals } from '../cluster-view.ts';
import type { CallGraph } from './call-graph.ts';
import type { TopologyIndex } from './topology-index.ts';

/** Services that are played together, with what is theirs in the numbers of one index. */
export interface FlowPart {
  /** Nothing is left out; calls leave no other part. */
  readonly isAll: boolean;
  /** 1 for the part's services. */
  readonly hasService: Uint8Array;
  readonly services: Int32Array;
  /** Operations, callers before callees. */
  readonly order: Int32Array;
  /** Those of users who enter here. */
  readonly journeys: Int32Array;
  readonly pods: Int32Array;
}

/** The part that some services make; pods of no service belong to the whole alone. */
export function partOf(graph: CallGraph, index: TopologyIndex, hasService: Uint8Array): FlowPart {
  const { operationService, journeyOperation, order } = graph;
  const services = filter(hasService, hasService.length, (s) => s);
  const isAll = services.length === hasService.length;
  const pods = index.podService.length;
  return {
    isAll,
    hasService,
    services,
    order: isAll
      ? order
      : filter(hasService, order.length, (k) => operationService[order[k] as number] as number).map(
          (k) => order[k] as number,
        ),
    journeys: filter(
      hasService,
      journeyOperation.length,
      (j) => operationService[journeyOperation[j] as number] as number,
    ),
    pods: isAll
      ? new Int32Array(pods).map((_, p) => p)
      : filter(hasService, pods, (p) => index.podService[p] as number),
  };
}

/** The numbers below `count` whose service is marked, in order. */
function filter(
  marks: Uint8Array,
  count: number,
  serviceOf: (i: number) => number,
): Int32Array<ArrayBuffer> {
  const found = new Int32Array(count);
  let length = 0;
  for (let i = 0; i < count; i += 1) {
    if (marks[serviceOf(i)] !== 1) continue;
    found[length] = i;
    length += 1;
  }
  return found.slice(0, length);
}

/**
 * Marks the callers of marked services, their callers and so on: all who may feel what happens
 * there within a second. What they call in turn feels no more than how often it is called.
 */
export function addCallers({ callers }: CallGraph, marks: Uint8Array): void {
  const left: number[] = [];
  for (let s = 0; s < marks.length; s += 1) if (marks[s] === 1) left.push(s);
  for (let s = left.pop(); s !== undefined; s = left.pop()) {
    for (const caller of callers[s] as Int32Array) {
      if (marks[caller] === 1) continue;
      marks[caller] = 1;
      left.push(caller);
    }
  }
}

/**
 * The two parts of the flow: what is played second by second, and the rest; either may be empty.
 */
export interface FlowGroups {
  readonly index: TopologyIndex;
  readonly stirred: FlowPart;
  readonly rest: FlowPart;
  /** Of the stirred part. */
  readonly vitals: readonly PodVitals[];
}

export function groupFlow(
  graph: CallGraph,
  { index, vitals }: { readonly index: TopologyIndex; readonly vitals: readonly PodVitals[] },
  isStirred: Uint8Array,
): FlowGroups {
  const stirred = partOf(graph, index, isStirred.slice());
  return {
    index,
    stirred,
    vitals: Array.from(stirred.pods, (p) => vitals[p] as PodVitals),
    rest: partOf(
      graph,
      index,
      isStirred.map((stirred) => 1 - stirred),
    ),
  };
}
