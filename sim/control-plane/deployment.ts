import type { KindMap } from '../../core/observable/index.ts';
import {
  newSetReplicas,
  proportionalSizes,
  shrinkOldSets,
  specReplicas,
  sumOf,
  wantedReplicas,
} from './deployment-replicas.ts';
import {
  cleanHistory,
  isOutdated,
  type Revisions,
  revisionsOf,
  scaleSet,
  syncRevision,
} from './deployment-revisions.ts';
import { postDeploymentStatus, setCondition } from './deployment-status.ts';
import { podsOf } from './replica-set.ts';
import { type Cluster, findObject } from './state.ts';
import { updateObject } from './store.ts';

type Deployment = KindMap['Deployment'];
type ReplicaSet = KindMap['ReplicaSet'];

/** One pass of the deployment controller: scale or roll by one step, then post the status. */
export function syncDeployment(cluster: Cluster, key: string): void {
  const deployment = findObject(cluster, 'Deployment', key);
  if (deployment?.spec === undefined || deployment.metadata?.deletionTimestamp) return;
  const revisions = revisionsOf(cluster, deployment);
  const { newSet, oldSets } = revisions;
  const all = newSet ? [...oldSets, newSet] : oldSets;
  const isResized = all.some((set) => specReplicas(set) > 0 && isOutdated(deployment, set));
  if (deployment.spec.paused || isResized) resize(cluster, deployment, revisions);
  else if (deployment.spec.strategy?.type === 'Recreate') recreate(cluster, deployment, revisions);
  else roll(cluster, deployment, revisions);
  const current = findObject(cluster, 'Deployment', key);
  if (current) postDeploymentStatus(cluster, current, revisionsOf(cluster, current));
}

function resize(cluster: Cluster, deployment: Deployment, { newSet, oldSets }: Revisions): void {
  const all = newSet ? [...oldSets, newSet] : [...oldSets];
  const active = all.filter((set) => specReplicas(set) > 0);
  const replicas = wantedReplicas(deployment);
  const only =
    active.length === 1 ? active[0] : active.length === 0 ? (newSet ?? oldSets.at(-1)) : undefined;
  if (only) {
    scaleSet(cluster, deployment, { replicaSet: only, replicas });
  } else if (newSet && isSaturated(deployment, newSet)) {
    for (const replicaSet of active) {
      if (replicaSet !== newSet) scaleSet(cluster, deployment, { replicaSet, replicas: 0 });
    }
    scaleSet(cluster, deployment, { replicaSet: newSet, replicas: specReplicas(newSet) });
  } else {
    for (const scaling of proportionalSizes(deployment, active))
      scaleSet(cluster, deployment, scaling);
  }
}

function isSaturated(deployment: Deployment, newSet: ReplicaSet): boolean {
  const replicas = wantedReplicas(deployment);
  return specReplicas(newSet) === replicas && (newSet.status?.availableReplicas ?? 0) === replicas;
}

function roll(cluster: Cluster, before: Deployment, revisions: Revisions): void {
  const { deployment, newSet } = startRevision(cluster, before, revisions);
  const { oldSets } = revisions;
  const replicas = newSetReplicas(deployment, newSet, [...oldSets, newSet]);
  if (replicas !== specReplicas(newSet)) {
    scaleSet(cluster, deployment, { replicaSet: newSet, replicas });
    return;
  }
  const scalings = shrinkOldSets(deployment, newSet, oldSets);
  for (const scaling of scalings) scaleSet(cluster, deployment, scaling);
  if (scalings.length === 0 && sumOf(oldSets, specReplicas) === 0)
    cleanHistory(cluster, deployment, oldSets);
}

function recreate(cluster: Cluster, before: Deployment, revisions: Revisions): void {
  const { oldSets } = revisions;
  const active = oldSets.filter((set) => specReplicas(set) > 0);
  for (const replicaSet of active) scaleSet(cluster, before, { replicaSet, replicas: 0 });
  if (active.length > 0 || oldSets.some((set) => podsOf(cluster, set).length > 0)) return;
  const { deployment, newSet } = startRevision(cluster, before, revisions);
  const replicas = wantedReplicas(deployment);
  if (specReplicas(newSet) !== replicas)
    scaleSet(cluster, deployment, { replicaSet: newSet, replicas });
  else cleanHistory(cluster, deployment, oldSets);
}

/** Finds or makes the set of the present template; a new one is noted in Progressing. */
function startRevision(
  cluster: Cluster,
  before: Deployment,
  revisions: Revisions,
): { deployment: Deployment; newSet: ReplicaSet } {
  const started = syncRevision(cluster, before, revisions);
  if (revisions.newSet) return started;
  const { deployment, newSet } = started;
  const conditions = setCondition(cluster, deployment.status?.conditions ?? [], {
    type: 'Progressing',
    status: 'True',
    reason: 'NewReplicaSetCreated',
    message: `Created new replica set "${newSet.metadata?.name}"`,
  });
  const status = { ...deployment.status, conditions };
  const after = updateObject(
    cluster,
    deployment,
    { ...deployment, status },
    'kube-controller-manager',
  );
  return { deployment: after, newSet };
}
