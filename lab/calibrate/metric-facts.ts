import { median, medianAbsoluteDeviation } from '../../core/tools/index.ts';
import type { MetricSeries } from './metric-lines.ts';
import { operationKey } from './operation-statistics.ts';

/**
 * A quantity per window of one minute, from the first window with data; NaN where there is none.
 */
export type WindowedValues = Float64Array<ArrayBuffer>;

/** What the metrics say, in the twin's terms; rates are per second, by window. */
export interface MetricFacts {
  readonly windows: number;
  readonly fromMs: number;
  /** User requests by journey, where an edge proxy or the twin counts them. */
  readonly journeys: ReadonlyMap<string, WindowedValues>;
  readonly services: ReadonlyMap<string, WindowedValues>;
  readonly operations: ReadonlyMap<string, WindowedValues>;
  /** Keyed `from->to`. */
  readonly edges: ReadonlyMap<string, WindowedValues>;
  /** Keyed by pod: cores in use, or the share of the limit where only that is known. */
  readonly podCpuCores: ReadonlyMap<string, WindowedValues>;
  readonly podCpuShare: ReadonlyMap<string, WindowedValues>;
  readonly podMemoryBytes: ReadonlyMap<string, WindowedValues>;
  readonly podMemoryShare: ReadonlyMap<string, WindowedValues>;
  readonly nodes: ReadonlyMap<string, NodeFacts>;
  readonly podNode: ReadonlyMap<string, string>;
  /** Names of metrics that calibration has no use for, with their series. */
  readonly ignored: ReadonlyMap<string, number>;
}

export interface NodeFacts {
  zone: string | null;
  region: string | null;
  cpuCores: number | null;
  memoryBytes: number | null;
}

export const windowMs = 60_000;

type Labels = Readonly<Record<string, string>>;
type Bank = Map<string, WindowedValues[]>;

interface Rule {
  readonly bank: keyof Banks;
  readonly isCounter: boolean;
  /** A rate over a short time, which is far too low when it misses a part of that. */
  readonly isShortRate?: boolean;
  /** Series of one key add up. */
  readonly keyOf: (labels: Labels) => string | null;
}

interface Banks {
  readonly journeys: Bank;
  readonly services: Bank;
  readonly operations: Bank;
  readonly edges: Bank;
  readonly podCpuCores: Bank;
  readonly podCpuShare: Bank;
  readonly podMemoryBytes: Bank;
  readonly podMemoryShare: Bank;
}

const serviceOf = (labels: Labels): string | null =>
  labels.service_name ?? labels.service ?? labels.exported_job ?? labels.job ?? null;
const podOf = (labels: Labels): string | null => labels.pod ?? labels.k8s_pod_name ?? null;

/** cAdvisor counts a pod's containers one by one, its sandbox, and all of them again. */
const containerPod = (labels: Labels): string | null => {
  if (labels.container === '' || labels.container === 'POD') return null;
  return labels.container === undefined && labels.image === undefined && labels.id?.includes('/pod')
    ? null
    : podOf(labels);
};

const operationOf = (labels: Labels): string | null => {
  const service = serviceOf(labels);
  const method = labels.http_request_method ?? labels.http_method ?? labels.method;
  const route = labels.http_route ?? labels.route;
  const { rpc_service: api, rpc_method: procedure } = labels;
  const remote = api && procedure ? `${api}/${procedure}` : procedure;
  const name = remote ?? (method && route ? `${method} ${route}` : null);
  return service && name ? operationKey(service, name) : null;
};

const edgeOf = (labels: Labels): string | null => {
  const from = labels.source ?? labels.source_workload ?? serviceOf(labels);
  const to =
    labels.destination ??
    labels.destination_workload ??
    labels.peer_service ??
    labels.server_address?.split('.')[0];
  return from && to ? `${from}->${to}` : null;
};

const serverCounters =
  /^(http_server_(request_)?duration|rpc_server_(call_)?duration)(_seconds|_milliseconds)?_count$/;
const clientCounters =
  /^(http_client_(request_)?duration|rpc_client_(call_)?duration)(_seconds|_milliseconds)?_count$/;

const journeyOf = (labels: Labels): string | null => labels.journey ?? null;

const rules: Readonly<Record<string, readonly Rule[]>> = {
  user_request_rate: [{ bank: 'journeys', isCounter: false, keyOf: journeyOf }],
  loadbalancer_requests_total: [{ bank: 'journeys', isCounter: true, keyOf: journeyOf }],
  request_rate: [{ bank: 'services', isCounter: false, keyOf: serviceOf }],
  edge_request_rate: [{ bank: 'edges', isCounter: false, keyOf: edgeOf }],
  cpu_utilization: [{ bank: 'podCpuShare', isCounter: false, isShortRate: true, keyOf: podOf }],
  memory_utilization: [{ bank: 'podMemoryShare', isCounter: false, keyOf: podOf }],
  container_cpu_usage_seconds_total: [
    { bank: 'podCpuCores', isCounter: true, keyOf: containerPod },
  ],
  container_memory_working_set_bytes: [
    { bank: 'podMemoryBytes', isCounter: false, keyOf: containerPod },
  ],
  istio_requests_total: [{ bank: 'edges', isCounter: true, keyOf: edgeOf }],
};

const serverRules: readonly Rule[] = [
  { bank: 'services', isCounter: true, keyOf: serviceOf },
  { bank: 'operations', isCounter: true, keyOf: operationOf },
];
const clientRules: readonly Rule[] = [{ bank: 'edges', isCounter: true, keyOf: edgeOf }];

function rulesFor(name: string): readonly Rule[] {
  const found = rules[name];
  if (found) return found;
  if (serverCounters.test(name)) return serverRules;
  return clientCounters.test(name) ? clientRules : [];
}

/** Reads the metrics that calibration knows and counts the others. */
export function readMetricFacts(series: readonly MetricSeries[]): MetricFacts {
  let fromMs = Number.POSITIVE_INFINITY;
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const { timesMs } of series) {
    fromMs = Math.min(fromMs, timesMs[0] ?? fromMs);
    untilMs = Math.max(untilMs, timesMs.at(-1) ?? untilMs);
  }
  const windows = fromMs <= untilMs ? Math.floor((untilMs - fromMs) / windowMs) + 1 : 0;
  const banks = createBanks();
  const nodes = new Map<string, NodeFacts>();
  const podNode = new Map<string, string>();
  const ignored = new Map<string, number>();
  for (const one of series) {
    const known = rulesFor(one.name);
    const isPlace = readPlace(one, nodes, podNode);
    if (known.length === 0 && !isPlace) ignored.set(one.name, (ignored.get(one.name) ?? 0) + 1);
    for (const { bank, isCounter, isShortRate, keyOf } of known) {
      const key = keyOf(one.labels);
      if (key === null) continue;
      const full = isShortRate ? withoutShortRates(one) : one;
      const values = intoWindows(full, { windows, fromMs, isCounter });
      const list = banks[bank].get(key);
      if (list) list.push(values);
      else banks[bank].set(key, [values]);
    }
  }
  return {
    windows,
    fromMs,
    journeys: sums(banks.journeys),
    services: sums(banks.services),
    operations: sums(banks.operations),
    edges: sums(banks.edges),
    podCpuCores: sums(banks.podCpuCores),
    podCpuShare: sums(banks.podCpuShare),
    podMemoryBytes: sums(banks.podMemoryBytes),
    podMemoryShare: sums(banks.podMemoryShare),
    nodes,
    podNode,
    ignored,
  };
}

function createBanks(): Banks {
  return {
    journeys: new Map(),
    services: new Map(),
    operations: new Map(),
    edges: new Map(),
    podCpuCores: new Map(),
    podCpuShare: new Map(),
    podMemoryBytes: new Map(),
    podMemoryShare: new Map(),
  };
}

/** Samples on either side that say what is usual, and how far below it a sample does not count. */
const neighbours = 10;
const shortFrom = 3;

/** The series without the rates that missed a part of their window, which are far too low. */
function withoutShortRates(series: MetricSeries): MetricSeries {
  const { timesMs, values } = series;
  const kept = values.map((value, i) => {
    const around = values.slice(Math.max(0, i - neighbours), i + neighbours + 1);
    const centre = median(around);
    const scale = 1.4826 * medianAbsoluteDeviation(around, centre);
    return value >= centre - shortFrom * scale;
  });
  return {
    ...series,
    timesMs: timesMs.filter((_, i) => kept[i]),
    values: values.filter((_, i) => kept[i]),
  };
}

/** Means of a gauge, or rates of a counter with its resets, per window. */
function intoWindows(
  { timesMs, values }: MetricSeries,
  { windows, fromMs, isCounter }: { windows: number; fromMs: number; isCounter: boolean },
): WindowedValues {
  const sum = new Float64Array(windows);
  const weight = new Float64Array(windows);
  for (let i = isCounter ? 1 : 0; i < values.length; i += 1) {
    const at = timesMs[i] as number;
    const window = Math.floor((at - fromMs) / windowMs);
    const value = values[i] as number;
    if (!isCounter) {
      (sum[window] as number) += value;
      (weight[window] as number) += 1;
      continue;
    }
    const before = values[i - 1] as number;
    // A counter that fell began again at zero.
    (sum[window] as number) += value >= before ? value - before : value;
    (weight[window] as number) += (at - (timesMs[i - 1] as number)) / 1000;
  }
  return sum.map((total, w) => {
    return (weight[w] as number) > 0 ? total / (weight[w] as number) : Number.NaN;
  });
}

/** Window by window the sum over the series that have a value there. */
function sums(bank: Bank): Map<string, WindowedValues> {
  return new Map([...bank].map(([key, list]) => [key, addUp(list)]));
}

/** NaN only where no series has a value. */
export function addUp(list: readonly WindowedValues[]): WindowedValues {
  const [first] = list;
  if (list.length <= 1) return first ?? new Float64Array(0);
  return Float64Array.from(first as WindowedValues, (_, w) => {
    let sum = Number.NaN;
    for (const values of list) {
      const value = values[w] as number;
      if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
    }
    return sum;
  });
}

/** What exporters of the cluster's state say of nodes and where pods run. */
function readPlace(
  { name, labels, values }: MetricSeries,
  nodes: Map<string, NodeFacts>,
  podNode: Map<string, string>,
): boolean {
  const { node, pod } = labels;
  if (node !== undefined && pod !== undefined) podNode.set(pod, node);
  if (node === undefined || (!name.startsWith('kube_node_') && !name.startsWith('node_'))) {
    return name === 'kube_pod_info';
  }
  const facts = nodes.get(node) ?? { zone: null, region: null, cpuCores: null, memoryBytes: null };
  nodes.set(node, facts);
  facts.zone ??= labels.zone ?? labels.label_topology_kubernetes_io_zone ?? null;
  facts.region ??= labels.region ?? labels.label_topology_kubernetes_io_region ?? null;
  if (name === 'kube_node_status_capacity') {
    if (labels.resource === 'cpu') facts.cpuCores = values.at(-1) ?? null;
    if (labels.resource === 'memory') facts.memoryBytes = values.at(-1) ?? null;
  }
  return true;
}

/** The mean over windows that have a value; null when none has. */
export function meanOf(values: WindowedValues | undefined): number | null {
  if (!values) return null;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count > 0 ? sum / count : null;
}
