import type { CustomObject, ServiceEntry } from '../../core/observable/index.ts';
import { canonicalJson, UsageError } from '../../core/tools/index.ts';
import {
  done,
  type Effect,
  failed,
  messageOf,
  noChange,
  numberOf,
  type Order,
  refusedByApi,
  writeOptions,
} from './effect.ts';

type TrafficKind = 'BackendTrafficPolicy' | 'DestinationRule';

/**
 * A local rate limit on the route to the service (Envoy Gateway BackendTrafficPolicy): what comes
 * beyond it is answered 429 at once.
 */
export async function limitRate(order: Order): Promise<Effect> {
  const service = serviceOf(order);
  const requests = Math.round(numberOf(order.action, 'limitRequestsPerSec'));
  const wanted: CustomObject = {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'BackendTrafficPolicy',
    metadata: { name: `${service.name}-rate-limit`, namespace: service.namespace },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: service.name }],
      rateLimit: { type: 'Local', local: { rules: [{ limit: { requests, unit: 'Second' } }] } },
    },
  };
  const write = await ensureSpec(order, wanted, 'BackendTrafficPolicy');
  if (write.state === 'refused') return failed(write.message);
  const before = { limitRequestsPerSec: limitOf(write.before) };
  if (write.state === 'same')
    return noChange(`the limit is ${requests} requests/s already`, before);
  return done(`limit ${requests} requests/s to ${service.name}`, before, {
    limitRequestsPerSec: requests,
  });
}

/**
 * Sends no traffic into a zone any more: per service a DestinationRule whose locality weights
 * (Istio `localityLbSetting.distribute`) share all requests among the other zones' nodes. The
 * target is one deployment with `awayFromZone`, or a zone, which means every service.
 */
export async function shiftTraffic(order: Order): Promise<Effect> {
  const { action, target, topology } = order;
  const zone = target.kind === 'zone' ? target.name : String(action.parameters.awayFromZone ?? '');
  if (!topology.nodes.some((node) => node.zone === zone)) {
    throw new UsageError(`traffic_shift: expected the zone to leave, got "${zone}"`);
  }
  const distribute = distributionWithout(zone, order);
  if (distribute === null) return failed(`there is no zone but ${zone} to send traffic to`);
  const services =
    target.kind === 'zone'
      ? topology.services.filter(({ kind }) => kind !== 'external')
      : [serviceOf(order)];
  let changed = 0;
  for (const service of services) {
    const write = await ensureSpec(order, destinationRule(service, distribute), 'DestinationRule');
    if (write.state === 'refused') {
      const detail = `${service.name}: ${write.message} (${changed} of ${services.length} services shifted)`;
      return failed(detail, { shiftedServices: 0 }, { shiftedServices: changed });
    }
    if (write.state === 'written') changed += 1;
  }
  if (changed === 0) return noChange(`no traffic goes to ${zone} already`, { shiftedServices: 0 });
  const detail = `traffic of ${changed} of ${services.length} services goes around ${zone}`;
  return done(detail, { shiftedServices: 0 }, { shiftedServices: changed });
}

function serviceOf({ target, topology, action }: Order): ServiceEntry {
  const service = topology.services.find(
    ({ workload, namespace }) => workload === target.name && namespace === target.namespace,
  );
  if (!service) {
    throw new UsageError(`${action.kind}: no service of the topology runs as "${action.target}"`);
  }
  return service;
}

/** Weights in percent that sum to 100, by the share of nodes; null when no other zone is left. */
function distributionWithout(zone: string, { topology }: Order): readonly unknown[] | null {
  const counts = new Map<string, number>();
  for (const node of topology.nodes) {
    if (node.zone === zone) continue;
    const locality = `${node.region}/${node.zone}/*`;
    counts.set(locality, (counts.get(locality) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const to = Object.fromEntries(
    [...counts].map(([locality, count]) => [locality, Math.floor((100 * count) / total)]),
  );
  const first = [...counts.keys()][0] as string;
  const given = Object.values(to).reduce((sum, weight) => sum + weight, 0);
  to[first] = (to[first] as number) + 100 - given;
  const localities = new Set(topology.nodes.map((node) => `${node.region}/${node.zone}/*`));
  return [...localities].map((from) => ({ from, to }));
}

function destinationRule(
  { name, namespace }: ServiceEntry,
  distribute: readonly unknown[],
): CustomObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: `${name}-locality`, namespace },
    spec: {
      host: `${name}.${namespace}.svc.cluster.local`,
      trafficPolicy: { loadBalancer: { localityLbSetting: { enabled: true, distribute } } },
    },
  };
}

type Ensured =
  | { readonly state: 'written' | 'same'; readonly before: CustomObject | null }
  | { readonly state: 'refused'; readonly message: string };

/**
 * Creates the object, or merges its spec into the one that exists; does nothing when they agree.
 */
async function ensureSpec(
  { cluster }: Order,
  wanted: CustomObject,
  kind: TrafficKind,
): Promise<Ensured> {
  const { name = '', namespace = '' } = wanted.metadata;
  const found = await cluster.get({ kind, namespace, name });
  if (!found.ok && found.status.code !== 404) return refusal(refusedByApi(found.status).detail);
  if (!found.ok) {
    const created = await cluster.create(wanted, writeOptions);
    return created.ok ? { state: 'written', before: null } : refusal(messageOf(created.status));
  }
  if (canonicalJson(found.object.spec) === canonicalJson(wanted.spec)) {
    return { state: 'same', before: found.object };
  }
  const body = { spec: wanted.spec ?? {} };
  const patched = await cluster.patch(
    { kind, namespace, name },
    { type: 'merge', body },
    writeOptions,
  );
  return patched.ok
    ? { state: 'written', before: found.object }
    : refusal(messageOf(patched.status));
}

function refusal(message: string): Ensured {
  return { state: 'refused', message };
}

function limitOf(policy: CustomObject | null): number | string {
  const rateLimit = policy?.spec?.rateLimit as
    | { local?: { rules?: { limit?: { requests?: number } }[] } }
    | undefined;
  return rateLimit?.local?.rules?.[0]?.limit?.requests ?? 'none';
}
