import {
  type ChangeEvent,
  type ComponentId,
  type Evidence,
  type Incident,
  type LogRecord,
  MetricHistory,
  type Span,
} from '../../core/observable/index.ts';
import { faultFree, type Happening, SmallShop, scrapeMs } from './small-shop.ts';
import { topology } from './small-shop-plan.ts';

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
