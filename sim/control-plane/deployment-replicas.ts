import type { KindMap } from '../../core/observable/index.ts';
import { resolveShare } from './share.ts';

type Deployment = KindMap['Deployment'];
type ReplicaSet = KindMap['ReplicaSet'];

export function wantedReplicas(deployment: Deployment): number {
  return deployment.spec?.replicas ?? 1;
}

export function specReplicas(replicaSet: ReplicaSet | undefined): number {
  return replicaSet?.spec?.replicas ?? 0;
}

export function sumOf(sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}

export function availableOf(replicaSet: ReplicaSet): number {
  return replicaSet.status?.availableReplicas ?? 0;
}

/**
 * Surge rounds up, unavailability down; both at zero would never progress, so then one may be
 * missing.
 */
export function rolloutBounds(deployment: Deployment): {
  maxSurge: number;
  maxUnavailable: number;
} {
  const replicas = wantedReplicas(deployment);
  if (deployment.spec?.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } =
    deployment.spec?.strategy?.rollingUpdate ?? {};
  const surge = resolveShare(maxSurge, replicas, 'up');
  const unavailable = resolveShare(maxUnavailable, replicas, 'down');
  const atLeastOne = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { maxSurge: surge, maxUnavailable: Math.min(atLeastOne, replicas) };
}

/** How many replicas the new set may have now, given all sets of the rollout. */
export function newSetReplicas(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  all: readonly ReplicaSet[],
): number {
  const replicas = wantedReplicas(deployment);
  const present = specReplicas(newSet);
  if (deployment.spec?.strategy?.type === 'Recreate' || present >= replicas) return replicas;
  const total = sumOf(all, specReplicas);
  const totalMax = replicas + rolloutBounds(deployment).maxSurge;
  if (total >= totalMax) return present;
  return present + Math.min(totalMax - total, replicas - present);
}

export interface Scaling {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

/** How far old sets may shrink: first their unhealthy pods, then as availability allows. */
export function shrinkOldSets(
  deployment: Deployment,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): Scaling[] {
  const all = [...oldSets, newSet];
  const minAvailable = wantedReplicas(deployment) - rolloutBounds(deployment).maxUnavailable;
  const newUnavailable = specReplicas(newSet) - availableOf(newSet);
  const cleanable = sumOf(all, specReplicas) - minAvailable - newUnavailable;
  if (sumOf(oldSets, specReplicas) === 0 || cleanable <= 0) return [];
  const sizes = new Map(oldSets.map((set) => [set, specReplicas(set)]));
  shrink(sizes, cleanable, (set, size) => size - Math.min(size, availableOf(set)));
  const spare = sumOf(all, availableOf) - minAvailable;
  if (spare > 0) shrink(sizes, spare, (_, size) => size);
  return [...sizes]
    .filter(([set, size]) => size < specReplicas(set))
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas }));
}

function shrink(
  sizes: Map<ReplicaSet, number>,
  budget: number,
  removable: (set: ReplicaSet, size: number) => number,
): void {
  let left = budget;
  for (const [set, size] of sizes) {
    const removed = Math.min(left, removable(set, size));
    sizes.set(set, size - removed);
    left -= removed;
  }
}

/** Spreads a change of the Deployment's size over the sets of an unfinished rollout. */
export function proportionalSizes(
  deployment: Deployment,
  active: readonly ReplicaSet[],
): Scaling[] {
  const replicas = wantedReplicas(deployment);
  const { maxSurge } = rolloutBounds(deployment);
  const sizeMax = replicas > 0 ? replicas + maxSurge : 0;
  const toAdd = sizeMax - sumOf(active, specReplicas);
  const sign = toAdd > 0 ? 1 : -1;
  const sorted = [...active].sort(
    (a, b) => specReplicas(b) - specReplicas(a) || sign * (revisionOf(b) - revisionOf(a)),
  );
  let added = 0;
  const scalings = sorted.map((replicaSet) => {
    const size = specReplicas(replicaSet);
    const share = fraction(deployment, replicaSet);
    const left = toAdd - added;
    const change =
      size === 0 || left === 0 ? 0 : toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
    added += change;
    return { replicaSet, replicas: size + change };
  });
  return scalings.map(({ replicaSet, replicas: size }, index) => ({
    replicaSet,
    replicas: index === 0 ? Math.max(size + toAdd - added, 0) : size,
  }));
}

function fraction(deployment: Deployment, replicaSet: ReplicaSet): number {
  const replicas = wantedReplicas(deployment);
  const size = specReplicas(replicaSet);
  if (replicas === 0) return -size;
  const sizeMax = replicas + rolloutBounds(deployment).maxSurge;
  const annotated = Number(
    replicaSet.metadata?.annotations?.['deployment.kubernetes.io/max-replicas'],
  );
  const before = annotated > 0 ? annotated : (deployment.status?.replicas ?? sizeMax);
  return Math.round((size * sizeMax) / before) - size;
}

export function revisionOf(object: Deployment | ReplicaSet): number {
  return Number(object.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
}
