import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { InputError, parseQuantity, parseYamlSources } from '../../core/tools/index.ts';
import { isManifestKind } from '../../scenarios/index.ts';
import type { NodeFacts } from './metric-facts.ts';

type Deployment = KindMap['Deployment'];

/** What the manifests say. */
export interface ClusterFacts {
  /** Those the twin can be told, as they were but for what a live cluster has added. */
  readonly objects: readonly KubernetesObject[];
  readonly nodes: ReadonlyMap<string, NodeFacts>;
  /** Kinds the twin has not, with their number. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
}

/** The part of a Deployment that calibration needs. */
export interface WorkloadFacts {
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  /** Per pod; null without a limit. */
  readonly cpuLimitCores: number | null;
  readonly memoryLimitBytes: number | null;
  readonly podLabels: Readonly<Record<string, string>>;
}

interface Reading {
  readonly objects: Map<string, KubernetesObject>;
  readonly nodes: Map<string, NodeFacts>;
  readonly skipped: Map<string, number>;
  readonly notes: string[];
}

/**
 * Kubernetes objects from YAML files, several documents and `kind: List` included. StatefulSets
 * become Deployments; Nodes give zones and sizes; kinds the twin does not know are counted.
 */
export function readClusterFacts(
  files: readonly { readonly path: string; readonly text: string }[],
): ClusterFacts {
  const reading: Reading = {
    objects: new Map(),
    nodes: new Map(),
    skipped: new Map(),
    notes: [],
  };
  for (const { path, text } of files) {
    for (const document of parseYamlSources(text, path)) {
      if (document.value === null) continue;
      for (const value of itemsOf(document.value)) {
        if (!isObject(value)) {
          throw new InputError('expected a Kubernetes object with kind and metadata.name', {
            position: document.positionOf(['kind']),
            hint: 'kubectl get deployments,services,nodes -A -o yaml writes such a file',
          });
        }
        addObject(reading, value);
      }
    }
  }
  return { ...reading, objects: [...reading.objects.values()] };
}

function itemsOf(value: unknown): readonly unknown[] {
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
    ? items
    : [value];
}

type NamedObject = KubernetesObject & { metadata: { name: string; namespace?: string } };

function isObject(value: unknown): value is NamedObject {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, metadata } = value as { kind?: unknown; metadata?: { name?: unknown } };
  return typeof kind === 'string' && typeof metadata?.name === 'string';
}

function addObject({ objects, nodes, skipped, notes }: Reading, given: NamedObject): void {
  if (given.kind === 'Node') {
    nodes.set(given.metadata.name, nodeFacts(given as KindMap['Node']));
    return;
  }
  const object = given.kind === 'StatefulSet' ? toDeployment(given) : given;
  if (object !== given) notes.push(`StatefulSet ${given.metadata.name} is played as a Deployment`);
  if (!isManifestKind(object.apiVersion ?? '', object.kind ?? '')) {
    skipped.set(given.kind as string, (skipped.get(given.kind as string) ?? 0) + 1);
    return;
  }
  // Live clusters hold old ReplicaSets' and controllers' objects too; those have owners.
  if ((object.metadata as { ownerReferences?: unknown }).ownerReferences) return;
  const clean = withoutServerFields(object);
  const { namespace = 'default', name } = clean.metadata as { namespace?: string; name: string };
  objects.set(`${clean.kind} ${namespace} ${name}`, clean);
}

function nodeFacts({ metadata, status }: KindMap['Node']): NodeFacts {
  const labels = metadata?.labels ?? {};
  const { cpu, memory } = status?.capacity ?? {};
  return {
    zone: labels['topology.kubernetes.io/zone'] ?? null,
    region: labels['topology.kubernetes.io/region'] ?? null,
    cpuCores: cpu === undefined ? null : parseQuantity(cpu),
    memoryBytes: memory === undefined ? null : parseQuantity(memory),
  };
}

/** The twin moves pods between nodes as Deployments do; the names of a StatefulSet's are lost. */
function toDeployment(object: NamedObject): NamedObject {
  const { replicas, selector, template } =
    (object as { spec?: Record<string, unknown> }).spec ?? {};
  const spec = { replicas: replicas ?? 1, selector, template };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: object.metadata,
    spec,
  } as unknown as NamedObject;
}

/** What the API server adds is its own business; the default namespace is written out. */
function withoutServerFields(object: NamedObject): KubernetesObject {
  const { metadata, ...rest } = object as NamedObject & { status?: unknown };
  delete rest.status;
  const { name, namespace, labels, annotations } = metadata as {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  const isNamespaced = object.kind !== 'Namespace';
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !key.includes('kubernetes.io/'));
  const clean = {
    ...rest,
    metadata: {
      name,
      ...(isNamespaced ? { namespace: namespace ?? 'default' } : {}),
      ...(labels ? { labels } : {}),
      ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}),
    },
  } as KubernetesObject;
  if (clean.kind === 'Deployment') textQuantities(clean as Deployment);
  return clean;
}

/** YAML reads `cpu: 1` as a number; the API knows quantities as text. */
function textQuantities(deployment: Deployment): void {
  for (const { resources } of deployment.spec?.template.spec?.containers ?? []) {
    for (const amounts of [resources?.requests, resources?.limits]) {
      for (const [name, amount] of Object.entries(amounts ?? {})) {
        (amounts as Record<string, string>)[name] = String(amount);
      }
    }
  }
}

/** The Deployments among the objects. */
export function workloadsOf(objects: readonly KubernetesObject[]): WorkloadFacts[] {
  return objects.flatMap((object) => {
    if (object.kind !== 'Deployment') return [];
    const { metadata, spec } = object as Deployment;
    const containers = spec?.template.spec?.containers ?? [];
    const limit = (resource: string): number | null => {
      const limits = containers.map(({ resources }) => resources?.limits?.[resource]);
      if (limits.length === 0 || limits.includes(undefined)) return null;
      return limits.reduce((sum, amount) => sum + parseQuantity(amount as string), 0);
    };
    return [
      {
        name: metadata?.name ?? '',
        namespace: metadata?.namespace ?? 'default',
        replicas: spec?.replicas ?? 1,
        cpuLimitCores: limit('cpu'),
        memoryLimitBytes: limit('memory'),
        podLabels: spec?.template.metadata?.labels ?? {},
      },
    ];
  });
}
