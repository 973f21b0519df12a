/** A small shop in which at most one thing happens: metrics, logs and spans at any instant. */
import type {
  ComponentId,
  LogRecord,
  PodPlacement,
  Resource,
  SeriesDescriptor,
  SignalName,
  Span,
} from '../../core/observable/index.ts';
import { createDrawKey, hashText, normalAt, uniformAt } from '../../core/tools/index.ts';
import { callees, placePods, seriesOf } from './small-shop-plan.ts';

export const scrapeMs: number = 15_000;
const ownMs: Readonly<Record<string, number>> = { 'redis-cart': 2 };

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
  /** Share of packets that nodes drop. */
  readonly packetLoss?: Readonly<Record<string, number>>;
  /** Factor on the user request rate. */
  readonly load?: Readonly<Record<string, number>>;
  readonly cpu?: Readonly<Record<string, number>>;
  /** Growth of memory use per minute, as share of the limit, from `leakFromMs`. */
  readonly leakPerMinute?: Readonly<Record<string, number>>;
  readonly outOfMemory?: readonly string[];
  readonly logs?: readonly { readonly service: string; readonly body: string }[];
}

/** Nothing at all. */
export const faultFree: Happening = { startMs: Infinity };

export class SmallShop {
  readonly series: readonly SeriesDescriptor[];
  readonly #happening: Happening;
  readonly #key: number;
  readonly #entities = new Map<SeriesDescriptor, number>();
  readonly #resources: readonly Resource[];

  constructor(happening: Happening, seed: number) {
    this.#happening = happening;
    this.#key = createDrawKey(seed, 'small-shop');
    this.#resources = placePods();
    this.series = seriesOf(this.#resources);
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
      case 'node_packet_drops':
        // Of six packets each, requests served and calls made: 600 and 500 a second on average.
        return 0.1 + 1100 * (this.#now(atMs).packetLoss?.[name] ?? 0);
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
