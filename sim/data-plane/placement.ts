import type { PodVitals } from '../cluster-view.ts';
import type { CallGraph } from './call-graph.ts';
import type { PodState } from './pod-state.ts';
import type { ReachTable } from './reach-table.ts';
import { createResponseTable, type ResponseTable } from './response-table.ts';
import type { TopologyIndex } from './topology-index.ts';

/** A process that is not there takes this long to answer. */
const silence = Number.POSITIVE_INFINITY;

type MutableVitals = { -readonly [Key in keyof PodVitals]: PodVitals[Key] };

/** An index and the scratch space numbered after it; nothing here is remembered between ticks. */
export interface Placement {
  readonly index: TopologyIndex;
  readonly responses: ResponseTable;
  readonly vitals: readonly MutableVitals[];
  readonly nodeDemand: Float64Array;
}

/** Makes room for an index; the scratch space of the one before is used again. */
export function createPlacement(
  graph: CallGraph,
  index: TopologyIndex,
  before: Placement | null,
): Placement {
  return {
    index,
    responses: createResponseTable(graph, index, before?.responses ?? null),
    vitals: index.pods.map((pod) => ({
      uid: pod.uid,
      cpuCores: 0,
      memoryBytes: 0,
      answerMs: silence,
    })),
    nodeDemand: new Float64Array(index.nodes.length),
  };
}

/** Writes what the kubelets will see of their pods; a cut network does not matter to them. */
export function fillVitals(
  vitals: readonly MutableVitals[],
  state: PodState,
  reachable: ReachTable,
): void {
  const { pod } = state;
  for (let p = 0; p < vitals.length; p += 1) {
    const entry = vitals[p] as MutableVitals;
    entry.cpuCores = pod.cpuCores[p] as number;
    entry.memoryBytes = pod.memoryBytes[p] as number;
    entry.answerMs = reachable.alive[p] ? (pod.backlogWaitMs[p] as number) : silence;
  }
}
