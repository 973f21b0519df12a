import { type SignalName, signalCatalogue } from '../core/observable/index.ts';

/**
 * A metric of the condition language: a signal, and how the series of one entity become one number.
 */
export interface PolicyMetric {
  readonly name: string;
  readonly signal: SignalName;
  readonly scope: 'user' | 'service' | 'pod' | 'node';
  readonly reduce: 'mean' | 'max' | 'min';
  /** Policy files say percent where the signal is a ratio. */
  readonly isPercent: boolean;
  /** True or false: may stand without a comparison. */
  readonly isFlag: boolean;
}

/** Other names that policy files use. */
const synonyms: Readonly<Record<string, SignalName>> = {
  cpu_usage: 'cpu_utilization',
  memory_usage: 'memory_utilization',
  qps: 'request_rate',
};

const policyMetrics: ReadonlyMap<string, PolicyMetric> = new Map(
  listMetrics().map((metric) => [metric.name, metric]),
);

export const policyMetricNames: readonly string[] = [...policyMetrics.keys()];

/** The metric of that name; undefined when there is none. */
export function findPolicyMetric(name: string): PolicyMetric | undefined {
  return policyMetrics.get(name);
}

/** What the file's number is multiplied with to get the signal's. */
export function scaleOf(metric: PolicyMetric): number {
  return metric.isPercent ? 0.01 : 1;
}

function listMetrics(): PolicyMetric[] {
  const metrics = signalCatalogue.flatMap(({ name, scope }): PolicyMetric[] => {
    if (scope === 'edge' || scope === 'business') return [];
    const isPercent = name.endsWith('_utilization');
    return [{ name, signal: name, scope, reduce: reductionOf(name), isPercent, isFlag: false }];
  });
  for (const [name, signal] of Object.entries(synonyms)) {
    const original = metrics.find((metric) => metric.name === signal) as PolicyMetric;
    metrics.push({ ...original, name });
  }
  metrics.push({
    name: 'health_check_failed',
    signal: 'pod_ready',
    scope: 'pod',
    reduce: 'max',
    isPercent: false,
    isFlag: true,
  });
  return metrics;
}

/**
 * CPU is averaged over the pods as a HorizontalPodAutoscaler does; of everything else the worst pod
 * counts, since one pod out of memory is trouble whatever the others do.
 */
function reductionOf(name: SignalName): PolicyMetric['reduce'] {
  if (name === 'cpu_utilization' || name === 'cpu_throttled_ratio') return 'mean';
  return name === 'pod_ready' || name === 'replicas_ready' || name === 'node_ready' ? 'min' : 'max';
}
