/** What keeps the containers of a pod from being started, in the kubelet's words. */
import type { KindMap } from '../../core/observable/index.ts';
import { imageTag } from '../../core/tools/index.ts';
import { readEnvironment, type SettingsSource } from './environment.ts';
import { factsOf, parentOf, repositoryOf } from './process-facts.ts';
import { type Cluster, findObject } from './state.ts';
import { mountObstacle } from './volumes.ts';

type Pod = KindMap['Pod'];
type Container = NonNullable<Pod['spec']>['containers'][number];

export interface Obstacle {
  /** Waits for its volumes, its image, or its settings. */
  readonly kind: 'volume' | 'image' | 'config';
  readonly container: string;
  /** Of the event that reports it. */
  readonly reason: string;
  readonly message: string;
}

/** The present objects of a cluster. */
export function settingsSource(cluster: Cluster): SettingsSource {
  return {
    configMap: (key) => findObject(cluster, 'ConfigMap', key),
    secret: (key) => findObject(cluster, 'Secret', key),
  };
}

/** What keeps a pod's volumes from being there; null when nothing does. */
export function volumeObstacle(cluster: Cluster, pod: Pod): Obstacle | null {
  const found = mountObstacle(cluster, pod);
  return found && { kind: 'volume', container: '', ...found };
}

/** What keeps one container from being created; null when nothing does. */
export function containerObstacle(
  cluster: Cluster,
  pod: Pod,
  container: Container,
): Obstacle | null {
  const why = pullFailure(cluster, container.image ?? '');
  if (why !== null) {
    const message = `Failed to pull image "${container.image}": ${why}`;
    return { kind: 'image', container: container.name, reason: 'Failed', message };
  }
  const namespace = pod.metadata?.namespace ?? '';
  const read = readEnvironment(container, { namespace, source: settingsSource(cluster) });
  if ('values' in read) return null;
  const message = `Error: ${read.error}`;
  return { kind: 'config', container: container.name, reason: 'Failed', message };
}

/** Registries that everybody reaches. */
const publicRegistries: ReadonlySet<string> = new Set([
  'docker.io',
  'gcr.io',
  'ghcr.io',
  'mcr.microsoft.com',
  'public.ecr.aws',
  'quay.io',
  'registry.k8s.io',
]);

/** Why an image cannot be pulled, as containerd says it; null when it can. */
function pullFailure({ setup, state }: Cluster, image: string): string | null {
  const { images, repositories } = factsOf(setup);
  if (images.has(image) || state.images.has(image)) return null;
  const repository = repositoryOf(image);
  const host = registryOf(repository);
  const full = `${host === null ? 'docker.io/' : ''}${repository}:${imageTag(image)}`;
  const resolve = `failed to pull and unpack image "${full}": failed to resolve reference "${full}"`;
  if (host !== null && !publicRegistries.has(host)) {
    const url = `https://${host}/v2/${repository.slice(host.length + 1)}/manifests/${imageTag(image)}`;
    const dial = `dial tcp: lookup ${host}: no such host`;
    return `rpc error: code = Unknown desc = ${resolve}: failed to do request: Head "${url}": ${dial}`;
  }
  // Who owns a repository, or the path above it, knows all that is in it.
  const isOwn = repositories.has(repository) || repositories.has(parentOf(repository));
  return isOwn ? `rpc error: code = NotFound desc = ${resolve}: ${full}: not found` : null;
}

/** The host that an image is pulled from; null for the default registry. */
function registryOf(repository: string): string | null {
  const [first = '', ...rest] = repository.split('/');
  return rest.length > 0 && /[.:]/.test(first) ? first : null;
}
