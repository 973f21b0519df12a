import type { SeriesDescriptor, SeriesIndex, SignalName } from '../../core/observable/index.ts';
import { edgeId } from '../../core/observable/index.ts';
import { hashText } from '../../core/tools/index.ts';
import type { NodeSpec, ServiceSpec, TwinSpec } from '../../core/truth/index.ts';
import type { PodIdentity } from './pod-identity.ts';
import { cachesOf, consumersOf } from './store-services.ts';
import type { Place } from './telemetry-loss.ts';

const userSignals: readonly SignalName[] = [
  'user_request_rate',
  'user_error_ratio',
  'user_latency_ms_p95',
  'user_latency_ms_p99',
];
const serviceSignals: readonly SignalName[] = [
  'request_rate',
  'error_ratio',
  'latency_ms_p50',
  'latency_ms_p95',
  'latency_ms_p99',
];
const edgeSignals: readonly SignalName[] = [
  'edge_request_rate',
  'edge_error_ratio',
  'edge_latency_ms_p95',
];
const podSignals: readonly SignalName[] = [
  'cpu_utilization',
  'cpu_throttled_ratio',
  'memory_utilization',
  'in_flight_requests',
  'container_restarts_total',
  'pod_ready',
];
const replicaSignals: readonly SignalName[] = ['replicas_ready', 'replicas_desired'];
const nodeSignals: readonly SignalName[] = [
  'node_ready',
  'node_cpu_utilization',
  'node_memory_utilization',
  'node_packet_drops',
];

/** Signals of the load balancer and of the API server's exporter. */
const toldByOutsiders: ReadonlySet<SignalName> = new Set([
  ...userSignals,
  ...replicaSignals,
  'container_restarts_total',
  'pod_ready',
  'node_ready',
]);

/**
 * Neighbouring columns of one component: `first` is the column of its group's first signal, the
 * others follow in catalogue order. `entity` addresses the draws of the group as a whole.
 */
export interface ColumnGroup {
  readonly first: number;
  readonly entity: number;
}

/** Counters of one item type: column of status `ok`; `failed` follows. */
export interface ItemColumns {
  readonly first: number;
  readonly itemType: string;
  readonly service: string;
}

/**
 * Which column holds what. What the spec names has its columns from the start, in the order of the
 * signal catalogue; pods add theirs at the end when they first appear.
 */
export class SeriesColumns {
  readonly index: SeriesIndex;
  readonly users: ReadonlyMap<string, ColumnGroup>;
  readonly services: ReadonlyMap<string, ColumnGroup>;
  readonly edges: ReadonlyMap<string, ReadonlyMap<string, ColumnGroup>>;
  readonly replicas: ReadonlyMap<string, ColumnGroup>;
  readonly nodes: ReadonlyMap<string, ColumnGroup>;
  readonly items: readonly ItemColumns[];
  /** Of the services that are caches, or read from a queue. */
  readonly caches: ReadonlyMap<string, ColumnGroup>;
  readonly consumers: ReadonlyMap<string, ColumnGroup>;
  readonly #series: SeriesDescriptor[];
  readonly #entities: number[];
  readonly #pods: Map<string, ColumnGroup>;

  constructor(spec: TwinSpec, source?: SeriesColumns) {
    this.#series = source ? [...source.#series] : [];
    this.#entities = source ? [...source.#entities] : [];
    this.index = { series: this.#series };
    this.#pods = new Map(source ? source.#pods : []);
    const { journeys, services, nodes } = spec;
    this.users = source?.users ?? new Map(journeys.map((j) => [j.name, this.#addUser(j.name)]));
    this.services = source?.services ?? new Map(services.map((s) => [s.name, this.#addService(s)]));
    this.edges = source?.edges ?? this.#addEdges(services);
    this.replicas =
      source?.replicas ?? new Map(services.map((s) => [s.name, this.#addReplicas(s)]));
    this.nodes = source?.nodes ?? new Map(nodes.map((n) => [n.name, this.#addNode(n)]));
    this.items = source?.items ?? this.#addItems(spec);
    this.caches = source?.caches ?? this.#addOwn('cache_hit_ratio', cachesOf(spec));
    this.consumers = source?.consumers ?? this.#addOwn('consumer_lag', consumersOf(spec));
  }

  get size(): number {
    return this.#series.length;
  }

  /** What addresses the draws of one column. */
  entityOf(column: number): number {
    return this.#entities[column] as number;
  }

  /** The place a column's values come from; null for what outsiders tell. */
  placeOf(column: number): Place | null {
    const { signal, labels } = this.#series[column] as SeriesDescriptor;
    if (toldByOutsiders.has(signal)) return null;
    const { service = '', node = '', zone = '', source = '' } = labels;
    return { service: service || source, node, zone };
  }

  /** The pod's columns, new at the end when it is seen for the first time. */
  pod(namespace: string, identity: PodIdentity): ColumnGroup {
    const { resource, drawName } = identity;
    const known = this.#pods.get(drawName);
    if (known) return known;
    const component = `pod/${namespace}/${resource.pod}`;
    const group = this.#add(podSignals, component, { ...resource, namespace }, drawName);
    this.#pods.set(drawName, group);
    return group;
  }

  #addOwn(signal: SignalName, services: readonly string[]): Map<string, ColumnGroup> {
    return new Map(
      services.map((name) => {
        const drawName = `${signal}/${name}`;
        return [name, this.#add([signal], `service/${name}`, { service: name }, drawName)];
      }),
    );
  }

  #addUser(journey: string): ColumnGroup {
    return this.#add(userSignals, `user/${journey}`, { journey }, `user/${journey}`);
  }

  #addService({ name }: ServiceSpec): ColumnGroup {
    return this.#add(serviceSignals, `service/${name}`, { service: name }, `service/${name}`);
  }

  #addReplicas({ name, namespace, workload }: ServiceSpec): ColumnGroup {
    const labels = { service: name, namespace, deployment: workload };
    return this.#add(replicaSignals, `service/${name}`, labels, `replicas/${name}`);
  }

  #addNode({ name, zone, region }: NodeSpec): ColumnGroup {
    return this.#add(nodeSignals, `node/${name}`, { node: name, zone, region }, `node/${name}`);
  }

  #addEdges(services: readonly ServiceSpec[]): Map<string, Map<string, ColumnGroup>> {
    const edges = new Map<string, Map<string, ColumnGroup>>();
    for (const { name: from, operations } of services) {
      const outgoing = new Map<string, ColumnGroup>();
      for (const { service: to } of operations.flatMap((operation) => operation.calls)) {
        if (outgoing.has(to)) continue;
        const id = edgeId(from, to);
        outgoing.set(to, this.#add(edgeSignals, id, { source: from, destination: to }, id));
      }
      edges.set(from, outgoing);
    }
    return edges;
  }

  #addItems(spec: TwinSpec): ItemColumns[] {
    const items: ItemColumns[] = [];
    for (const { itemType, service } of spec.journeys) {
      if (itemType === null) continue;
      if (items.some((item) => item.itemType === itemType && item.service === service)) continue;
      const first = this.size;
      for (const status of ['ok', 'failed']) {
        const labels = { service, item_type: itemType, status };
        this.#add(['processed_items_total'], `service/${service}`, labels, itemType);
      }
      items.push({ first, itemType, service });
    }
    return items;
  }

  #add(
    signals: readonly SignalName[],
    component: string,
    labels: Readonly<Record<string, string>>,
    drawName: string,
  ): ColumnGroup {
    const first = this.size;
    for (const signal of signals) {
      this.#series.push({ signal, component, labels });
      this.#entities.push(drawAddressOf(`${signal} ${drawName}`));
    }
    return { first, entity: drawAddressOf(drawName) };
  }
}

/**
 * A draw address as a signed integer, as tables of them hold it: of unsigned ones that are handed
 * on, half are objects on the heap.
 */
function drawAddressOf(name: string): number {
  return hashText(name) | 0;
}
