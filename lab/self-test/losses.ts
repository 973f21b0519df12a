import type { ClusterApi, Kind, KubernetesObject } from '../../core/observable/index.ts';

/** What people declare and rely on; pods and what controllers write are left out. */
const declaredKinds: readonly Kind[] = [
  'BackendTrafficPolicy',
  'ConfigMap',
  'CronJob',
  'Deployment',
  'DestinationRule',
  'HorizontalPodAutoscaler',
  'Ingress',
  'LimitRange',
  'MutatingWebhookConfiguration',
  'Namespace',
  'NetworkPolicy',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'PodDisruptionBudget',
  'PriorityClass',
  'ResourceQuota',
  'Secret',
  'Service',
  'ServiceAccount',
  'StorageClass',
  'ValidatingWebhookConfiguration',
  'VirtualService',
];

/**
 * What a world lacks of what the no-fault world has: declared objects, fields of pod templates
 * (probes, limits, requests…), and services that had a ready pod and have none. It is how a symptom
 * that was taken away together with what it was a symptom of is told from one that was cured. Empty
 * for a cure.
 */
export async function findLosses(treated: ClusterApi, noFault: ClusterApi): Promise<string[]> {
  const losses: string[] = [];
  for (const kind of declaredKinds) {
    const [have, wanted] = await Promise.all([readAll(treated, kind), readAll(noFault, kind)]);
    for (const [name, sound] of wanted) {
      const object = have.get(name);
      if (object === undefined) losses.push(`${kind} ${name} is gone`);
      else if (kind === 'Deployment') losses.push(...lossesOfDeployment(name, object, sound));
    }
  }
  return losses;
}

async function readAll(cluster: ClusterApi, kind: Kind): Promise<Map<string, KubernetesObject>> {
  const answer = await cluster.list(kind);
  const objects: readonly KubernetesObject[] = answer.ok ? answer.object : [];
  return new Map(
    objects.map((object) => [
      [object.metadata?.namespace, object.metadata?.name].filter(Boolean).join('/'),
      object,
    ]),
  );
}

interface WithReplicas {
  readonly spec?: { readonly template?: { readonly spec?: unknown } };
  readonly status?: { readonly readyReplicas?: number };
}

function lossesOfDeployment(
  name: string,
  object: KubernetesObject,
  noFault: KubernetesObject,
): string[] {
  const [found, sound] = [object as WithReplicas, noFault as WithReplicas];
  const losses: string[] = [];
  if ((sound.status?.readyReplicas ?? 0) > 0 && (found.status?.readyReplicas ?? 0) === 0) {
    losses.push(`Deployment ${name} has no ready pod`);
  }
  const path = missingPath(found.spec?.template?.spec, sound.spec?.template?.spec, '');
  if (path !== null) losses.push(`Deployment ${name} has no ${path}`);
  return losses;
}

/** The first field of `sound` that `found` does not have; named items of lists are met by name. */
function missingPath(found: unknown, sound: unknown, path: string): string | null {
  if (sound === null || sound === undefined || typeof sound !== 'object') {
    return sound !== undefined && found === undefined ? path.slice(1) : null;
  }
  if (found === null || found === undefined) return path.slice(1);
  for (const [key, value] of entriesOf(sound)) {
    const missing = missingPath(new Map(entriesOf(found)).get(key), value, `${path}.${key}`);
    if (missing !== null) return missing;
  }
  return null;
}

function entriesOf(value: unknown): [string, unknown][] {
  if (!Array.isArray(value)) {
    return typeof value === 'object' && value !== null ? Object.entries(value) : [];
  }
  return value.flatMap((item, index): [string, unknown][] => {
    const named = item as { name?: string };
    if (typeof item !== 'object' || item === null) return [];
    return [[named.name ?? String(index), item]];
  });
}
