import type { KindMap } from '../../core/observable/index.ts';
import { canonicalJson, hashText } from '../../core/tools/index.ts';
import {
  newSetReplicas,
  revisionOf,
  rolloutBounds,
  specReplicas,
  wantedReplicas,
} from './deployment-replicas.ts';
import { ownedBy } from './object-index.ts';
import { isEqualJson } from './plain.ts';
import { recordEvent } from './recorder.ts';
import type { Cluster } from './state.ts';
import { dropObject, insertObject, updateObject } from './store.ts';

type Deployment = KindMap['Deployment'];
type ReplicaSet = KindMap['ReplicaSet'];
type Template = NonNullable<Deployment['spec']>['template'];

const manager = 'kube-controller-manager';
const prefix = 'deployment.kubernetes.io/';
const hashLabel = 'pod-template-hash';
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
/** Annotations of a Deployment that its ReplicaSets do not inherit. */
const ownAnnotations: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  `${prefix}revision`,
  `${prefix}revision-history`,
  `${prefix}desired-replicas`,
  `${prefix}max-replicas`,
];

/** The sets of a Deployment: the one with its present template, and the others, oldest first. */
export interface Revisions {
  readonly newSet: ReplicaSet | undefined;
  readonly oldSets: readonly ReplicaSet[];
}

export function revisionsOf(cluster: Cluster, deployment: Deployment): Revisions {
  const sets = ownedBy(cluster, 'ReplicaSet', deployment.metadata?.uid);
  const template = deployment.spec?.template;
  const newSet = sets.find((set) => isEqualJson(withoutHash(set.spec?.template), template));
  return { newSet, oldSets: sets.filter((set) => set !== newSet) };
}

function withoutHash(template: Template | undefined): Template | undefined {
  if (template === undefined) return undefined;
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/**
 * Numbers the present template and notes the number on set and Deployment; a set is made if none
 * fits.
 */
export function syncRevision(
  cluster: Cluster,
  deployment: Deployment,
  { newSet, oldSets }: Revisions,
): { deployment: Deployment; newSet: ReplicaSet } {
  const latest = oldSets.reduce((most, set) => Math.max(most, revisionOf(set)), 0);
  const revision = Math.max(latest + 1, newSet ? revisionOf(newSet) : 0);
  const set = newSet
    ? annotateSet(cluster, deployment, { set: newSet, revision })
    : createSet(cluster, deployment, { oldSets, revision });
  if (revisionOf(deployment) === revision) return { deployment, newSet: set };
  const annotations = {
    ...deployment.metadata?.annotations,
    [`${prefix}revision`]: String(revision),
  };
  const metadata = { ...deployment.metadata, annotations };
  return {
    deployment: updateObject(cluster, deployment, { ...deployment, metadata }, manager),
    newSet: set,
  };
}

function inherited(deployment: Deployment): Record<string, string> {
  const entries = Object.entries(deployment.metadata?.annotations ?? {});
  return Object.fromEntries(entries.filter(([key]) => !ownAnnotations.includes(key)));
}

function annotateSet(
  cluster: Cluster,
  deployment: Deployment,
  { set, revision }: { set: ReplicaSet; revision: number },
): ReplicaSet {
  const before = set.metadata?.annotations ?? {};
  const annotations: Record<string, string> = { ...before, ...inherited(deployment) };
  const old = revisionOf(set);
  if (old < revision) {
    annotations[`${prefix}revision`] = String(revision);
    const history = before[`${prefix}revision-history`];
    if (old > 0)
      annotations[`${prefix}revision-history`] = history ? `${history},${old}` : String(old);
  }
  return updateObject(
    cluster,
    set,
    { ...set, metadata: { ...set.metadata, annotations } },
    manager,
  );
}

function createSet(
  cluster: Cluster,
  deployment: Deployment,
  { oldSets, revision }: { oldSets: readonly ReplicaSet[]; revision: number },
): ReplicaSet {
  const { name = '', namespace = '', uid = '' } = deployment.metadata ?? {};
  const template = deployment.spec?.template as Template;
  const hash = templateHash(template);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const { minReadySeconds } = deployment.spec ?? {};
  const replicas = newSetReplicas(deployment, undefined, oldSets);
  const set = insertObject<ReplicaSet>(
    cluster,
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations: {
          ...inherited(deployment),
          ...sizes(deployment),
          [`${prefix}revision`]: String(revision),
        },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name,
            uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        replicas,
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        selector: {
          ...deployment.spec?.selector,
          matchLabels: { ...deployment.spec?.selector.matchLabels, [hashLabel]: hash },
        },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
      status: { replicas: 0 },
    },
    manager,
  );
  if (replicas > 0) reportScaling(cluster, deployment, { set, from: 0, to: replicas });
  return set;
}

function templateHash(template: Template): string {
  const digits = String(hashText(canonicalJson(template)));
  return [...digits].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

function sizes(deployment: Deployment): Record<string, string> {
  const replicas = wantedReplicas(deployment);
  return {
    [`${prefix}desired-replicas`]: String(replicas),
    [`${prefix}max-replicas`]: String(replicas + rolloutBounds(deployment).maxSurge),
  };
}

/** The Deployment was resized since this set was last scaled. */
export function isOutdated(deployment: Deployment, set: ReplicaSet): boolean {
  const desired = set.metadata?.annotations?.[`${prefix}desired-replicas`];
  return desired !== undefined && Number(desired) !== wantedReplicas(deployment);
}

/** Resizes a set and says so; true when its size changed. */
export function scaleSet(
  cluster: Cluster,
  deployment: Deployment,
  { replicaSet, replicas }: { replicaSet: ReplicaSet; replicas: number },
): boolean {
  const from = specReplicas(replicaSet);
  const annotations = { ...replicaSet.metadata?.annotations, ...sizes(deployment) };
  const spec = { ...replicaSet.spec, replicas } as NonNullable<ReplicaSet['spec']>;
  const metadata = { ...replicaSet.metadata, annotations };
  updateObject(cluster, replicaSet, { ...replicaSet, metadata, spec }, manager);
  if (from !== replicas)
    reportScaling(cluster, deployment, { set: replicaSet, from, to: replicas });
  return from !== replicas;
}

function reportScaling(
  cluster: Cluster,
  deployment: Deployment,
  { set, from, to }: { set: ReplicaSet; from: number; to: number },
): void {
  recordEvent(cluster, deployment, {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${to > from ? 'up' : 'down'} replica set ${set.metadata?.name} from ${from} to ${to}`,
    source: 'deployment-controller',
  });
}

/** Deletes empty old sets beyond the history limit, lowest revision first. */
export function cleanHistory(
  cluster: Cluster,
  deployment: Deployment,
  oldSets: readonly ReplicaSet[],
): void {
  const limit = deployment.spec?.revisionHistoryLimit ?? 10;
  const empty = oldSets.filter(
    (set) => specReplicas(set) === 0 && (set.status?.replicas ?? 0) === 0,
  );
  empty.sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of empty.slice(0, Math.max(oldSets.length - limit, 0))) dropObject(cluster, set);
}
