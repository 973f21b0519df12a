/** Where calls go that do not simply reach every ready pod of their callee. */
import type { KindMap } from '../../core/observable/index.ts';
import type { MissReason, PodView, RouteView, ZoneRoute } from '../cluster-view.ts';
import { takesTraffic } from './endpoints.ts';
import { frozenEndpoints } from './frozen-endpoints.ts';
import { objectKey } from './kinds.ts';
import { isAllowed } from './network-policy.ts';
import { podsSelectedBy } from './object-index.ts';
import { isEqualJson } from './plain.ts';
import {
  type EdgeFacts,
  factsOf,
  serviceKeyOf,
  splitAddress,
  type WorkloadFacts,
} from './process-facts.ts';
import { listeningPorts } from './process-start.ts';
import { matchesSelector } from './selectors.ts';
import { type Cluster, findObject, objectsOf, type PodRuntime } from './state.ts';

type Pod = KindMap['Pod'];
type Service = KindMap['Service'];
type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/** A pod with all that is known of it. */
interface Member {
  readonly view: PodView;
  readonly pod: Pod;
  readonly runtime: PodRuntime;
}

/** What the analysis of one view has in common. */
interface Scene {
  readonly cluster: Cluster;
  /** By `namespace/workload`. */
  readonly members: ReadonlyMap<string, readonly Member[]>;
}

/** The edges that are not as the manifests have them; undefined when all of them are. */
export function renderRoutes(
  cluster: Cluster,
  views: readonly PodView[],
  services: ReadonlySet<string>,
): readonly RouteView[] | undefined {
  const edges = unusualEdges(cluster, services);
  if (edges.length === 0) return undefined;
  const members = new Map<string, Member[]>();
  for (const view of views) {
    const runtime = cluster.state.runtimes.get(view.uid);
    const pod = runtime && findObject(cluster, 'Pod', runtime.key);
    if (!pod) continue;
    const list = members.get(runtime.workload) ?? [];
    list.push({ view, pod, runtime });
    members.set(runtime.workload, list);
  }
  return edges.map((edge) => renderRoute({ cluster, members }, edge));
}

function unusualEdges(cluster: Cluster, services: ReadonlySet<string>): readonly EdgeFacts[] {
  const workloads = new Set<string>();
  for (const uid of cluster.state.unusualPods) {
    const runtime = cluster.state.runtimes.get(uid);
    if (runtime) workloads.add(runtime.workload);
  }
  addRestricted(cluster, workloads);
  if (services.size === 0 && workloads.size === 0) return [];
  return factsOf(cluster.setup).edges.filter(
    ({ service, caller, callee }) =>
      services.has(service) || workloads.has(caller) || workloads.has(callee),
  );
}

/** Adds the workloads that some network policy selects. */
function addRestricted(cluster: Cluster, workloads: Set<string>): void {
  for (const { metadata, spec } of objectsOf(cluster, 'NetworkPolicy').values()) {
    for (const [key, { labels }] of factsOf(cluster.setup).workloads) {
      const isHere = key.startsWith(`${metadata?.namespace}/`);
      if (isHere && matchesSelector(spec?.podSelector ?? {}, labels)) workloads.add(key);
    }
  }
}

const usual = new WeakMap<Service, boolean>();

/** Services of the manifests that are gone, or lead elsewhere than the manifests say. */
export function unusualServices(cluster: Cluster): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const shipped of cluster.setup.spec.objects) {
    if (shipped.kind !== 'Service') continue;
    const { namespace = 'default', name = '' } = shipped.metadata ?? {};
    const key = objectKey(namespace, name);
    const service = findObject(cluster, 'Service', key);
    if (service === undefined || !isUsual(service, shipped as Service)) keys.add(key);
  }
  return keys;
}

function isUsual(service: Service, shipped: Service): boolean {
  const known = usual.get(service);
  if (known !== undefined) return known;
  const partOf = ({ spec }: Service): unknown => ({
    selector: spec?.selector,
    ports: spec?.ports?.map(({ port, targetPort }) => ({ port, targetPort })),
    policy: spec?.internalTrafficPolicy ?? 'Cluster',
  });
  const isSame = isEqualJson(partOf(service), partOf(shipped));
  usual.set(service, isSame);
  return isSame;
}

/** Shares of attempts in the making. */
interface Tally {
  readonly pods: Map<string, number>;
  readonly misses: Partial<Record<MissReason, number>>;
}

function renderRoute(scene: Scene, edge: EdgeFacts): RouteView {
  const { from, to, caller } = edge;
  const byZone = new Map<string, ZoneRoute>();
  if (from === null) {
    const tally: Tally = { pods: new Map(), misses: {} };
    addAttempts(scene, edge, { from: null, tally, share: 1 });
    byZone.set('user', tally);
    return { from, to, byZone };
  }
  const callers = (scene.members.get(caller) ?? []).filter(({ view }) => view.running);
  for (const zone of new Set(callers.map(({ view }) => view.zone))) {
    const there = callers.filter(({ view }) => view.zone === zone);
    const tally: Tally = { pods: new Map(), misses: {} };
    const share = 1 / there.length;
    for (const member of there) addAttempts(scene, edge, { from: member, tally, share });
    byZone.set(zone, tally);
  }
  return { from, to, byZone };
}

interface Attempts {
  readonly from: Member | null;
  readonly tally: Tally;
  readonly share: number;
}

function addAttempts({ cluster }: Scene, edge: EdgeFacts, attempts: Attempts): void {
  const { from, tally, share } = attempts;
  const found = findEndpoints(cluster, edge, from);
  if (typeof found === 'string') {
    tally.misses[found] = (tally.misses[found] ?? 0) + share;
    return;
  }
  const frozen = frozenEndpoints(cluster, from?.view.node, edge.callee);
  const isKnown = (pod: Pod): boolean => frozen?.has(pod.metadata?.uid ?? '') ?? true;
  const endpoints = found.endpoints.filter(isKnown);
  const count = frozen?.size ?? endpoints.length;
  const part = share / count;
  // Packets to pods that are gone are answered by nobody.
  if (count > endpoints.length)
    tally.misses.blocked = (tally.misses.blocked ?? 0) + part * (count - endpoints.length);
  for (const pod of endpoints) {
    const reason = missAt(cluster, edge, { from, pod, servicePort: found.servicePort });
    const uid = pod.metadata?.uid ?? '';
    if (reason === null) tally.pods.set(uid, (tally.pods.get(uid) ?? 0) + part);
    else tally.misses[reason] = (tally.misses[reason] ?? 0) + part;
  }
}

/** The pods that a caller's packets are sent to, or why they are sent to none. */
function findEndpoints(
  cluster: Cluster,
  edge: EdgeFacts,
  from: Member | null,
): { readonly endpoints: readonly Pod[]; readonly servicePort: ServicePort } | MissReason {
  const { key, port } = destination(edge, from);
  // A pod that calls itself finds that it does not listen there.
  if (isOwnHost(key)) return 'refused';
  const service = from === null ? entryService(cluster, edge) : findObject(cluster, 'Service', key);
  if (service === undefined) return 'unresolved';
  const servicePort = portOf(service, port);
  // Proxies answer for ports that a Service does not have.
  if (servicePort === undefined) return 'refused';
  const ready = podsSelectedBy(cluster, service).filter(takesTraffic);
  const isLocal = from !== null && service.spec?.internalTrafficPolicy === 'Local';
  const near = isLocal ? ready.filter((pod) => pod.spec?.nodeName === from.view.node) : ready;
  // Traffic that may not leave its node is dropped where no endpoint is.
  if (near.length === 0 && ready.length > 0) return 'blocked';
  const endpoints = near.filter((pod) => targetPort(pod, servicePort) !== undefined);
  return { endpoints, servicePort };
}

/** Where the caller's settings send it. */
function destination(
  { variable, service, port }: EdgeFacts,
  from: Member | null,
): { readonly key: string; readonly port: number | null } {
  const setting = variable === null ? undefined : from?.runtime.settings?.[variable];
  if (setting === undefined) return { key: service, port };
  const address = splitAddress(setting);
  return { key: serviceKeyOf(address.host, from?.view.namespace ?? ''), port: address.port };
}

function isOwnHost(key: string): boolean {
  return /(^|\/)(localhost|127)$/.test(key);
}

/** Users come through the load balancer, where the manifests have one. */
function entryService(cluster: Cluster, { service, callee }: EdgeFacts): Service | undefined {
  const facts = factsOf(cluster.setup).workloads.get(callee);
  for (const [, one] of objectsOf(cluster, 'Service')) {
    if (one.spec?.type === 'LoadBalancer' && leadsTo(one, facts)) return one;
  }
  return findObject(cluster, 'Service', service);
}

function leadsTo({ metadata }: Service, facts: WorkloadFacts | undefined): boolean {
  return facts !== undefined && metadata?.labels?.app === facts.labels.app;
}

function portOf({ spec }: Service, port: number | null): ServicePort | undefined {
  return port === null ? spec?.ports?.[0] : spec?.ports?.find((one) => one.port === port);
}

/** The port of a pod that a Service's port leads to; undefined when the pod names no such port. */
function targetPort(
  pod: Pod,
  { port, targetPort: target = port }: ServicePort,
): number | undefined {
  if (typeof target === 'number') return target;
  for (const { ports = [] } of pod.spec?.containers ?? []) {
    const named = ports.find(({ name }) => name === target);
    if (named) return named.containerPort;
  }
  return undefined;
}

/**
 * Why an attempt that was sent to a pod does not reach the process it is for; null when it does.
 */
function missAt(
  cluster: Cluster,
  edge: EdgeFacts,
  { from, pod, servicePort }: { from: Member | null; pod: Pod; servicePort: ServicePort },
): MissReason | null {
  const runtime = cluster.state.runtimes.get(pod.metadata?.uid ?? '');
  const port = targetPort(pod, servicePort) as number;
  if (!isAllowed(cluster, { from: from?.pod ?? null, to: pod, port })) return 'blocked';
  if (runtime === undefined) return 'refused';
  if (!listeningPorts(cluster, pod, runtime).includes(port)) return 'refused';
  if (runtime.workload !== edge.callee) return 'misrouted';
  return from && isDenied(cluster, edge, { from, runtime }) ? 'denied' : null;
}

/** Whether caller and callee read different passwords from what should be one Secret. */
function isDenied(
  { setup }: Cluster,
  { caller, callee }: EdgeFacts,
  { from, runtime }: { from: Member; runtime: PodRuntime },
): boolean {
  const { workloads } = factsOf(setup);
  const [mine, theirs] = [workloads.get(caller), workloads.get(callee)];
  for (const [secret, name] of theirs?.passwords ?? []) {
    const variable = mine?.passwords.get(secret);
    if (variable === undefined) continue;
    const known = runtime.settings?.[name] ?? theirs?.settings[name];
    const used = from.runtime.settings?.[variable] ?? mine?.settings[variable];
    if (known !== used) return true;
  }
  return false;
}
