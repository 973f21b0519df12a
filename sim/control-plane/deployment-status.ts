import type { KindMap } from '../../core/observable/index.ts';
import { parseInstantMs } from '../../core/tools/index.ts';
import { findCondition } from './conditions-list.ts';
import {
  availableOf,
  rolloutBounds,
  specReplicas,
  sumOf,
  wantedReplicas,
} from './deployment-replicas.ts';
import { objectKey } from './kinds.ts';
import { type Cluster, setTimer } from './state.ts';
import { nowText, updateObject } from './store.ts';

type Deployment = KindMap['Deployment'];
type ReplicaSet = KindMap['ReplicaSet'];
type DeploymentStatus = NonNullable<Deployment['status']>;
type Condition = NonNullable<DeploymentStatus['conditions']>[number];

const manager = 'kube-controller-manager';

/** Posts counts and the conditions Available and Progressing. */
export function postDeploymentStatus(
  cluster: Cluster,
  deployment: Deployment,
  { newSet, oldSets }: { newSet: ReplicaSet | undefined; oldSets: readonly ReplicaSet[] },
): void {
  const counts = countReplicas(deployment, { newSet, oldSets });
  let conditions = deployment.status?.conditions ?? [];
  conditions = setCondition(cluster, conditions, availability(deployment, counts));
  const progress = progressCondition(cluster, deployment, { counts, newSet });
  if (progress) conditions = setCondition(cluster, conditions, progress);
  const failure = replicaFailure(newSet, oldSets);
  conditions = failure
    ? setCondition(cluster, conditions, failure)
    : conditions.filter(({ type }) => type !== 'ReplicaFailure');
  const status: DeploymentStatus = { ...omitZeros(counts), conditions };
  updateObject(cluster, deployment, { ...deployment, status }, manager);
  armDeadline(cluster, deployment, conditions);
}

interface Counts {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly unavailableReplicas: number;
}

function countReplicas(
  deployment: Deployment,
  { newSet, oldSets }: { newSet: ReplicaSet | undefined; oldSets: readonly ReplicaSet[] },
): Counts {
  const all = newSet ? [...oldSets, newSet] : [...oldSets];
  const available = sumOf(all, availableOf);
  return {
    observedGeneration: deployment.metadata?.generation ?? 1,
    replicas: sumOf(all, (set) => set.status?.replicas ?? 0),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sumOf(all, (set) => set.status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(sumOf(all, specReplicas) - available, 0),
  };
}

function omitZeros(counts: Counts): Partial<Counts> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Pods that the API server refuses: the new set's word counts, then that of an old one. */
function replicaFailure(
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): NewCondition | undefined {
  for (const set of newSet ? [newSet, ...oldSets] : oldSets) {
    const found = findCondition(set.status?.conditions, 'ReplicaFailure');
    if (!found) continue;
    const { type, status, reason, message } = found;
    return {
      type,
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
  }
  return undefined;
}

function availability(deployment: Deployment, { availableReplicas }: Counts): NewCondition {
  const type = 'Available';
  if (availableReplicas >= wantedReplicas(deployment) - rolloutBounds(deployment).maxUnavailable) {
    const message = 'Deployment has minimum availability.';
    return { type, status: 'True', reason: 'MinimumReplicasAvailable', message };
  }
  const message = 'Deployment does not have minimum availability.';
  return { type, status: 'False', reason: 'MinimumReplicasUnavailable', message };
}

function progressCondition(
  cluster: Cluster,
  deployment: Deployment,
  { counts, newSet }: { counts: Counts; newSet: ReplicaSet | undefined },
): NewCondition | undefined {
  const current = findCondition(deployment.status?.conditions, 'Progressing');
  const isSettled =
    counts.replicas === counts.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (isSettled || newSet === undefined) return undefined;
  const name = newSet.metadata?.name;
  const type = 'Progressing';
  if (isComplete(deployment, counts)) {
    const message = `ReplicaSet "${name}" has successfully progressed.`;
    return { type, status: 'True', reason: 'NewReplicaSetAvailable', message };
  }
  if (hasProgressed(deployment.status, counts)) {
    const message = `ReplicaSet "${name}" is progressing.`;
    return { type, status: 'True', reason: 'ReplicaSetUpdated', message };
  }
  if (current === undefined) return undefined;
  if (!hasTimedOut(cluster, deployment, current)) return undefined;
  const message = `ReplicaSet "${name}" has timed out progressing.`;
  return { type, status: 'False', reason: 'ProgressDeadlineExceeded', message };
}

function isComplete(deployment: Deployment, counts: Counts): boolean {
  const replicas = wantedReplicas(deployment);
  return (
    counts.updatedReplicas === replicas &&
    counts.replicas === replicas &&
    counts.availableReplicas === replicas
  );
}

function hasProgressed(before: DeploymentStatus | undefined, counts: Counts): boolean {
  const oldBefore = (before?.replicas ?? 0) - (before?.updatedReplicas ?? 0);
  return (
    counts.updatedReplicas > (before?.updatedReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < oldBefore ||
    counts.readyReplicas > (before?.readyReplicas ?? 0) ||
    counts.availableReplicas > (before?.availableReplicas ?? 0)
  );
}

function hasTimedOut(cluster: Cluster, deployment: Deployment, current: Condition): boolean {
  if (current.reason === 'NewReplicaSetAvailable') return false;
  return cluster.state.nowUs >= deadlineUs(deployment, current);
}

function deadlineUs(deployment: Deployment, { lastUpdateTime = '' }: Condition): number {
  const seconds = deployment.spec?.progressDeadlineSeconds ?? 600;
  return (parseInstantMs(lastUpdateTime) + seconds * 1000) * 1000;
}

/** A rollout that stands still is looked at again at its deadline. */
function armDeadline(
  cluster: Cluster,
  deployment: Deployment,
  conditions: readonly Condition[],
): void {
  const { deadlines, nowUs } = cluster.state;
  const key = objectKey(deployment.metadata?.namespace, deployment.metadata?.name ?? '');
  const current = findCondition(conditions, 'Progressing');
  if (
    current === undefined ||
    current.status === 'False' ||
    current.reason === 'NewReplicaSetAvailable'
  ) {
    deadlines.delete(key);
    return;
  }
  const dueUs = deadlineUs(deployment, current);
  if (deadlines.get(key) === dueUs || dueUs < nowUs) return;
  deadlines.set(key, dueUs);
  setTimer(cluster, dueUs, { kind: 'sync_deployment', key });
}

/** As the real controller does it: an unchanged condition stays, a changed one moves to the end. */
export function setCondition(
  cluster: Cluster,
  conditions: Condition[],
  next: NewCondition,
): Condition[] {
  const current = findCondition(conditions, next.type);
  const restates = next.reason !== 'ReplicaSetUpdated';
  if (restates && current?.status === next.status && current.reason === next.reason)
    return conditions;
  const now = nowText(cluster);
  const kept = current?.status === next.status ? (current.lastTransitionTime ?? now) : now;
  return [
    ...conditions.filter(({ type }) => type !== next.type),
    {
      type: next.type,
      status: next.status,
      lastUpdateTime: now,
      lastTransitionTime: kept,
      ...reasonOf(next),
    },
  ];
}

function reasonOf({ reason, message }: NewCondition): Pick<Condition, 'reason' | 'message'> {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}
