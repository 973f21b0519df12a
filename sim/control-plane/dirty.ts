import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { objectKey } from './kinds.ts';
import { isEqualJson } from './plain.ts';
import { matchesLabels, matchesSelector } from './selectors.ts';
import { type Cluster, type DirtyKeys, objectsOf } from './state.ts';

type Change<K extends keyof KindMap> = [
  before: KindMap[K] | undefined,
  after: KindMap[K] | undefined,
];

/**
 * Notes which controllers have to look again after an object changed; what informers do in a
 * cluster.
 */
export function markDirty(
  cluster: Cluster,
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
): void {
  const object = (after ?? before) as KubernetesObject;
  const key = objectKey(object.metadata?.namespace, object.metadata?.name ?? '');
  const { state } = cluster;
  switch (object.kind) {
    case 'Pod':
      markPod(cluster, before as Change<'Pod'>[0], after as Change<'Pod'>[1]);
      break;
    case 'Node':
      state.version += 1;
      markNode(cluster, before as Change<'Node'>[0], after as Change<'Node'>[1]);
      break;
    case 'Deployment':
      state.version += 1;
      state.dirty.deployments.add(key);
      break;
    case 'ReplicaSet':
      state.dirty.replicaSets.add(key);
      markOwner(state.dirty.deployments, object, 'Deployment');
      break;
    case 'Service':
      state.dirty.services.add(key);
      break;
    case 'PodDisruptionBudget':
      state.dirty.budgets.add(key);
      break;
    case 'HorizontalPodAutoscaler':
      state.dirty.autoscalers.add(key);
      break;
    case 'DestinationRule':
    case 'BackendTrafficPolicy':
      state.version += 1;
      state.trafficVersion += 1;
      break;
    default:
      break;
  }
}

export function isAnyDirty(dirty: DirtyKeys): boolean {
  return (
    dirty.scheduler ||
    dirty.deployments.size > 0 ||
    dirty.replicaSets.size > 0 ||
    dirty.pods.size > 0 ||
    dirty.nodes.size > 0 ||
    dirty.services.size > 0 ||
    dirty.budgets.size > 0 ||
    dirty.autoscalers.size > 0
  );
}

function markPod(cluster: Cluster, before: Change<'Pod'>[0], after: Change<'Pod'>[1]): void {
  const { state } = cluster;
  const pod = (after ?? before) as KindMap['Pod'];
  const namespace = pod.metadata?.namespace ?? '';
  state.version += 1;
  markOwner(state.dirty.replicaSets, pod, 'ReplicaSet');
  if (after) state.dirty.pods.add(objectKey(namespace, after.metadata?.name ?? ''));
  if (after === undefined || (before === undefined && !after.spec?.nodeName))
    state.dirty.scheduler = true;
  for (const [key, service] of objectsOf(cluster, 'Service')) {
    const selector = service.spec?.selector;
    if (!selector || service.metadata?.namespace !== namespace) continue;
    if (matchesEither(before, after, (labels) => matchesLabels(selector, labels))) {
      state.dirty.services.add(key);
    }
  }
  for (const [key, budget] of objectsOf(cluster, 'PodDisruptionBudget')) {
    const selector = budget.spec?.selector;
    if (budget.metadata?.namespace !== namespace) continue;
    if (matchesEither(before, after, (labels) => matchesSelector(selector, labels))) {
      state.dirty.budgets.add(key);
    }
  }
}

function matchesEither(
  before: Change<'Pod'>[0],
  after: Change<'Pod'>[1],
  matches: (labels: Record<string, string>) => boolean,
): boolean {
  const isMatch = (pod: KindMap['Pod'] | undefined): boolean =>
    pod !== undefined && matches(pod.metadata?.labels ?? {});
  return isMatch(after) || isMatch(before);
}

/**
 * The scheduler wakes when a node's spec, labels or allocatable changed; status heartbeats do not
 * count.
 */
function markNode({ state }: Cluster, before: Change<'Node'>[0], after: Change<'Node'>[1]): void {
  const name = (after ?? before)?.metadata?.name ?? '';
  state.dirty.nodes.add(name);
  const same =
    isEqualJson(before?.spec, after?.spec) &&
    isEqualJson(before?.metadata?.labels, after?.metadata?.labels) &&
    isEqualJson(before?.status?.allocatable, after?.status?.allocatable);
  if (!same) state.dirty.scheduler = true;
}

function markOwner(keys: Set<string>, object: KubernetesObject, kind: string): void {
  const owner = object.metadata?.ownerReferences?.find((reference) => reference.controller);
  if (owner?.kind === kind) keys.add(objectKey(object.metadata?.namespace, owner.name));
}
