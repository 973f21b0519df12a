import type { KindMap, KubernetesObject } from '../../core/observable/index.ts';
import { median } from '../../core/tools/index.ts';
import { renderWorkload } from '../../scenarios/index.ts';
import { type WorkloadFacts, workloadsOf } from './cluster-facts.ts';
import { addUp, type MetricFacts, meanOf, type WindowedValues } from './metric-facts.ts';
import { type OperationStatistics, serviceOfKey } from './operation-statistics.ts';
import type { TraceStatistics } from './trace-statistics.ts';

/** A service, its Deployment and its pods. */
export interface ServiceFacts {
  readonly name: string;
  readonly kind: 'service' | 'datastore' | 'external';
  readonly workload: WorkloadFacts;
  /** Seen by its callers only. */
  readonly isOutside: boolean;
  /** Mean number of pods with metrics; the manifest's replicas without. */
  readonly pods: number;
  readonly cpuCores: WindowedValues | null;
  readonly memoryBytes: number | null;
}

interface Fleet {
  readonly services: readonly ServiceFacts[];
  /** Deployments and Services that the manifests lack. */
  readonly invented: readonly KubernetesObject[];
  readonly notes: readonly string[];
}

const fallbackCores = { request: 0.25, limit: 1 } as const;
const fallbackBytes = { request: 134_217_728, limit: 536_870_912 } as const;

/** Finds the Deployment behind each service that serves requests, and its pods' metrics. */
export function findServices(given: {
  readonly names: readonly string[];
  readonly objects: readonly KubernetesObject[];
  readonly traces: TraceStatistics;
  readonly metrics: MetricFacts;
  readonly nodeCores: number;
}): Fleet {
  const { names, objects, traces, metrics, nodeCores } = given;
  const invented: KubernetesObject[] = [];
  const notes: string[] = [];
  const serviceOfPod = new Map<string, string>();
  for (const { pod, service } of traces.places) if (pod) serviceOfPod.set(pod, service);
  const measuredPods = podsWithMetrics(metrics);
  const services = names.map((name): ServiceFacts => {
    const operations = [...traces.operations.values()].filter(({ service }) => service === name);
    const isOutside = operations.every((operation) => operation.isOutside);
    const known = findWorkload(name, objects, traces);
    if (!known) {
      const added = inventWorkload(name);
      invented.push(...added);
      notes.push(`no Deployment for ${name} in the manifests: one pod of 1 core is assumed`);
    }
    const workload = known ?? (workloadsOf(invented).at(-1) as WorkloadFacts);
    if (!hasService(workload, [...objects, ...invented])) {
      invented.push(inventService(workload));
      notes.push(`no Service selects the pods of ${workload.name}: one is added`);
    }
    const pods = measuredPods.filter((pod) => {
      return (serviceOfPod.get(pod) ?? (belongsTo(pod, workload.name) && name)) === name;
    });
    const limitCores = workload.cpuLimitCores ?? nodeCores;
    const cpu = completeSum(pods.map((pod) => coresOf(metrics, pod, limitCores)));
    return {
      name,
      kind: kindOf(operations, isOutside),
      workload,
      isOutside,
      pods: cpu?.meanPods ?? workload.replicas,
      cpuCores: cpu?.values ?? null,
      memoryBytes: memoryOf(metrics, pods, workload.memoryLimitBytes),
    };
  });
  return { services, invented, notes };
}

function kindOf(
  operations: readonly OperationStatistics[],
  isOutside: boolean,
): ServiceFacts['kind'] {
  if (operations.every(({ category }) => category === 'db')) return 'datastore';
  return isOutside ? 'external' : 'service';
}

/** By the Deployment its spans name, by its own name, or by the Service of its name. */
function findWorkload(
  service: string,
  objects: readonly KubernetesObject[],
  traces: TraceStatistics,
): WorkloadFacts | undefined {
  const workloads = workloadsOf(objects);
  const places = traces.places.filter((place) => place.service === service);
  for (const { workload, namespace } of places) {
    const found = workloads.find((one) => {
      return one.name === workload && (namespace === null || one.namespace === namespace);
    });
    if (found) return found;
  }
  const named = workloads.find(({ name }) => name === service);
  if (named) return named;
  const selector = objects.flatMap((object) => {
    const { spec } = object as { spec?: { selector?: Record<string, string> } };
    return object.kind === 'Service' && object.metadata?.name === service && spec?.selector
      ? [Object.entries(spec.selector)]
      : [];
  })[0];
  if (selector) {
    const behind = workloads.find(({ podLabels }) =>
      selector.every(([key, value]) => podLabels[key] === value),
    );
    if (behind) return behind;
  }
  const pods = places.map(({ pod }) => pod ?? '');
  return workloads.find(({ name }) => pods.some((pod) => belongsTo(pod, name)));
}

/** Pods of Deployments are called after them, with two further parts; those of StatefulSets one. */
function belongsTo(pod: string, workload: string): boolean {
  if (!pod.startsWith(`${workload}-`)) return false;
  return /^(\d+|[a-z0-9]+-[a-z0-9]{5})$/.test(pod.slice(workload.length + 1));
}

function podsWithMetrics(metrics: MetricFacts): string[] {
  return [
    ...new Set([
      ...metrics.podCpuCores.keys(),
      ...metrics.podCpuShare.keys(),
      ...metrics.podMemoryBytes.keys(),
      ...metrics.podMemoryShare.keys(),
    ]),
  ];
}

function coresOf(
  metrics: MetricFacts,
  pod: string,
  limitCores: number,
): WindowedValues | undefined {
  const cores = metrics.podCpuCores.get(pod);
  if (cores) return cores;
  return metrics.podCpuShare.get(pod)?.map((share) => share * limitCores);
}

/** Window by window over all pods; NaN where one that lives has no value. */
function completeSum(
  pods: readonly (WindowedValues | undefined)[],
): { values: WindowedValues; meanPods: number } | null {
  const known = pods.filter((values) => values !== undefined);
  if (known.length === 0) return null;
  const sum = addUp(known).slice();
  const alive = new Float64Array(sum.length);
  for (const values of known) {
    const first = values.findIndex((value) => !Number.isNaN(value));
    const last = values.findLastIndex((value) => !Number.isNaN(value));
    for (let w = Math.max(0, first); w <= last; w += 1) {
      alive[w] = (alive[w] as number) + 1;
      if (Number.isNaN(values[w])) sum[w] = Number.NaN;
    }
  }
  const meanPods = meanOf(alive.map((count) => (count > 0 ? count : Number.NaN)));
  return meanPods === null ? null : { values: sum, meanPods };
}

/** The median over pods of their median working set. */
function memoryOf(
  metrics: MetricFacts,
  pods: readonly string[],
  limitBytes: number | null,
): number | null {
  const medians = pods.flatMap((pod) => {
    const bytes = metrics.podMemoryBytes.get(pod);
    if (bytes) return [median(bytes)];
    const share = metrics.podMemoryShare.get(pod);
    return share && limitBytes !== null ? [median(share) * limitBytes] : [];
  });
  return medians.length > 0 ? median(medians) : null;
}

function hasService(
  { namespace, podLabels }: WorkloadFacts,
  objects: readonly KubernetesObject[],
): boolean {
  return objects.some((object) => {
    const { kind, metadata } = object;
    const { spec } = object as KindMap['Service'];
    const selector = kind === 'Service' ? Object.entries(spec?.selector ?? {}) : [];
    const isThere = selector.length > 0 && (metadata?.namespace ?? 'default') === namespace;
    return isThere && selector.every(([key, value]) => podLabels[key] === value);
  });
}

function inventService({ name, namespace, podLabels }: WorkloadFacts): KindMap['Service'] {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { ...podLabels }, ports: [{ port: 8080 }] },
  };
}

function inventWorkload(name: string): KubernetesObject[] {
  return renderWorkload({
    name,
    namespace: 'default',
    image: `${name}:unknown`,
    port: 8080,
    probe: 'tcp',
    startupMs: 5000,
    replicas: 1,
    cpuCores: fallbackCores,
    memoryBytes: fallbackBytes,
    autoscale: null,
    homeZone: null,
    callees: [],
  });
}

/** Services of all operations that get requests, callers first. */
export function servicesOf(order: readonly string[]): string[] {
  return [...new Set(order.map(serviceOfKey))];
}
