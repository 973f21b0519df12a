import type { KindMap } from '../../core/observable/index.ts';
import { podRequest } from './pod-runtime.ts';
import type { NodeLoad } from './scheduler-filters.ts';

type Pod = KindMap['Pod'];

/** Pending pods for which room is being made, by the node on which it is. */
export type Nominations = Map<string, Pod[]>;

export function nominationsOf(pending: readonly Pod[]): Nominations {
  const nominations: Nominations = new Map();
  for (const pod of pending) if (pod.status?.nominatedNodeName) nominate(nominations, pod);
  return nominations;
}

/** Notes for which node a pod has been nominated. */
export function nominate(nominations: Nominations, pod: Pod): void {
  const node = pod.status?.nominatedNodeName ?? '';
  const others = (nominations.get(node) ?? []).filter(({ metadata }) => !isSame(metadata, pod));
  nominations.set(node, [...others, pod]);
}

/** Forgets a pod that has its place now. */
export function settle(nominations: Nominations, pod: Pod): void {
  for (const [node, pods] of nominations) {
    const left = pods.filter(({ metadata }) => !isSame(metadata, pod));
    if (left.length < pods.length) nominations.set(node, left);
  }
}

/** The node as a pod sees it: room made for pods of at least its priority is taken. */
export function asSeenBy(load: NodeLoad, pod: Pod, nominations: Nominations): NodeLoad {
  const rivals = (nominations.get(load.name) ?? []).filter(
    (other) => !isSame(other.metadata, pod) && priorityOf(other) >= priorityOf(pod),
  );
  if (rivals.length === 0) return load;
  const seen: NodeLoad = { ...load };
  for (const rival of rivals) {
    seen.cpuCores += podRequest(rival, 'cpu');
    seen.memoryBytes += podRequest(rival, 'memory');
    seen.pods += 1;
  }
  return seen;
}

function isSame(metadata: Pod['metadata'], pod: Pod): boolean {
  return metadata?.uid === pod.metadata?.uid;
}

export function priorityOf({ spec }: Pod): number {
  return spec?.priority ?? 0;
}
