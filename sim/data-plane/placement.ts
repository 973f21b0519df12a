import type { PodVitals } from '../cluster-view.ts';
import type { FlowPart } from './flow-part.ts';
import type { PodMatch } from './pod-match.ts';
import type { PodState } from './pod-state.ts';
import type { ReachTable } from './reach-table.ts';
import type { ResponseTable } from './response-table.ts';
import type { TopologyIndex } from './topology-index.ts';

/** A process that is not there takes this long to answer. */
const silence = Number.POSITIVE_INFINITY;

type MutableVitals = { -readonly [Key in keyof PodVitals]: PodVitals[Key] };

/**
 * An index and what is numbered after it; of all this only responses are remembered, if anything.
 */
export interface Placement {
  readonly index: TopologyIndex;
  readonly responses: ResponseTable;
  readonly vitals: readonly MutableVitals[];
  readonly nodeDemand: Float64Array;
  readonly likePods: Int32Array;
}

/** Makes room for an index; entries of pods that were there before are written on. */
export function createPlacement(
  index: TopologyIndex,
  responses: ResponseTable,
  earlier: { readonly placement: Placement; readonly match: PodMatch } | null = null,
): Placement {
  return {
    index,
    responses,
    vitals: earlier?.match.isInPlace ? earlier.placement.vitals : followVitals(index, earlier),
    nodeDemand: new Float64Array(index.nodes.length),
    likePods: new Int32Array(index.pods.length).fill(-1),
  };
}

function followVitals(
  { pods }: TopologyIndex,
  earlier: { readonly placement: Placement; readonly match: PodMatch } | null,
): MutableVitals[] {
  return pods.map(({ uid }, p) => {
    const at = earlier === null ? -1 : (earlier.match.before[p] as number);
    const known = at < 0 ? undefined : earlier?.placement.vitals[at];
    return known ?? { uid, cpuCores: 0, memoryBytes: 0, answerMs: silence };
  });
}

/** Writes what the kubelets will see of their pods; a cut network does not matter to them. */
export function fillVitals(
  vitals: readonly MutableVitals[],
  state: PodState,
  { part, reachable }: { readonly part: FlowPart; readonly reachable: ReachTable },
): void {
  const { pod } = state;
  for (const p of part.pods) {
    const entry = vitals[p] as MutableVitals;
    entry.cpuCores = pod.cpuCores[p] as number;
    entry.memoryBytes = pod.memoryBytes[p] as number;
    entry.answerMs = reachable.alive[p] ? (pod.backlogWaitMs[p] as number) : silence;
  }
}
