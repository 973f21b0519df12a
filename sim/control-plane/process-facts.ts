/**
 * What the images of a topology do, as its manifests tell: which images there are, where their
 * processes listen, and from which settings they take their peers' addresses and passwords.
 */
import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { imageTag } from '../../core/tools/index.ts';
import { type Environment, readEnvironment, type SettingsSource } from './environment.ts';
import { objectKey } from './kinds.ts';
import { matchesLabels } from './selectors.ts';
import type { Setup } from './state.ts';

type Deployment = KindMap['Deployment'];
type Service = KindMap['Service'];
type Container = NonNullable<KindMap['Pod']['spec']>['containers'][number];

/** A call edge as the settings of its caller spell it. */
export interface EdgeFacts {
  /** Null for users. */
  readonly from: string | null;
  readonly to: string;
  /** `namespace/workload` of the caller; empty for users. */
  readonly caller: string;
  readonly callee: string;
  /** The variable that holds the address; null where the caller knows it by heart. */
  readonly variable: string | null;
  /** The Service that the manifests send it to, `namespace/name`, and the port of it. */
  readonly service: string;
  readonly port: number | null;
}

export interface WorkloadFacts {
  /** Containers that the manifests have, by name. */
  readonly containers: ReadonlyMap<string, Container>;
  /** Ports on which the first container's process listens. */
  readonly ports: readonly number[];
  /** Settings without which it does not start, with the values of the manifests. */
  readonly settings: Environment;
  /** Settings that hold passwords, by `secret/key`. */
  readonly passwords: ReadonlyMap<string, string>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface TopologyFacts {
  readonly images: ReadonlySet<string>;
  /** Repositories, and the paths they lie under, of which all images are known. */
  readonly repositories: ReadonlySet<string>;
  /** By `namespace/deployment`. */
  readonly workloads: ReadonlyMap<string, WorkloadFacts>;
  readonly edges: readonly EdgeFacts[];
}

const known = new WeakMap<Setup, TopologyFacts>();

/** The facts of a cluster's manifests; worked out once per setup. */
export function factsOf(setup: Setup): TopologyFacts {
  const facts = known.get(setup) ?? deriveFacts(setup);
  known.set(setup, facts);
  return facts;
}

function deriveFacts(setup: Setup): TopologyFacts {
  const { objects } = setup.spec;
  const deployments = objects.filter((object) => object.kind === 'Deployment') as Deployment[];
  const source = manifestSource(objects);
  const workloads = new Map(
    deployments.map((deployment) => [keyOf(deployment), workloadFacts(deployment, source)]),
  );
  const images = deployments.flatMap(({ spec }) =>
    [
      ...(spec?.template.spec?.initContainers ?? []),
      ...(spec?.template.spec?.containers ?? []),
    ].map(({ image }) => image ?? ''),
  );
  const repositories = images.map(repositoryOf);
  // Only asked for when something is not as the manifests have it.
  let edges: readonly EdgeFacts[] | undefined;
  return {
    images: new Set(images),
    repositories: new Set([
      ...repositories,
      ...repositories.filter((name) => name.includes('/')).map(parentOf),
    ]),
    workloads,
    get edges() {
      edges ??= deriveEdges(setup, workloads);
      return edges;
    },
  };
}

function keyOf({ metadata }: KubernetesObject): string {
  return objectKey(metadata?.namespace ?? 'default', metadata?.name ?? '');
}

/** Image without its tag. */
export function repositoryOf(image: string): string {
  const tag = imageTag(image);
  return image.endsWith(`:${tag}`) ? image.slice(0, -tag.length - 1) : image;
}

/** `a/b/` of `a/b/c`. */
export function parentOf(repository: string): string {
  return repository.slice(0, repository.lastIndexOf('/') + 1);
}

function manifestSource(objects: readonly KubernetesObject[]): SettingsSource {
  const byKey = new Map(objects.map((object) => [`${object.kind} ${keyOf(object)}`, object]));
  return {
    configMap: (key) => byKey.get(`ConfigMap ${key}`) as KindMap['ConfigMap'] | undefined,
    secret: (key) => byKey.get(`Secret ${key}`) as KindMap['Secret'] | undefined,
  };
}

function workloadFacts(deployment: Deployment, source: SettingsSource): WorkloadFacts {
  const template = deployment.spec?.template;
  const containers = template?.spec?.containers ?? [];
  const [first] = containers;
  const namespace = deployment.metadata?.namespace ?? 'default';
  const read = first ? readEnvironment(first, { namespace, source }) : { values: {} };
  const values: Environment = 'values' in read ? read.values : {};
  const settings: Record<string, string> = {};
  const passwords = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    if (isAddress(value)) settings[name] = value;
  }
  for (const { name, valueFrom } of first?.env ?? []) {
    const secret = valueFrom?.secretKeyRef;
    if (!secret) continue;
    passwords.set(`${secret.name}/${secret.key}`, name);
    settings[name] = values[name] ?? '';
  }
  return {
    containers: new Map(containers.map((container) => [container.name, container])),
    ports: (first?.ports ?? []).map(({ containerPort }) => containerPort),
    settings,
    passwords,
    labels: template?.metadata?.labels ?? {},
  };
}

/** `host:port`, the host a name. */
function isAddress(value: string): boolean {
  return /^[a-z][a-z0-9.-]*:\d{1,5}$/.test(value);
}

/** The parts of an address; a bare name has no port. */
export function splitAddress(address: string): {
  readonly host: string;
  readonly port: number | null;
} {
  const [, host = '', port] = /^(?:\w+:\/\/)?([^:/]*)(?::(\d+))?/.exec(address) ?? [];
  return { host, port: port === undefined ? null : Number(port) };
}

/** The store's key of the Service that a host name means to a pod of `namespace`. */
export function serviceKeyOf(host: string, namespace: string): string {
  const [name = '', other = namespace] = host.split('.');
  return objectKey(other, name);
}

function deriveEdges(
  { spec }: Setup,
  workloads: ReadonlyMap<string, WorkloadFacts>,
): readonly EdgeFacts[] {
  const services = new Map<string, Service>();
  for (const object of spec.objects) {
    if (object.kind === 'Service') services.set(keyOf(object), object as Service);
  }
  const homes = new Map(
    spec.services.map((callee) => {
      const key = objectKey(callee.namespace, callee.workload);
      return [callee.name, { key, home: homeOf(services, callee, workloads.get(key)) }];
    }),
  );
  const edges: EdgeFacts[] = [];
  const add = (from: { name: string; key: string } | null, to: string): void => {
    const { key: callee = '', home } = homes.get(to) ?? {};
    if (home === undefined) return;
    const caller = from?.key ?? '';
    const [namespace = ''] = caller.split('/');
    const settings = Object.entries(workloads.get(caller)?.settings ?? {});
    const setting = settings.find(
      ([, value]) => serviceKeyOf(splitAddress(value).host, namespace) === home,
    );
    edges.push({
      from: from?.name ?? null,
      to,
      caller,
      callee,
      variable: setting?.[0] ?? null,
      service: home,
      port: setting ? splitAddress(setting[1]).port : null,
    });
  };
  for (const service of spec.services) {
    const key = objectKey(service.namespace, service.workload);
    const callees = new Set(
      service.operations.flatMap(({ calls }) => calls.map((call) => call.service)),
    );
    for (const to of callees) add({ name: service.name, key }, to);
  }
  for (const to of new Set(spec.journeys.map(({ service }) => service))) add(null, to);
  return edges;
}

/** The Service that leads to a workload: the one of its name, or else the first that selects it. */
function homeOf(
  services: ReadonlyMap<string, Service>,
  callee: { readonly name: string; readonly namespace: string; readonly workload: string },
  facts: WorkloadFacts | undefined,
): string | undefined {
  const { name, namespace, workload } = callee;
  const leads = (service: Service | undefined): boolean =>
    service?.spec?.selector !== undefined && matchesLabels(service.spec.selector, facts?.labels);
  for (const key of [objectKey(namespace, name), objectKey(namespace, workload)]) {
    if (leads(services.get(key))) return key;
  }
  for (const [key, service] of services) {
    if (key.startsWith(`${namespace}/`) && leads(service)) return key;
  }
  return undefined;
}
