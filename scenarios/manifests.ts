import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Kind, KindMap, KubernetesObject } from '../core/observable/index.ts';
import type { SourcePosition, YamlSource } from '../core/tools/index.ts';
import {
  checkDocument,
  InputError,
  imageTag,
  parseYamlSources,
  suggestNames,
} from '../core/tools/index.ts';
import { replicasField } from './fields.ts';
import { displayPath, readTextFile } from './source-files.ts';

type Deployment = KindMap['Deployment'];

/** The kinds a manifest may hold, with the API versions that have them and their scope. */
const accepted: Readonly<Partial<Record<Kind, { versions: string[]; namespaced: boolean }>>> = {
  ConfigMap: { versions: ['v1'], namespaced: true },
  Deployment: { versions: ['apps/v1'], namespaced: true },
  HorizontalPodAutoscaler: { versions: ['autoscaling/v2'], namespaced: true },
  Namespace: { versions: ['v1'], namespaced: false },
  NetworkPolicy: { versions: ['networking.k8s.io/v1'], namespaced: true },
  PersistentVolume: { versions: ['v1'], namespaced: false },
  PersistentVolumeClaim: { versions: ['v1'], namespaced: true },
  Secret: { versions: ['v1'], namespaced: true },
  StorageClass: { versions: ['storage.k8s.io/v1'], namespaced: false },
  PodDisruptionBudget: { versions: ['policy/v1'], namespaced: true },
  Service: { versions: ['v1'], namespaced: true },
  ServiceAccount: { versions: ['v1'], namespaced: true },
  DestinationRule: {
    versions: ['networking.istio.io/v1', 'networking.istio.io/v1beta1'],
    namespaced: true,
  },
  VirtualService: {
    versions: ['networking.istio.io/v1', 'networking.istio.io/v1beta1'],
    namespaced: true,
  },
  BackendTrafficPolicy: { versions: ['gateway.envoyproxy.io/v1alpha1'], namespaced: true },
};

const metadata = z.looseObject({ name: z.string().min(1), namespace: z.string().optional() });

const resources = z.record(z.string(), z.union([z.string(), z.number()])).optional();

const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata });

const deploymentSchema = z.looseObject({
  metadata,
  spec: z.looseObject({
    replicas: replicasField.optional(),
    selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()).optional() }),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        containers: z
          .array(
            z.looseObject({
              name: z.string(),
              image: z.string(),
              resources: z.looseObject({ requests: resources, limits: resources }).optional(),
            }),
          )
          .min(1),
      }),
    }),
  }),
});

const autoscalerSchema = z.looseObject({
  metadata,
  spec: z.looseObject({ minReplicas: replicasField.optional(), maxReplicas: replicasField }),
});

/**
 * The Kubernetes objects of a directory: every .yaml and .yml file in name order, every document in
 * file order. A kustomization only lists files, so it is passed over.
 */
export function readManifests(dir: string): KubernetesObject[] {
  const seen = new Map<string, SourcePosition>();
  const objects: KubernetesObject[] = [];
  for (const file of manifestFiles(dir)) {
    const path = join(dir, file);
    for (const document of parseYamlSources(readTextFile(path), displayPath(path))) {
      if (document.value === null) continue;
      const object = readObject(document);
      refuseDuplicate(object, document, seen);
      objects.push(object);
    }
  }
  if (objects.length === 0) {
    throw new InputError(`no Kubernetes manifests in ${displayPath(dir)}`, {
      hint: 'expected .yaml or .yml files directly in that directory',
    });
  }
  return objects;
}

/** Whether the twin can be told an object of this kind and version. */
export function isManifestKind(apiVersion: string, kind: string): boolean {
  return accepted[kind as Kind]?.versions.includes(apiVersion) ?? false;
}

/** The Deployment behind a service of the overlay; undefined when the manifests hold none. */
export function findDeployment(
  objects: readonly KubernetesObject[],
  { workload, namespace }: { readonly workload: string; readonly namespace: string },
): Deployment | undefined {
  return objects
    .filter(isDeployment)
    .find(({ metadata }) => metadata?.name === workload && metadata.namespace === namespace);
}

function isDeployment(object: KubernetesObject): object is Deployment {
  return object.kind === 'Deployment';
}

/** The tag of its first container's image; `latest` where the manifest gives none. */
export function releaseOf(deployment: Deployment): string {
  return imageTag(deployment.spec?.template.spec?.containers[0]?.image ?? '');
}

function manifestFiles(dir: string): string[] {
  const hint = 'give a directory that holds .yaml or .yml files';
  const found = statSync(dir, { throwIfNoEntry: false });
  if (!found) throw new InputError(`no such manifests directory: ${displayPath(dir)}`, { hint });
  if (!found.isDirectory()) throw new InputError(`not a directory: ${displayPath(dir)}`, { hint });
  return readdirSync(dir)
    .filter((file) => /\.ya?ml$/.test(file) && !/^kustomization\.ya?ml$/.test(file))
    .sort();
}

function readObject(document: YamlSource): KubernetesObject {
  const page = 'docs/scenario-format.md';
  const { apiVersion, kind } = checkDocument(document, objectSchema, page);
  const known = accepted[kind as Kind];
  if (!known) {
    throw new InputError(`kind: the twin has no kind "${kind}"`, {
      position: document.positionOf(['kind']),
      hint: suggestNames(kind, Object.keys(accepted)),
    });
  }
  if (!known.versions.includes(apiVersion)) {
    throw new InputError(
      `apiVersion: expected ${known.versions.join(' or ')} for kind ${kind}, got ${apiVersion}`,
      { position: document.positionOf(['apiVersion']), hint: 'convert it to the current version' },
    );
  }
  const object = document.value as KubernetesObject;
  if (known.namespaced && object.metadata) object.metadata.namespace ??= 'default';
  if (object.kind === 'HorizontalPodAutoscaler') {
    checkDocument(document, autoscalerSchema as z.ZodType<unknown>, page);
  }
  if (isDeployment(object)) {
    checkDocument(document, deploymentSchema as z.ZodType<unknown>, page);
    normaliseQuantities(object);
  }
  return object;
}

/** YAML reads `cpu: 1` as a number; the API knows quantities as text. */
function normaliseQuantities(deployment: Deployment): void {
  for (const container of deployment.spec?.template.spec?.containers ?? []) {
    for (const amounts of [container.resources?.requests, container.resources?.limits]) {
      for (const [name, amount] of Object.entries(amounts ?? {})) {
        (amounts as Record<string, string>)[name] = String(amount);
      }
    }
  }
}

function refuseDuplicate(
  object: KubernetesObject,
  document: YamlSource,
  seen: Map<string, SourcePosition>,
): void {
  const { namespace, name } = object.metadata as { namespace?: string; name: string };
  const key = [object.kind, namespace, name].filter((part) => part !== undefined).join(' ');
  const position = document.positionOf(['metadata', 'name']);
  const first = seen.get(key);
  if (first) {
    throw new InputError(`${key} is defined twice`, {
      position,
      hint: `the first definition is at ${first.file}:${first.line}:${first.column}`,
    });
  }
  seen.set(key, position);
}
