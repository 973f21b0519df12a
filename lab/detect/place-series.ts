import {
  type ComponentId,
  componentKind,
  edgeId,
  isSignalName,
  type SeriesDescriptor,
  type SignalName,
  signalSpec,
} from '../../core/observable/index.ts';

type Labels = Readonly<Record<string, string>>;

const kinds = /^(zone|node|service|pod|edge|user|external|volume)\/./;
/** What a Deployment, a DaemonSet or a StatefulSet adds to its name to make that of a pod. */
const podEnding = /(-[a-z0-9]{6,10}-[a-z0-9]{5}|-[a-z0-9]{5}|-\d+)$/;

function first(labels: Labels, ...names: readonly string[]): string | undefined {
  const name = names.find((one) => (labels[one] ?? '') !== '');
  return name === undefined ? undefined : labels[name];
}

const podOf = (labels: Labels): string | undefined =>
  first(labels, 'pod', 'k8s_pod_name', 'kubernetes_pod_name', 'pod_name');
const nodeOf = (labels: Labels): string | undefined =>
  first(labels, 'node', 'k8s_node_name', 'kubernetes_node', 'nodename', 'host', 'hostname');
const serviceOf = (labels: Labels): string | undefined =>
  first(
    labels,
    'service',
    'service_name',
    'app_kubernetes_io_name',
    'app',
    'deployment',
    'k8s_deployment_name',
    'exported_job',
    'job',
  );

/**
 * Where a series of the user's belongs, by its labels as clusters have them: an edge, a pod, a node
 * or a service; `group` where they do not tell. The labels come back with `service`, `pod` and
 * `node` under these names.
 */
export function placeSeries(
  name: string,
  labels: Labels,
  group: string,
): Omit<SeriesDescriptor, 'signal'> {
  const { component: stated, ...others } = labels;
  if (stated !== undefined && kinds.test(stated)) return { component: stated, labels: others };
  const from = first(labels, 'source', 'source_workload', 'client');
  const to = first(labels, 'destination', 'destination_workload', 'server', 'peer_service');
  if (from !== undefined && to !== undefined) return { component: edgeId(from, to), labels };
  const pod = podOf(labels);
  const node = nodeOf(labels);
  if (pod !== undefined) {
    const namespace = first(labels, 'namespace', 'k8s_namespace_name') ?? 'default';
    const service = serviceOf(labels) ?? pod.replace(podEnding, '');
    const known = { ...labels, service, pod, ...(node !== undefined && { node }) };
    return { component: `pod/${namespace}/${pod}`, labels: known };
  }
  // Exporters of nodes name them by where they were scraped.
  const isNodes = /^(kube_)?node_/.test(name);
  const host = isNodes ? (node ?? labels.instance) : node;
  const service = isNodes ? undefined : serviceOf(labels);
  if (service !== undefined) return { component: `service/${service}`, labels };
  if (host !== undefined) return { component: `node/${host}`, labels: { ...labels, node: host } };
  return { component: `service/${labels.instance ?? group}`, labels };
}

/**
 * The signal of a series: that of the catalogue when its labels put it where such a signal belongs,
 * else a name that the catalogue does not have.
 */
export function signalOf(name: string, component: ComponentId, labels: Labels): SignalName {
  if (!isSignalName(name)) return name as SignalName;
  const isPlaced = Object.keys(labels).length > 0;
  const { scope } = signalSpec(name);
  const isThere = scope === 'business' || scope === componentKind(component);
  return isPlaced && isThere ? name : (`${name} (own)` as SignalName);
}
