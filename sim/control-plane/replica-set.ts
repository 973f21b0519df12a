import type { KindMap } from '../../core/observable/index.ts';
import { parseInstantMs } from '../../core/tools/index.ts';
import { backOffUs } from './back-off.ts';
import { ownedBy } from './object-index.ts';
import { createOwnedPod } from './owned-pods.ts';
import { deletePod } from './pod-deletion.ts';
import { isPodActive, isPodReady, readySince, restartsOf } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, setTimer } from './state.ts';
import { nowText, updateObject } from './store.ts';

type Pod = KindMap['Pod'];
type ReplicaSet = KindMap['ReplicaSet'];

const manager = 'kube-controller-manager';
const source = 'replicaset-controller';

/** Makes or deletes pods until the set has its replicas, then posts its status. */
export function syncReplicaSet(cluster: Cluster, key: string): void {
  const replicaSet = findObject(cluster, 'ReplicaSet', key);
  if (replicaSet === undefined || replicaSet.metadata?.deletionTimestamp) return;
  const active = podsOf(cluster, replicaSet).filter(isPodActive);
  const missing = (replicaSet.spec?.replicas ?? 0) - active.length;
  if (missing > 0) createPods(cluster, replicaSet, { key, missing });
  else cluster.state.refusals.delete(key);
  if (missing < 0) {
    for (const pod of chooseVictims(cluster, replicaSet, active).slice(0, -missing)) {
      deletePod(cluster, pod, { manager });
      const message = `Deleted pod: ${pod.metadata?.name}`;
      report(cluster, replicaSet, { reason: 'SuccessfulDelete', message });
    }
  }
  postStatus(cluster, replicaSet, key);
}

export function podsOf(cluster: Cluster, owner: ReplicaSet): Pod[] {
  return ownedBy(cluster, 'Pod', owner.metadata?.uid);
}

/** Waits so long after the first refusal, twice that after the second, … as the work queue does. */
const waits = { firstUs: 5_000, longestUs: 1_000_000_000 };

/** Makes pods until one is refused; then tries again at the next look, or after a growing wait. */
function createPods(
  cluster: Cluster,
  replicaSet: ReplicaSet,
  { key, missing }: { key: string; missing: number },
): void {
  const { nowUs, refusals } = cluster.state;
  const before = refusals.get(key);
  // The refusal itself makes the controller look again; it learns nothing new in the same instant.
  if (before?.atUs === nowUs) return;
  for (let i = 0; i < missing; i += 1) {
    const created = createOwnedPod(cluster, replicaSet);
    if (created.ok) {
      const message = `Created pod: ${created.object.metadata?.name}`;
      report(cluster, replicaSet, { reason: 'SuccessfulCreate', message });
      continue;
    }
    const text = created.status.message ?? '';
    const message = `Error creating: ${text}`;
    report(cluster, replicaSet, { type: 'Warning', reason: 'FailedCreate', message });
    const times = (before?.times ?? 0) + 1;
    refusals.set(key, { atUs: nowUs, times, message: text });
    setTimer(cluster, nowUs + backOffUs(times, waits), { kind: 'sync_replica_set', key });
    return;
  }
  refusals.delete(key);
}

/**
 * Pods in the order in which a scale-down takes them: unassigned, pending, not ready, low deletion
 * cost, crowded nodes, ready for the shortest time, most restarted, newest.
 */
function chooseVictims(cluster: Cluster, replicaSet: ReplicaSet, active: readonly Pod[]): Pod[] {
  const crowd = crowding(cluster, replicaSet);
  const ranks = new Map(
    active.map((pod, index) => [
      pod,
      [
        pod.spec?.nodeName ? 1 : 0,
        pod.status?.phase === 'Running' ? 1 : 0,
        isPodReady(pod) ? 1 : 0,
        Number(pod.metadata?.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0),
        -(crowd.get(pod.spec?.nodeName ?? '') ?? 0),
        -recency(cluster, readySince(pod)),
        -restartsOf(cluster, pod),
        -recency(cluster, pod.metadata?.creationTimestamp ?? ''),
        -index,
      ],
    ]),
  );
  return [...active].sort((a, b) => compare(ranks.get(a) ?? [], ranks.get(b) ?? []));
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Pods of the same Deployment per node. */
function crowding(cluster: Cluster, replicaSet: ReplicaSet): Map<string, number> {
  const owner = replicaSet.metadata?.ownerReferences?.[0]?.uid;
  const crowd = new Map<string, number>();
  const siblings = owner ? ownedBy(cluster, 'ReplicaSet', owner) : [replicaSet];
  for (const sibling of siblings) {
    for (const pod of podsOf(cluster, sibling)) {
      const node = pod.spec?.nodeName ?? '';
      if (isPodActive(pod)) crowd.set(node, (crowd.get(node) ?? 0) + 1);
    }
  }
  return crowd;
}

/** How recent an instant is, on a scale of powers of two; the real controller compares so, too. */
function recency({ state }: Cluster, instant: string): number {
  if (instant === '') return 0;
  const ageSeconds = state.nowUs / 1_000_000 - parseInstantMs(instant) / 1000;
  return -Math.floor(Math.log2(Math.max(ageSeconds, 1)));
}

function postStatus(cluster: Cluster, before: ReplicaSet, key: string): void {
  const pods = podsOf(cluster, before).filter(isPodActive);
  const ready = pods.filter(isPodReady);
  const minReadySeconds = before.spec?.minReadySeconds ?? 0;
  const available = ready.filter((pod) => isAvailable(cluster, pod, minReadySeconds));
  if (available.length < ready.length) {
    setTimer(cluster, cluster.state.nowUs + minReadySeconds * 1_000_000, {
      kind: 'sync_replica_set',
      key,
    });
  }
  const conditions = failureConditions(cluster, before, key);
  const status = {
    replicas: pods.length,
    ...(pods.length === 0 ? {} : { fullyLabeledReplicas: pods.length }),
    ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
    ...(available.length === 0 ? {} : { availableReplicas: available.length }),
    observedGeneration: before.metadata?.generation ?? 1,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  updateObject(cluster, before, { ...before, status }, manager);
}

/** ReplicaFailure while pods are refused; its first message stays. */
function failureConditions(
  cluster: Cluster,
  { status }: ReplicaSet,
  key: string,
): NonNullable<NonNullable<ReplicaSet['status']>['conditions']> {
  const refusal = cluster.state.refusals.get(key);
  if (refusal === undefined) return [];
  if (status?.conditions && status.conditions.length > 0) return status.conditions;
  const lastTransitionTime = nowText(cluster);
  const { message } = refusal;
  return [
    { type: 'ReplicaFailure', status: 'True', lastTransitionTime, reason: 'FailedCreate', message },
  ];
}

function isAvailable({ state }: Cluster, pod: Pod, minReadySeconds: number): boolean {
  if (minReadySeconds === 0) return true;
  return state.nowUs / 1_000_000 - parseInstantMs(readySince(pod)) / 1000 >= minReadySeconds;
}

function report(
  cluster: Cluster,
  replicaSet: ReplicaSet,
  event: { readonly type?: 'Warning'; readonly reason: string; readonly message: string },
): void {
  recordEvent(cluster, replicaSet, { type: 'Normal', source, ...event });
}
