import type { MetricsFrame, Span } from '../../core/observable/index.ts';
import { quantileSorted } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import { describeTopology } from '../../scenarios/index.ts';
import { createTwin } from '../../sim/index.ts';
import type { FittedRates } from './fit-rates.ts';
import type { SpanPlace, SpanRecord } from './span-record.ts';
import { summariseTraces, type TraceStatistics } from './trace-statistics.ts';

export interface TwinRun {
  readonly seed: number;
  readonly minutes: number;
  readonly onProgress: (share: number) => void | Promise<void>;
}

export interface TwinObservation {
  readonly traces: TraceStatistics;
  /** Requests per second by service. */
  readonly requestsPerSec: ReadonlyMap<string, number>;
}

const warmUpMinutes = 10;
const minuteMs = 60_000;

/**
 * Runs the twin through the loads of the recording, from the lowest to the highest so that none
 * comes suddenly, warm-up first, and sums its telemetry up as that of a cluster.
 */
export async function observeTwin(
  fitted: { readonly spec: TwinSpec; readonly rates: FittedRates },
  run: TwinRun,
): Promise<TwinObservation> {
  const spec = underRecordedLoads(fitted, run.minutes);
  const twin = createTwin({
    spec,
    topology: describeTopology(spec),
    seed: run.seed,
    startMs: -warmUpMinutes * minuteMs,
    telemetry: true,
  });
  const records: SpanRecord[] = [];
  const frames: MetricsFrame[] = [];
  const toRecord = createRecorder();
  for (let minute = 1 - warmUpMinutes; minute <= run.minutes; minute += 1) {
    const telemetry = await twin.advance(minute * minuteMs);
    if (minute > 0) {
      for (const span of telemetry.spans) records.push(toRecord(span));
      frames.push(...telemetry.frames);
    }
    await run.onProgress((minute + warmUpMinutes) / (run.minutes + warmUpMinutes));
  }
  return { traces: summariseTraces(records), requestsPerSec: requestRates(frames) };
}

/**
 * Queues are longer at high loads than they are shorter at low ones, so the mean load will not do.
 */
function underRecordedLoads(
  { spec, rates }: { readonly spec: TwinSpec; readonly rates: FittedRates },
  minutes: number,
): TwinSpec {
  const seen = rates.totalByWindow.filter((rate) => !Number.isNaN(rate)).sort();
  if (seen.length === 0) return { ...spec, workload: { ...spec.workload, dailySwing: 0 } };
  const requestsPerSec = Array.from({ length: minutes }, (_, minute) =>
    quantileSorted(seen, (minute + 0.5) / minutes),
  );
  const recording = { startMs: minuteMs / 2, stepMs: minuteMs, requestsPerSec };
  return { ...spec, workload: { ...spec.workload, recording } };
}

/** Spans of the twin as a file would have brought them, places shared. */
function createRecorder(): (span: Span) => SpanRecord {
  const places = new Map<string, SpanPlace>();
  return ({ resource, kind, attributes, status, ...span }) => {
    const { service, pod, node, zone, release } = resource;
    const key = `${service} ${pod}`;
    const known = places.get(key);
    const place = known ?? { service, pod, node, zone, release, namespace: null, workload: null };
    if (!known) places.set(key, place);
    const peer = String(attributes['peer.service'] ?? '');
    const call = {
      peer,
      category: 'cpu',
      statement: null,
      resend: Number(attributes['http.request.resend_count'] ?? 0),
      timedOut: false,
    } as const;
    return {
      ...span,
      kind,
      place,
      failed: status === 'error',
      call: kind === 'client' ? call : null,
    };
  };
}

function requestRates(frames: readonly MetricsFrame[]): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { index, values } of frames) {
    index.series.forEach(({ signal, labels }, column) => {
      const value = values[column];
      if (signal !== 'request_rate' || value === undefined || Number.isNaN(value)) return;
      const known = sums.get(labels.service as string) ?? { sum: 0, count: 0 };
      known.sum += value;
      known.count += 1;
      sums.set(labels.service as string, known);
    });
  }
  return new Map([...sums].map(([service, { sum, count }]) => [service, sum / count]));
}
