import {
  type ChangeEvent,
  type ComponentId,
  type Evidence,
  edgeId,
  type Incident,
  type LogRecord,
  MetricHistory,
  type PodPlacement,
  type Resource,
  type SeriesDescriptor,
  type SignalName,
  type Span,
  type Topology,
} from '../../core/observable/index.ts';
import { createDrawKey, hashText, normalAt, uniformAt } from '../../core/tools/index.ts';

/** Call graph of a small shop: who calls whom, once per request. */
const callees: Readonly<Record<string, readonly string[]>> = {
  frontend: ['catalog', 'cart', 'checkout'],
  checkout: ['cart', 'payment'],
  cart: ['redis-cart'],
  catalog: [],
  payment: [],
  'redis-cart': [],
};
const services = Object.keys(callees);
const zones = ['zone-a', 'zone-b', 'zone-c'];
const ownMs: Readonly<Record<string, number>> = { 'redis-cart': 2 };
const journeys = ['browse', 'buy'];

/** What happens to the world, from `startMs` on; everything else stays as it was. */
export interface Happening {
  readonly startMs: number;
  /** Added ms spent in a service, or on the way to it. */
  readonly ownDelayMs?: Readonly<Record<string, number>>;
  readonly pathDelayMs?: Readonly<Record<string, number>>;
  /** Share of requests that a service fails by itself. */
  readonly errorRatio?: Readonly<Record<string, number>>;
  /** Nodes that fall silent. */
  readonly lostNodes?: readonly string[];
  /** The control plane still reaches lost nodes: they and their pods stay Ready. */
  readonly nodesStayReady?: boolean;
  /** Factor on the user request rate. */
  readonly load?: Readonly<Record<string, number>>;
  readonly cpu?: Readonly<Record<string, number>>;
  /** Growth of memory use per minute, as share of the limit, from `leakFromMs`. */
  readonly leakPerMinute?: Readonly<Record<string, number>>;
  readonly outOfMemory?: readonly string[];
  readonly logs?: readonly { readonly service: string; readonly body: string }[];
}

export interface EvidenceOptions {
  readonly happening?: Happening;
  readonly openedAtMs?: number;
  readonly atMs?: number;
  readonly changes?: readonly ChangeEvent[];
  readonly incidentId?: string;
  readonly seed?: number;
  /** Further service columns that only cost time. */
  readonly extraSeries?: number;
  readonly firstFrameMs?: number;
  readonly tracesPerScrape?: number;
}

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

const scrapeMs = 15_000;
const faultFree: Happening = { startMs: Infinity };

/** Evidence of a small shop in which at most one thing happens; deterministic per seed. */
export function buildEvidence(options: EvidenceOptions = {}): Evidence {
  const { happening = faultFree, openedAtMs = 600_000, seed = 1 } = options;
  const atMs = options.atMs ?? openedAtMs;
  const world = new SmallShop(happening, seed);
  const metrics = new MetricHistory();
  const index = { series: [...world.series] };
  const logs: LogRecord[] = [];
  const spans: Span[] = [];
  for (let i = 0; i < (options.extraSeries ?? 0); i += 1) {
    index.series.push({ signal: 'request_rate', component: `service/extra-${i}`, labels: {} });
  }
  for (let t = options.firstFrameMs ?? -420_000; t <= atMs; t += scrapeMs) {
    const values = Float64Array.from(index.series, (series) => world.valueOf(series, t));
    metrics.append({ atMs: t, index, values });
    if (t > atMs - 900_000) {
      logs.push(...world.logsAt(t));
      spans.push(...world.spansAt(t, options.tracesPerScrape ?? 4));
    }
  }
  const incident = createIncident(options.incidentId ?? 'incident-1', openedAtMs);
  const { changes = [] } = options;
  return {
    atMs,
    incident,
    topology,
    pods: world.pods(atMs),
    metrics,
    logs,
    spans,
    events: [],
    changes,
  };
}

/** A roll-out of a service's new tag, as a delivery pipeline reports it. */
export function createRelease(service: string, atMs: number, release = 'v2'): ChangeEvent {
  return {
    atMs,
    actor: 'cd-pipeline',
    kind: 'release',
    object: { kind: 'Deployment', namespace: 'default', name: service },
    component: `service/${service}`,
    summary: `image of ${service}: v1 -> ${release}`,
    release,
  };
}

function createIncident(id: string, openedAtMs: number): Incident {
  const component: ComponentId = 'service/frontend';
  const anomaly = {
    atMs: openedAtMs,
    component,
    signal: 'error_ratio' as const,
    labels: {},
    value: 0.2,
    expected: 0,
    zScore: 12,
    detector: 'z_score',
  };
  return {
    id,
    openedAtMs,
    updatedAtMs: openedAtMs,
    closedAtMs: null,
    severity: 'critical',
    component,
    components: [component],
    anomalies: [anomaly],
    summary: ['error_ratio: 0.2 (12.0)'],
  };
}

class SmallShop {
  readonly series: readonly SeriesDescriptor[];
  readonly #happening: Happening;
  readonly #key: number;
  readonly #entities = new Map<SeriesDescriptor, number>();
  readonly #resources: readonly Resource[];

  constructor(happening: Happening, seed: number) {
    this.#happening = happening;
    this.#key = createDrawKey(seed, 'small-shop');
    this.#resources = services.flatMap((service, s) =>
      [0, 1, 2].map((replica) => resourceOf(service, (s + replica) % 3, (s * 3 + replica) % 2)),
    );
    this.series = [
      ...columnsOf('user', ['user_request_rate', 'user_error_ratio'], journeys),
      ...columnsOf(
        'service',
        ['request_rate', 'error_ratio', 'latency_ms_p95', 'replicas_ready'],
        services,
      ),
      ...topology.calls.flatMap(({ from, to }) => edgeColumns(from, to)),
      ...this.#resources.flatMap((resource) => podColumns(resource)),
      ...topology.nodes.flatMap(({ name }) =>
        columnsOf('node', ['node_ready', 'node_cpu_utilization'], [name]),
      ),
    ];
  }

  valueOf(series: SeriesDescriptor, atMs: number): number {
    const { signal, component, labels } = series;
    const entity = this.#entities.get(series) ?? hashText(`${signal} ${component}`);
    this.#entities.set(series, entity);
    const noise = 1 + 0.03 * normalAt(this.#key, entity, atMs / scrapeMs);
    const value = this.#exactly(signal, component, labels, atMs);
    return signal.endsWith('ready') || signal === 'container_restarts_total'
      ? value
      : value * noise;
  }

  pods(atMs: number): PodPlacement[] {
    return this.#resources.map((resource) => ({
      ...resource,
      namespace: 'default',
      ready: !this.#isUnready(resource.node, atMs),
      restartCount: this.#isKilled(resource.service, atMs) ? 1 : 0,
      lastTerminationReason: this.#isKilled(resource.service, atMs) ? 'OOMKilled' : null,
    }));
  }

  logsAt(atMs: number): LogRecord[] {
    if (atMs <= this.#happening.startMs) return [];
    return (this.#happening.logs ?? []).map(({ service, body }) => ({
      atMs,
      severity: 'ERROR',
      body,
      resource: this.#anyPod(service),
      traceId: null,
      spanId: null,
    }));
  }

  spansAt(atMs: number, traces: number): Span[] {
    const spans: Span[] = [];
    for (let i = 0; i < traces; i += 1) this.#walk(spans, `t${atMs}-${i}`, atMs);
    return spans;
  }

  #walk(spans: Span[], traceId: string, atMs: number): void {
    const visit = (
      service: string,
      parentSpanId: string | null,
    ): { ms: number; failed: boolean } => {
      const spanId = `${traceId}/${spans.length}`;
      const draw = (what: string): number => uniformAt(this.#key, hashText(spanId + what), 0);
      const place = spans.length;
      let ms = this.#ownMs(service, atMs) * (0.8 + 0.4 * draw('time'));
      let failed = draw('failure') < this.#errorRatio(service, atMs);
      const resource = this.#anyPod(service);
      const base = { traceId, resource, startMs: atMs - 5_000 };
      spans.push({
        ...base,
        spanId,
        parentSpanId,
        kind: 'server',
        operation: service,
        durationMs: 0,
        status: 'ok',
        attributes: {},
      });
      for (const peer of callees[service] ?? []) {
        const callId = `${traceId}/${spans.length}`;
        const callAt = spans.length;
        spans.push({
          ...base,
          spanId: callId,
          parentSpanId: spanId,
          kind: 'client',
          operation: `call ${peer}`,
          durationMs: 0,
          status: 'ok',
          attributes: { 'peer.service': peer },
        });
        const answer = visit(peer, callId);
        const durationMs = answer.ms + 1 + this.#pathMs(peer, atMs);
        spans[callAt] = {
          ...(spans[callAt] as Span),
          durationMs,
          status: answer.failed ? 'error' : 'ok',
        };
        ms += durationMs;
        failed ||= answer.failed;
      }
      spans[place] = { ...(spans[place] as Span), durationMs: ms, status: failed ? 'error' : 'ok' };
      return { ms, failed };
    };
    visit('frontend', null);
  }

  #exactly(
    signal: SignalName,
    component: ComponentId,
    labels: Readonly<Record<string, string>>,
    atMs: number,
  ): number {
    const name = component.slice(component.indexOf('/') + 1);
    const { load, cpu } = this.#now(atMs);
    switch (signal) {
      case 'user_request_rate':
        return 100 * (load?.[name] ?? load?.['*'] ?? 1);
      case 'request_rate':
      case 'edge_request_rate':
        return 100 * (load?.['*'] ?? 1);
      case 'user_error_ratio':
        return this.#failingRatio('frontend', atMs);
      case 'error_ratio':
        return this.#failingRatio(name, atMs);
      case 'edge_error_ratio':
        return this.#failingRatio(labels.destination as string, atMs);
      case 'latency_ms_p95':
        return this.#latencyMs(name, atMs);
      case 'edge_latency_ms_p95': {
        const to = labels.destination as string;
        return 1 + this.#latencyMs(to, atMs) + this.#pathMs(to, atMs);
      }
      case 'replicas_ready':
        return 3;
      case 'node_ready':
        return this.#isUnready(name, atMs) ? 0 : 1;
      case 'node_cpu_utilization':
        return this.#isLost(name, atMs) ? Number.NaN : 0.4;
      case 'pod_ready':
        return this.#isUnready(labels.node as string, atMs) ? 0 : 1;
      default:
        break;
    }
    if (this.#isLost(labels.node as string, atMs)) return Number.NaN;
    if (signal === 'container_restarts_total')
      return this.#isKilled(labels.service as string, atMs) ? 1 : 0;
    if (signal === 'memory_utilization') return this.#memory(labels.service as string, atMs);
    return cpu?.[labels.service as string] ?? 0.3;
  }

  #now(atMs: number): Happening {
    return atMs > this.#happening.startMs ? this.#happening : faultFree;
  }

  #isLost(node: string, atMs: number): boolean {
    return this.#now(atMs).lostNodes?.includes(node) ?? false;
  }

  #isUnready(node: string, atMs: number): boolean {
    return this.#happening.nodesStayReady !== true && this.#isLost(node, atMs - 50_000);
  }

  #isKilled(service: string, atMs: number): boolean {
    return this.#now(atMs).outOfMemory?.includes(service) ?? false;
  }

  #memory(service: string, atMs: number): number {
    const perMinute = this.#now(atMs).leakPerMinute?.[service] ?? 0;
    return 0.3 + (perMinute === 0 ? 0 : (perMinute * (atMs - this.#happening.startMs)) / 60_000);
  }

  #errorRatio(service: string, atMs: number): number {
    return 0.001 + (this.#now(atMs).errorRatio?.[service] ?? 0);
  }

  #failingRatio(service: string, atMs: number): number {
    let good = 1 - this.#errorRatio(service, atMs);
    for (const peer of callees[service] ?? []) good *= 1 - this.#failingRatio(peer, atMs);
    return 1 - good;
  }

  #ownMs(service: string, atMs: number): number {
    return (ownMs[service] ?? 10) + (this.#now(atMs).ownDelayMs?.[service] ?? 0);
  }

  #pathMs(service: string, atMs: number): number {
    return this.#now(atMs).pathDelayMs?.[service] ?? 0;
  }

  #latencyMs(service: string, atMs: number): number {
    let ms = this.#ownMs(service, atMs);
    for (const peer of callees[service] ?? []) {
      ms += 1 + this.#latencyMs(peer, atMs) + this.#pathMs(peer, atMs);
    }
    return ms;
  }

  #anyPod(service: string): Resource {
    return this.#resources.find((resource) => resource.service === service) as Resource;
  }
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
