import type {
  MetricsFrame,
  SeriesDescriptor,
  SignalName,
  Topology,
} from '../../core/observable/index.ts';
import { createStream } from '../../core/tools/index.ts';

/** A shop small enough to read: who calls whom, and three nodes in two zones. */
export const shopTopology: Topology = {
  name: 'shop',
  entryService: 'frontend',
  services: ['frontend', 'checkout', 'cart', 'catalog', 'cart-db', 'mailer', 'mail-db'].map(
    (name) => ({ name, namespace: 'default', kind: 'service', workload: name }),
  ),
  calls: [
    { from: 'frontend', to: 'checkout' },
    { from: 'frontend', to: 'catalog' },
    { from: 'checkout', to: 'cart' },
    { from: 'frontend', to: 'cart' },
    { from: 'cart', to: 'cart-db' },
    { from: 'mailer', to: 'mail-db' },
  ],
  nodes: [
    { name: 'n1', zone: 'a', region: 'r' },
    { name: 'n2', zone: 'a', region: 'r' },
    { name: 'n3', zone: 'b', region: 'r' },
  ],
};

/** What is true at a scrape, before noise. */
export interface ShopState {
  /** Factor on the request rate. */
  load: number;
  /** Added per service. */
  readonly errorRatio: Map<string, number>;
  readonly latencyFactor: Map<string, number>;
  readonly userErrorRatio: { value: number };
  readonly userLatencyFactor: { value: number };
  readonly memory: Map<string, number>;
  readonly nodesDown: Set<string>;
  /** Grows by one with every roll-out: pods get new names. */
  generation: number;
}

export type ShopPlan = (scrape: number, state: ShopState) => void;

const scrapeMs = 15_000;
const scrapesPerDay = 5760;
const journeys = ['browse', 'buy'];
const podsPerService = 2;

/** Frames with noise like a real scraper's: autocorrelated, heavy-tailed, counted, with gaps. */
export class SyntheticShop {
  readonly #stream;
  readonly #series: SeriesDescriptor[] = [];
  readonly #columns = new Map<string, number>();
  readonly #noise: number[] = [];
  readonly #plan: ShopPlan;
  #values: number[] = [];

  constructor(seed: number, plan: ShopPlan = () => undefined) {
    this.#stream = createStream(seed, 'synthetic-shop');
    this.#plan = plan;
  }

  frame(scrape: number): MetricsFrame {
    const state: ShopState = {
      load: 1 + 0.4 * Math.sin((2 * Math.PI * scrape) / scrapesPerDay),
      errorRatio: new Map(),
      latencyFactor: new Map(),
      userErrorRatio: { value: 0 },
      userLatencyFactor: { value: 1 },
      memory: new Map(),
      nodesDown: new Set(),
      generation: 0,
    };
    this.#plan(scrape, state);
    this.#values = this.#series.map(() => Number.NaN);
    this.#users(state);
    for (const { name } of shopTopology.services) this.#service(name, state);
    for (const { from, to } of shopTopology.calls) this.#edge(from, to, state);
    for (const { name, zone } of shopTopology.nodes) this.#node(name, zone, state);
    return {
      atMs: scrape * scrapeMs,
      index: { series: this.#series },
      values: Float64Array.from(this.#values),
    };
  }

  #users(state: ShopState): void {
    for (const journey of journeys) {
      const rate = this.#noisy(`user/${journey} rate`, 20 * state.load, 0.05);
      const latency = 180 * state.userLatencyFactor.value * (1 + 0.1 * (state.load - 1));
      const component = `user/${journey}`;
      this.#put('user_request_rate', component, { journey }, rate);
      const ratio = this.#counted(rate, 0.001 + state.userErrorRatio.value);
      this.#put('user_error_ratio', component, { journey }, ratio);
      this.#put(
        'user_latency_ms_p95',
        component,
        { journey },
        this.#noisy(`${component} p95`, latency, 0.06),
      );
      this.#put(
        'user_latency_ms_p99',
        component,
        { journey },
        this.#noisy(`${component} p99`, 1.6 * latency, 0.12),
      );
    }
  }

  #service(name: string, state: ShopState): void {
    const component = `service/${name}`;
    const labels = { service: name };
    const rate = this.#noisy(`${name} rate`, 30 * state.load, 0.05);
    const factor = (state.latencyFactor.get(name) ?? 1) * (1 + 0.15 * (state.load - 1));
    this.#put('request_rate', component, labels, rate);
    this.#put(
      'error_ratio',
      component,
      labels,
      this.#counted(rate, 0.001 + (state.errorRatio.get(name) ?? 0)),
    );
    this.#put('latency_ms_p50', component, labels, this.#noisy(`${name} p50`, 20 * factor, 0.04));
    this.#put('latency_ms_p95', component, labels, this.#noisy(`${name} p95`, 60 * factor, 0.07));
    this.#put('latency_ms_p99', component, labels, this.#noisy(`${name} p99`, 110 * factor, 0.15));
    this.#put('replicas_ready', component, labels, podsPerService);
    for (let pod = 0; pod < podsPerService; pod += 1) this.#pod(name, pod, state);
  }

  #pod(service: string, ordinal: number, state: ShopState): void {
    const pod = `${service}-${state.generation}-${ordinal}`;
    const node = shopTopology.nodes[(ordinal + service.length) % 3]?.name as string;
    if (state.nodesDown.has(node)) return;
    const component = `pod/default/${pod}`;
    const labels = { service, pod, node };
    this.#put(
      'cpu_utilization',
      component,
      labels,
      this.#noisy(`${pod} cpu`, 0.3 * state.load, 0.1),
    );
    const memory = state.memory.get(service) ?? 0.5;
    this.#put('memory_utilization', component, labels, this.#noisy(`${pod} memory`, memory, 0.01));
    this.#put(
      'in_flight_requests',
      component,
      labels,
      Math.round(this.#noisy(`${pod} busy`, 2 * state.load, 0.3)),
    );
    this.#put('pod_ready', component, labels, 1);
    this.#put('container_restarts_total', component, labels, 0);
  }

  #edge(from: string, to: string, state: ShopState): void {
    const component = `edge/${from}->${to}`;
    const labels = { source: from, destination: to };
    const rate = this.#noisy(`${component} rate`, 15 * state.load, 0.05);
    this.#put('edge_request_rate', component, labels, rate);
    this.#put(
      'edge_error_ratio',
      component,
      labels,
      this.#counted(rate, 0.001 + (state.errorRatio.get(to) ?? 0)),
    );
    const latency = 62 * (state.latencyFactor.get(to) ?? 1);
    this.#put(
      'edge_latency_ms_p95',
      component,
      labels,
      this.#noisy(`${component} p95`, latency, 0.08),
    );
  }

  #node(node: string, zone: string, state: ShopState): void {
    const component = `node/${node}`;
    this.#put('node_ready', component, { node, zone }, state.nodesDown.has(node) ? 0 : 1);
    if (state.nodesDown.has(node)) return;
    this.#put(
      'node_cpu_utilization',
      component,
      { node, zone },
      this.#noisy(`${node} cpu`, 0.3 * state.load, 0.08),
    );
  }

  #put(signal: SignalName, component: string, labels: Record<string, string>, value: number): void {
    const key = `${signal} ${component}`;
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = this.#series.length;
      this.#columns.set(key, column);
      this.#series.push({ signal, component, labels });
    }
    this.#values[column] = this.#stream.next() < 1e-3 ? Number.NaN : value;
  }

  /** Relative noise with lag-one correlation 0.7 and tails like a t distribution of 4 degrees. */
  #noisy(channel: string, value: number, share: number): number {
    const column = this.#channel(channel);
    const z = this.#stream.normal();
    const heavy = (z * (1 + (z * z + 1) / 16)) / 1.26;
    const noise = 0.7 * (this.#noise[column] ?? 0) + 0.714 * heavy;
    this.#noise[column] = noise;
    return Math.max(0, value * (1 + share * noise));
  }

  readonly #channels = new Map<string, number>();

  #channel(name: string): number {
    const known = this.#channels.get(name);
    if (known !== undefined) return known;
    this.#channels.set(name, this.#channels.size);
    return this.#channels.size - 1;
  }

  /** A failure ratio as counted over one scrape. */
  #counted(rate: number, ratio: number): number {
    const requests = Math.round((rate * scrapeMs) / 1000);
    if (requests === 0) return Number.NaN;
    let failures = 0;
    for (let i = 0; i < requests; i += 1) if (this.#stream.next() < ratio) failures += 1;
    return failures / requests;
  }
}
