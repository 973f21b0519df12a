import type { KindMap } from '../../core/observable/index.ts';
import { canonicalJson, formatInstant } from '../../core/tools/index.ts';
import {
  afterWrite,
  done,
  type Effect,
  failed,
  noChange,
  type Order,
  refusedByApi,
  writeOptions,
} from './effect.ts';

type Deployment = KindMap['Deployment'];
type ReplicaSet = KindMap['ReplicaSet'];
type Template = NonNullable<NonNullable<Deployment['spec']>['template']>;

const restartedAt = 'kubectl.kubernetes.io/restartedAt';
const revisionKey = 'deployment.kubernetes.io/revision';
const hashLabel = 'pod-template-hash';
/** What belongs to a deployment or replica set itself and is not carried over by an undo. */
const ownAnnotations: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionKey,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
];

/**
 * `kubectl rollout restart`: a new annotation on the pod template, so pods are replaced one by one.
 */
export async function restart({ cluster, target, nowMs }: Order): Promise<Effect> {
  const { namespace, name } = target;
  const found = await cluster.get({ kind: 'Deployment', namespace, name });
  if (!found.ok) return refusedByApi(found.status);
  if (found.object.spec?.paused) {
    return failed(`deployment "${name}" is paused: can't restart it (run rollout resume first)`);
  }
  const before = found.object.spec?.template.metadata?.annotations?.[restartedAt] ?? 'never';
  const instant = formatInstant(nowMs);
  if (before === instant)
    return noChange(`already restarted at ${instant}`, { restartedAt: before });
  const body = { spec: { template: { metadata: { annotations: { [restartedAt]: instant } } } } };
  const result = await cluster.patch(
    { kind: 'Deployment', namespace, name },
    { type: 'strategic', body },
    writeOptions,
  );
  return afterWrite(result, () =>
    done(`rollout restart at ${instant}`, { restartedAt: before }, { restartedAt: instant }),
  );
}

/** Pod templates that rollbacks have left, by deployment: going back to one would undo the undo. */
export type AbandonedRevisions = Map<string, Set<string>>;

/**
 * `kubectl rollout undo`, to the newest revision that differs by more than a restart: a restart
 * makes a revision too, and undoing that would change nothing. Never back to a revision that was
 * itself rolled back.
 */
export async function rollBack(
  { cluster, target }: Order,
  abandoned: AbandonedRevisions,
): Promise<Effect> {
  const { namespace, name } = target;
  const found = await cluster.get({ kind: 'Deployment', namespace, name });
  if (!found.ok) return refusedByApi(found.status);
  const deployment = found.object;
  if (deployment.spec?.paused) {
    return failed(`you cannot rollback a paused deployment; resume "${name}" first`);
  }
  const labelSelector = deployment.spec?.selector.matchLabels ?? {};
  const listed = await cluster.list('ReplicaSet', { namespace, labelSelector });
  if (!listed.ok) return refusedByApi(listed.status);
  const history = ownedByRevision(deployment, listed.object);
  const currentTemplate = deployment.spec?.template as Template;
  const identity = identityOf(currentTemplate);
  const current = history.find((set) => identityOf(templateOf(set)) === identity);
  const key = `${namespace}/${name}`;
  const left = abandoned.get(key) ?? new Set<string>();
  const others = history.filter((set) => identityOf(templateOf(set)) !== identity);
  const wanted = others.find((set) => !left.has(identityOf(templateOf(set))));
  const from = revisionOf(current ?? deployment);
  const before = { revision: from, images: imagesOf(currentTemplate) };
  if (!wanted) {
    return failed(
      others.length > 0
        ? `every other revision of deployment "${name}" was itself rolled back`
        : `no rollout history with another release found for deployment "${name}"`,
      before,
    );
  }
  const body = [
    { op: 'replace' as const, path: '/spec/template', value: templateOf(wanted) },
    {
      op: 'replace' as const,
      path: '/metadata/annotations',
      value: undoneAnnotations(deployment, wanted),
    },
  ];
  const result = await cluster.patch(
    { kind: 'Deployment', namespace, name },
    { type: 'json', body },
    writeOptions,
  );
  if (result.ok) abandoned.set(key, left.add(identity));
  const to = revisionOf(wanted);
  return afterWrite(result, () =>
    done(
      `rolled back from revision ${from} to ${to}: ${before.images} -> ${imagesOf(templateOf(wanted))}`,
      before,
      {
        revision: to,
        images: imagesOf(templateOf(wanted)),
      },
    ),
  );
}

/** The deployment's own replica sets, newest revision first. */
function ownedByRevision(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet[] {
  const { uid } = deployment.metadata ?? {};
  return sets
    .filter((set) => set.metadata?.ownerReferences?.some((owner) => owner.uid === uid))
    .sort((a, b) => revisionOf(b) - revisionOf(a));
}

function revisionOf(object: Deployment | ReplicaSet): number {
  return Number(object.metadata?.annotations?.[revisionKey] ?? 0);
}

/** The pod template of a replica set as the deployment had it: without the hash label. */
function templateOf({ spec }: ReplicaSet): Template {
  const template = spec?.template as Template;
  const labels = { ...template.metadata?.labels };
  delete labels[hashLabel];
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Equal for templates that run the same software with the same settings, restarted or not. */
function identityOf({ metadata, spec }: Template): string {
  const annotations = Object.entries(metadata?.annotations ?? {}).filter(
    ([key]) => key !== restartedAt,
  );
  const labels = metadata?.labels ?? {};
  return canonicalJson({ annotations: Object.fromEntries(annotations), labels, spec });
}

function imagesOf(template: Template): string {
  return (template.spec?.containers ?? []).map(({ image }) => image ?? '').join(', ');
}

function undoneAnnotations(deployment: Deployment, wanted: ReplicaSet): Record<string, string> {
  const kept = Object.entries(deployment.metadata?.annotations ?? {}).filter(([key]) =>
    ownAnnotations.includes(key),
  );
  const carried = Object.entries(wanted.metadata?.annotations ?? {}).filter(
    ([key]) => !ownAnnotations.includes(key),
  );
  return Object.fromEntries([...kept, ...carried]);
}
