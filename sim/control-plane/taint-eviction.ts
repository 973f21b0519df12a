import type { KindMap } from '../../core/observable/index.ts';
import { deletePod } from './pod-deletion.ts';
import { setPodCondition } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { tolerates } from './selectors.ts';
import { type Cluster, findObject, objectsOf, setTimer } from './state.ts';

type Pod = KindMap['Pod'];
type Taint = NonNullable<NonNullable<KindMap['Node']['spec']>['taints']>[number];

const manager = 'kube-controller-manager';

/** Plans or cancels the deletion of a node's pods after its NoExecute taints changed. */
export function syncEvictions(cluster: Cluster, nodeName: string): void {
  const node = findObject(cluster, 'Node', nodeName);
  const taints = (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  if (taints.length === 0 && cluster.state.evictions.size === 0) return;
  for (const pod of [...objectsOf(cluster, 'Pod').values()]) {
    if (pod.spec?.nodeName === nodeName) planEviction(cluster, pod, taints);
  }
}

function planEviction(cluster: Cluster, pod: Pod, taints: readonly Taint[]): void {
  const { evictions, nowUs } = cluster.state;
  const uid = pod.metadata?.uid as string;
  if (pod.metadata?.deletionTimestamp) return;
  const seconds = toleratedSeconds(pod, taints);
  if (seconds === 0) {
    evictions.delete(uid);
    evict(cluster, pod);
  } else if (seconds === Number.POSITIVE_INFINITY) {
    if (evictions.delete(uid)) report(cluster, pod, 'Cancelling deletion of Pod');
  } else if (!evictions.has(uid)) {
    const dueUs = nowUs + seconds * 1_000_000;
    evictions.set(uid, dueUs);
    setTimer(cluster, dueUs, { kind: 'evict', uid, dueUs });
  }
}

/** How long the pod may stay: 0 when a taint is not tolerated, infinite when all are for ever. */
function toleratedSeconds(pod: Pod, taints: readonly Taint[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const matching = (pod.spec?.tolerations ?? []).filter((item) => tolerates(item, taint));
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds } of matching) {
      if (tolerationSeconds !== undefined) least = Math.min(least, Math.max(tolerationSeconds, 0));
    }
  }
  return least;
}

/** Plays the timer set for a pod, unless its deletion was cancelled or planned anew. */
export function playEviction(cluster: Cluster, uid: string, dueUs: number): void {
  const { evictions, runtimes } = cluster.state;
  if (evictions.get(uid) !== dueUs) return;
  evictions.delete(uid);
  const pod = findObject(cluster, 'Pod', runtimes.get(uid)?.key ?? '');
  if (pod !== undefined) evict(cluster, pod);
}

function evict(cluster: Cluster, pod: Pod): void {
  if (pod.metadata?.deletionTimestamp) return;
  report(cluster, pod, 'Marking for deletion Pod');
  const marked = setPodCondition(cluster, pod, {
    condition: {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    },
    manager,
  });
  deletePod(cluster, marked, { manager });
}

function report(cluster: Cluster, pod: Pod, verb: string): void {
  recordEvent(cluster, pod, {
    type: 'Normal',
    reason: 'TaintManagerEviction',
    message: `${verb} ${pod.metadata?.namespace}/${pod.metadata?.name}`,
    source: 'taint-eviction-controller',
  });
}
