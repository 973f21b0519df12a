/** A small shop as drawn: its services and calls, where their pods run, and what is scraped. */
import {
  edgeId,
  type Resource,
  type SeriesDescriptor,
  type SignalName,
  type Topology,
} from '../../core/observable/index.ts';

/** Call graph of a small shop: who calls whom, once per request. */
export const callees: Readonly<Record<string, readonly string[]>> = {
  frontend: ['catalog', 'cart', 'checkout'],
  checkout: ['cart', 'payment'],
  cart: ['redis-cart'],
  catalog: [],
  payment: [],
  'redis-cart': [],
};
const services = Object.keys(callees);
const zones = ['zone-a', 'zone-b', 'zone-c'];
const journeys = ['browse', 'buy'];

export const topology: Topology = {
  name: 'small_shop',
  entryService: 'frontend',
  services: services.map((name) => ({
    name,
    namespace: 'default',
    kind: name === 'redis-cart' ? 'datastore' : 'service',
    workload: name,
  })),
  calls: services.flatMap((from) => (callees[from] ?? []).map((to) => ({ from, to }))),
  nodes: zones.flatMap((zone) =>
    [1, 2].map((i) => ({ name: `${zone}-n${i}`, zone, region: 'region-1' })),
  ),
};

/** Three pods of each service, one per zone. */
export function placePods(): Resource[] {
  return services.flatMap((service, s) =>
    [0, 1, 2].map((replica) => resourceOf(service, (s + replica) % 3, (s * 3 + replica) % 2)),
  );
}

/** What is scraped of users, services, calls, pods and nodes. */
export function seriesOf(resources: readonly Resource[]): SeriesDescriptor[] {
  return [
    ...columnsOf('user', ['user_request_rate', 'user_error_ratio'], journeys),
    ...columnsOf(
      'service',
      ['request_rate', 'error_ratio', 'latency_ms_p95', 'replicas_ready'],
      services,
    ),
    ...topology.calls.flatMap(({ from, to }) => edgeColumns(from, to)),
    ...resources.flatMap((resource) => podColumns(resource)),
    ...topology.nodes.flatMap(({ name }) =>
      columnsOf('node', ['node_ready', 'node_cpu_utilization', 'node_packet_drops'], [name]),
    ),
  ];
}

function resourceOf(service: string, zone: number, node: number): Resource {
  const zoneName = zones[zone] as string;
  return {
    service,
    pod: `${service}-${zone}`,
    node: `${zoneName}-n${node + 1}`,
    zone: zoneName,
    region: 'region-1',
    release: 'v1',
  };
}

function columnsOf(
  kind: string,
  signals: readonly SignalName[],
  names: readonly string[],
): SeriesDescriptor[] {
  return names.flatMap((name) =>
    signals.map((signal) => ({ signal, component: `${kind}/${name}`, labels: { [kind]: name } })),
  );
}

function edgeColumns(from: string, to: string): SeriesDescriptor[] {
  const signals: SignalName[] = ['edge_request_rate', 'edge_error_ratio', 'edge_latency_ms_p95'];
  const labels = { source: from, destination: to };
  return signals.map((signal) => ({ signal, component: edgeId(from, to), labels }));
}

function podColumns(resource: Resource): SeriesDescriptor[] {
  const signals: SignalName[] = [
    'cpu_utilization',
    'memory_utilization',
    'container_restarts_total',
    'pod_ready',
  ];
  const labels = { ...resource };
  return signals.map((signal) => ({ signal, component: `pod/default/${resource.pod}`, labels }));
}
