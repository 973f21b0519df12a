/**
 * The catalogue of signals: per signal what it means, and the PromQL that gives the same number on
 * a real cluster (cAdvisor, kube-state-metrics and OpenTelemetry names). `$window` is the rate
 * window.
 */
export interface SignalSpec {
  readonly name: SignalName;
  readonly unit: 'ratio' | 'ms' | '1/s' | 'bytes' | 'count';
  readonly scope: 'user' | 'service' | 'edge' | 'pod' | 'node' | 'business';
  /** Which way is bad: only rises, only falls, or both tell of trouble. */
  readonly badDirection: 'up' | 'down' | 'both';
  /** A user or caller feels a symptom; a resource is where a cause may sit; load is context. */
  readonly role: 'symptom' | 'resource' | 'state' | 'load';
  readonly promql: string;
}

export type SignalName =
  | 'user_request_rate'
  | 'user_error_ratio'
  | 'user_latency_ms_p95'
  | 'user_latency_ms_p99'
  | 'request_rate'
  | 'error_ratio'
  | 'latency_ms_p50'
  | 'latency_ms_p95'
  | 'latency_ms_p99'
  | 'edge_request_rate'
  | 'edge_error_ratio'
  | 'edge_latency_ms_p95'
  | 'cpu_utilization'
  | 'cpu_throttled_ratio'
  | 'memory_utilization'
  | 'in_flight_requests'
  | 'container_restarts_total'
  | 'pod_ready'
  | 'replicas_ready'
  | 'replicas_desired'
  | 'node_ready'
  | 'node_cpu_utilization'
  | 'node_memory_utilization'
  | 'node_packet_drops'
  | 'processed_items_total'
  | 'cache_hit_ratio'
  | 'consumer_lag';

function signal(
  name: SignalName,
  unit: SignalSpec['unit'],
  scope: SignalSpec['scope'],
  badDirection: SignalSpec['badDirection'],
  role: SignalSpec['role'],
  promql: string,
): SignalSpec {
  return { name, unit, scope, badDirection, role, promql };
}

const quantileOf = (q: number, by: string): string =>
  `1000 * histogram_quantile(${q}, sum by (le, ${by}) (rate(http_server_request_duration_seconds_bucket[$window])))`;

/** Every signal, in the order in which columns appear. */
export const signalCatalogue: readonly SignalSpec[] = [
  signal(
    'user_request_rate',
    '1/s',
    'user',
    'both',
    'load',
    'sum by (journey) (rate(loadbalancer_requests_total[$window]))',
  ),
  signal(
    'user_error_ratio',
    'ratio',
    'user',
    'up',
    'symptom',
    'sum by (journey) (rate(loadbalancer_requests_total{code=~"5.."}[$window])) / sum by (journey) (rate(loadbalancer_requests_total[$window]))',
  ),
  signal(
    'user_latency_ms_p95',
    'ms',
    'user',
    'up',
    'symptom',
    '1000 * histogram_quantile(0.95, sum by (le, journey) (rate(loadbalancer_request_duration_seconds_bucket[$window])))',
  ),
  signal(
    'user_latency_ms_p99',
    'ms',
    'user',
    'up',
    'symptom',
    '1000 * histogram_quantile(0.99, sum by (le, journey) (rate(loadbalancer_request_duration_seconds_bucket[$window])))',
  ),
  signal(
    'request_rate',
    '1/s',
    'service',
    'both',
    'load',
    'sum by (service) (rate(http_server_request_duration_seconds_count[$window]))',
  ),
  signal(
    'error_ratio',
    'ratio',
    'service',
    'up',
    'symptom',
    'sum by (service) (rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[$window])) / sum by (service) (rate(http_server_request_duration_seconds_count[$window]))',
  ),
  signal('latency_ms_p50', 'ms', 'service', 'up', 'symptom', quantileOf(0.5, 'service')),
  signal('latency_ms_p95', 'ms', 'service', 'up', 'symptom', quantileOf(0.95, 'service')),
  signal('latency_ms_p99', 'ms', 'service', 'up', 'symptom', quantileOf(0.99, 'service')),
  signal(
    'edge_request_rate',
    '1/s',
    'edge',
    'both',
    'load',
    'sum by (source, destination) (rate(http_client_request_duration_seconds_count[$window]))',
  ),
  signal(
    'edge_error_ratio',
    'ratio',
    'edge',
    'up',
    'symptom',
    'sum by (source, destination) (rate(http_client_request_duration_seconds_count{error_type!=""}[$window])) / sum by (source, destination) (rate(http_client_request_duration_seconds_count[$window]))',
  ),
  signal(
    'edge_latency_ms_p95',
    'ms',
    'edge',
    'up',
    'symptom',
    '1000 * histogram_quantile(0.95, sum by (le, source, destination) (rate(http_client_request_duration_seconds_bucket[$window])))',
  ),
  signal(
    'cpu_utilization',
    'ratio',
    'pod',
    'up',
    'resource',
    'sum by (pod) (rate(container_cpu_usage_seconds_total[$window])) / sum by (pod) (kube_pod_container_resource_limits{resource="cpu"})',
  ),
  signal(
    'cpu_throttled_ratio',
    'ratio',
    'pod',
    'up',
    'resource',
    'sum by (pod) (rate(container_cpu_cfs_throttled_periods_total[$window])) / sum by (pod) (rate(container_cpu_cfs_periods_total[$window]))',
  ),
  signal(
    'memory_utilization',
    'ratio',
    'pod',
    'up',
    'resource',
    'sum by (pod) (container_memory_working_set_bytes) / sum by (pod) (kube_pod_container_resource_limits{resource="memory"})',
  ),
  signal(
    'in_flight_requests',
    'count',
    'pod',
    'up',
    'resource',
    'sum by (pod) (http_server_active_requests)',
  ),
  signal(
    'container_restarts_total',
    'count',
    'pod',
    'up',
    'state',
    'sum by (pod) (kube_pod_container_status_restarts_total)',
  ),
  signal('pod_ready', 'count', 'pod', 'down', 'state', 'kube_pod_status_ready{condition="true"}'),
  signal(
    'replicas_ready',
    'count',
    'service',
    'down',
    'state',
    'kube_deployment_status_replicas_ready',
  ),
  signal('replicas_desired', 'count', 'service', 'both', 'load', 'kube_deployment_spec_replicas'),
  signal(
    'node_ready',
    'count',
    'node',
    'down',
    'state',
    'kube_node_status_condition{condition="Ready",status="true"}',
  ),
  signal(
    'node_cpu_utilization',
    'ratio',
    'node',
    'up',
    'resource',
    '1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[$window]))',
  ),
  signal(
    'node_memory_utilization',
    'ratio',
    'node',
    'up',
    'resource',
    '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes',
  ),
  signal(
    'node_packet_drops',
    '1/s',
    'node',
    'up',
    'resource',
    'sum by (node) (rate(node_network_receive_drop_total[$window])) + sum by (node) (rate(node_network_transmit_drop_total[$window])) + sum by (node) (rate(node_qdisc_drops_total[$window]))',
  ),
  signal(
    'processed_items_total',
    'count',
    'business',
    'both',
    'load',
    'sum by (item_type, status) (processed_items_total)',
  ),
  signal(
    'cache_hit_ratio',
    'ratio',
    'service',
    'down',
    'resource',
    'sum by (service) (rate(memcached_commands_total{status="hit"}[$window])) / sum by (service) (rate(memcached_commands_total{command="get"}[$window]))',
  ),
  signal(
    'consumer_lag',
    'count',
    'service',
    'up',
    'resource',
    'sum by (service) (kafka_consumergroup_lag)',
  ),
];

const byName: ReadonlyMap<string, SignalSpec> = new Map(
  signalCatalogue.map((spec) => [spec.name, spec]),
);

/** Whether the catalogue has a signal of this name; files of users hold others, too. */
export function isSignalName(name: string): name is SignalName {
  return byName.has(name);
}

/**
 * The catalogue entry of a signal. A series from a user's file may have a name of its own: nothing
 * is known of that but that both ways may be bad.
 */
export function signalSpec(name: SignalName): SignalSpec {
  return byName.get(name) ?? signal(name, 'count', 'service', 'both', 'resource', name);
}
