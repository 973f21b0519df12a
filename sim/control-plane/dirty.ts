import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { objectKey } from './kinds.ts';
import { selectorsFor } from './object-index.ts';
import { isEqualJson } from './plain.ts';
import { podLogOf } from './pod-log.ts';
import type { Labels } from './selectors.ts';
import type { Cluster, DirtyKeys } from './state.ts';

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
      state.version += 1;
      state.trafficVersion += 1;
      break;
    case 'PodDisruptionBudget':
      state.dirty.budgets.add(key);
      break;
    case 'HorizontalPodAutoscaler':
      state.dirty.autoscalers.add(key);
      break;
    case 'PersistentVolumeClaim':
      state.dirty.claims.add(key);
      state.dirty.scheduler = true;
      break;
    case 'PersistentVolume':
    case 'StorageClass':
      // Controllers try again what they could not bind before.
      for (const claim of state.objects.get('PersistentVolumeClaim')?.keys() ?? [])
        state.dirty.claims.add(claim);
      break;
    case 'NetworkPolicy':
      state.version += 1;
      state.trafficVersion += 1;
      break;
    case 'Job':
      state.dirty.jobs.add(key);
      markOwner(state.dirty.cronJobs, object, 'CronJob');
      break;
    case 'ResourceQuota':
      state.dirty.quotas.add(key);
      break;
    case 'ConfigMap':
      state.configVersion += 1;
      // Kubelets read the configuration of their pool.
      if (key.startsWith('kube-system/kubelet-config-'))
        for (const name of state.nodes.keys()) state.dirty.nodes.add(name);
      break;
    case 'CronJob':
      state.dirty.cronJobs.add(key);
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
    dirty.autoscalers.size > 0 ||
    dirty.claims.size > 0 ||
    dirty.jobs.size > 0 ||
    dirty.quotas.size > 0 ||
    dirty.cronJobs.size > 0
  );
}

function markPod(cluster: Cluster, before: Change<'Pod'>[0], after: Change<'Pod'>[1]): void {
  const { state } = cluster;
  const pod = (after ?? before) as KindMap['Pod'];
  const namespace = pod.metadata?.namespace ?? '';
  const key = objectKey(namespace, pod.metadata?.name ?? '');
  const log = podLogOf(cluster);
  if (before === undefined) log.noteNew(key);
  else if (after === undefined) log.noteGone(key);
  else log.note(key);
  state.version += 1;
  markOwner(state.dirty.replicaSets, pod, 'ReplicaSet');
  markOwner(state.dirty.jobs, pod, 'Job');
  if (before === undefined || after === undefined || before.status?.phase !== after.status?.phase)
    markQuotas(cluster, namespace);
  if (after) state.dirty.pods.add(key);
  if (after === undefined || (before === undefined && !after.spec?.nodeName))
    state.dirty.scheduler = true;
  const labels = pod.metadata?.labels ?? {};
  markSelectors(cluster, { namespace, labels });
  const labelsBefore = before?.metadata?.labels ?? labels;
  if (labelsBefore !== labels) markSelectors(cluster, { namespace, labels: labelsBefore });
}

function markSelectors(
  cluster: Cluster,
  pod: { readonly namespace: string; readonly labels: Labels },
): void {
  const { dirty } = cluster.state;
  for (const key of selectorsFor(cluster, 'Service', pod)) dirty.services.add(key);
  for (const key of selectorsFor(cluster, 'PodDisruptionBudget', pod)) dirty.budgets.add(key);
}

/** Quotas count what the pods of their namespace ask for. */
function markQuotas({ state }: Cluster, namespace: string): void {
  for (const [key, quota] of state.objects.get('ResourceQuota') ?? []) {
    if (quota.metadata?.namespace === namespace) state.dirty.quotas.add(key);
  }
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
