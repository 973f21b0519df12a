import {
  type Diagnosis,
  type FaultClass,
  type HealerContext,
  type Incident,
  MetricHistory,
  type PodPlacement,
  type SeriesDescriptor,
} from '../../core/observable/index.ts';
import { testTopology } from './fake-cluster.ts';

const scrapeMs = 15_000;

/** Columns that the tests write; values not set are NaN. */
const columns: readonly SeriesDescriptor[] = [
  ...['web', 'cart', 'redis'].flatMap((service): SeriesDescriptor[] => [
    { signal: 'request_rate', component: `service/${service}`, labels: { service } },
    { signal: 'error_ratio', component: `service/${service}`, labels: { service } },
    { signal: 'replicas_ready', component: `service/${service}`, labels: { service } },
    { signal: 'replicas_desired', component: `service/${service}`, labels: { service } },
    ...[1, 2].flatMap((n): SeriesDescriptor[] => {
      const labels = { service, pod: `${service}-${n}`, release: `v${n}` };
      const component = `pod/shop/${service}-${n}`;
      return [
        { signal: 'cpu_utilization', component, labels },
        { signal: 'memory_utilization', component, labels },
        { signal: 'pod_ready', component, labels },
      ];
    }),
  ]),
];

/** `signal component` → value, or a function of the scrape's time. */
export type Series = Readonly<Record<string, number | ((atMs: number) => number)>>;

/** A history of scrapes from `fromMs` to `untilMs`. */
function historyOf(series: Series, untilMs: number, fromMs = -1_800_000): MetricHistory {
  const history = new MetricHistory();
  const index = { series: columns };
  for (let atMs = fromMs; atMs <= untilMs; atMs += scrapeMs) {
    const values = Float64Array.from(columns, ({ signal, component }) => {
      const value = series[`${signal} ${component}`];
      return typeof value === 'function' ? value(atMs) : (value ?? Number.NaN);
    });
    history.append({ atMs, index, values });
  }
  return history;
}

export function incidentOn(component: string, id = 'incident-1'): Incident {
  return {
    id,
    openedAtMs: 0,
    updatedAtMs: 0,
    closedAtMs: null,
    severity: 'critical',
    component,
    components: [component],
    anomalies: [],
    summary: [],
  };
}

export function diagnosisOf(
  suspects: readonly (readonly [component: string, faultClass: FaultClass, weight: number])[],
  incidentId = 'incident-1',
): Diagnosis {
  return {
    incidentId,
    atMs: 0,
    localizer: 'test',
    suspects: suspects.map(([component, faultClass, weight]) => ({
      component,
      faultClass,
      weight,
      why: '',
      suggestedActions: [],
    })),
  };
}

export function contextAt(
  atMs: number,
  parts: {
    series?: Series;
    incidents?: readonly Incident[];
    diagnoses?: readonly Diagnosis[];
    pods?: readonly PodPlacement[];
  } = {},
): HealerContext {
  return {
    atMs,
    topology: testTopology,
    pods: parts.pods ?? [],
    metrics: historyOf(parts.series ?? {}, atMs),
    incidents: parts.incidents ?? [],
    diagnoses: parts.diagnoses ?? [],
  };
}

export function placementOf(
  pod: string,
  service: string,
  node: string,
  release: string,
): PodPlacement {
  return {
    pod,
    namespace: 'shop',
    service,
    node,
    zone: testTopology.nodes.find(({ name }) => name === node)?.zone ?? '',
    release,
    ready: true,
    restartCount: 0,
    lastTerminationReason: null,
  };
}

/** A ConfigMap around rules given as YAML, indented as in a file. */
export function configMap(rules: string): string {
  const indented = rules
    .trim()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: test
data:
  policies.yaml: |
    policies:
${indented}
`;
}
