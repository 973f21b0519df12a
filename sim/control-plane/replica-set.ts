import type { KindMap } from '../../core/observable/index.ts';
import { hashText, parseInstantMs } from '../../core/tools/index.ts';
import { admitPod } from './admission.ts';
import { objectKey } from './kinds.ts';
import { deletePod } from './pod-deletion.ts';
import { isPodActive, isPodReady, readySince, restartsOf } from './pod-status.ts';
import { recordEvent } from './recorder.ts';
import { type Cluster, findObject, objectsOf, setTimer } from './state.ts';
import { insertObject, updateObject } from './store.ts';

type Pod = KindMap['Pod'];
type ReplicaSet = KindMap['ReplicaSet'];

const manager = 'kube-controller-manager';
const source = 'replicaset-controller';
/** The letters Kubernetes makes name suffixes from: no vowels, no look-alikes. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Makes or deletes pods until the set has its replicas, then posts its status. */
export function syncReplicaSet(cluster: Cluster, key: string): void {
  const replicaSet = findObject(cluster, 'ReplicaSet', key);
  if (replicaSet === undefined || replicaSet.metadata?.deletionTimestamp) return;
  const active = podsOf(cluster, replicaSet).filter(isPodActive);
  const missing = (replicaSet.spec?.replicas ?? 0) - active.length;
  for (let i = 0; i < missing; i += 1) createPod(cluster, replicaSet);
  if (missing < 0) {
    for (const pod of chooseVictims(cluster, replicaSet, active).slice(0, -missing)) {
      deletePod(cluster, pod, { manager });
      report(cluster, replicaSet, 'SuccessfulDelete', `Deleted pod: ${pod.metadata?.name}`);
    }
  }
  postStatus(cluster, replicaSet);
}

export function podsOf(cluster: Cluster, owner: ReplicaSet): Pod[] {
  const uid = owner.metadata?.uid;
  const pods: Pod[] = [];
  for (const pod of objectsOf(cluster, 'Pod').values()) {
    const { ownerReferences } = pod.metadata ?? {};
    if (ownerReferences?.some((reference) => reference.controller && reference.uid === uid))
      pods.push(pod);
  }
  return pods;
}

function createPod(cluster: Cluster, replicaSet: ReplicaSet): void {
  const { name = '', namespace = '', uid = '' } = replicaSet.metadata ?? {};
  const template = replicaSet.spec?.template;
  const { labels, annotations } = template?.metadata ?? {};
  const podName = freeName(cluster, { namespace, prefix: `${name}-` });
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName,
      generateName: `${name}-`,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    ...(template?.spec === undefined ? {} : { spec: template.spec }),
  };
  insertObject(cluster, admitPod(pod), manager);
  report(cluster, replicaSet, 'SuccessfulCreate', `Created pod: ${podName}`);
}

/** A name that no pod has, drawn from the prefix and the number of pods its set has made. */
function freeName(
  cluster: Cluster,
  { namespace, prefix }: { namespace: string; prefix: string },
): string {
  const { ordinals } = cluster.state;
  const counter = `${namespace}/${prefix}`;
  for (;;) {
    const count = ordinals.get(counter) ?? 0;
    ordinals.set(counter, count + 1);
    const name = `${prefix}${nameSuffix(`${counter}${count}`)}`;
    if (!findObject(cluster, 'Pod', objectKey(namespace, name))) return name;
  }
}

export function nameSuffix(text: string): string {
  let hash = hashText(text);
  let suffix = '';
  for (let i = 0; i < 5; i += 1) {
    suffix += alphabet[hash % alphabet.length];
    hash = Math.floor(hash / alphabet.length);
  }
  return suffix;
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
  for (const sibling of objectsOf(cluster, 'ReplicaSet').values()) {
    const isSibling =
      sibling === replicaSet || (owner && sibling.metadata?.ownerReferences?.[0]?.uid === owner);
    if (!isSibling) continue;
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

function postStatus(cluster: Cluster, before: ReplicaSet): void {
  const pods = podsOf(cluster, before).filter(isPodActive);
  const ready = pods.filter(isPodReady);
  const minReadySeconds = before.spec?.minReadySeconds ?? 0;
  const available = ready.filter((pod) => isAvailable(cluster, pod, minReadySeconds));
  if (available.length < ready.length) {
    const key = objectKey(before.metadata?.namespace, before.metadata?.name ?? '');
    setTimer(cluster, cluster.state.nowUs + minReadySeconds * 1_000_000, {
      kind: 'sync_replica_set',
      key,
    });
  }
  const status = {
    replicas: pods.length,
    ...(pods.length === 0 ? {} : { fullyLabeledReplicas: pods.length }),
    ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
    ...(available.length === 0 ? {} : { availableReplicas: available.length }),
    observedGeneration: before.metadata?.generation ?? 1,
  };
  updateObject(cluster, before, { ...before, status }, manager);
}

function isAvailable({ state }: Cluster, pod: Pod, minReadySeconds: number): boolean {
  if (minReadySeconds === 0) return true;
  return state.nowUs / 1_000_000 - parseInstantMs(readySince(pod)) / 1000 >= minReadySeconds;
}

function report(cluster: Cluster, replicaSet: ReplicaSet, reason: string, message: string): void {
  recordEvent(cluster, replicaSet, { type: 'Normal', reason, message, source });
}
