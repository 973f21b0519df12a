import {
  type MetricsFrame,
  type SignalName,
  scrapeIntervalMs,
} from '../../core/observable/index.ts';
import { quantile } from '../../core/tools/index.ts';
import type { TwinSpec, WorkloadSpec } from '../../core/truth/index.ts';
import { describeTopology, loadTopology } from '../../scenarios/index.ts';
import { createTwin } from '../../sim/index.ts';
import type { RecordedSet, SignalGroup, Window } from './window.ts';

/** A healthy run to compare with recordings. */
export interface HealthyRun {
  readonly topology: string;
  readonly seed: number;
  readonly workload: Partial<WorkloadSpec>;
  /** Only what users talk to: demand does not depend on what lies behind. */
  readonly isDoorOnly: boolean;
  readonly runMs: number;
}

/** One series of a healthy run at every scrape. */
interface GeneratedSeries {
  readonly group: SignalGroup;
  readonly entity: string;
  readonly signal: SignalName;
  readonly component: string;
  readonly values: Float64Array;
}

const hourMs = 3_600_000;
const hoursPerWeek = 168;
const warmUpMs = 1_200_000;
const stretchMs = 900_000;
/** More windows per series than recordings have runs would only cost time. */
const windowsPerSeriesMax = 50;

const groups: Readonly<Partial<Record<SignalName, SignalGroup>>> = {
  request_rate: 'request rate',
  latency_ms_p50: 'latency',
  latency_ms_p95: 'latency',
  latency_ms_p99: 'latency',
  error_ratio: 'error ratio',
  cpu_utilization: 'cpu',
  node_cpu_utilization: 'host cpu',
  memory_utilization: 'memory',
};

/** A topology in good health, as a monitoring system would have stored it. */
export async function playHealthy(
  { topology, seed, workload, isDoorOnly, runMs }: HealthyRun,
  onProgress: (share: number) => void,
): Promise<readonly GeneratedSeries[]> {
  const whole = loadTopology(topology);
  const loaded = { ...whole, workload: { ...whole.workload, ...workload } };
  const spec = isDoorOnly ? doorOf(loaded) : loaded;
  // Recordings of demand begin at any hour of a week.
  const fromMs = isDoorOnly ? ((seed * 29) % hoursPerWeek) * hourMs : 0;
  const twin = createTwin({
    spec,
    topology: describeTopology(spec),
    seed,
    startMs: fromMs - warmUpMs,
    telemetry: true,
    tracesPerScrape: 0,
  });
  await twin.advance(fromMs);
  const recorder = new Recorder(
    isDoorOnly ? `seed ${seed}` : topology,
    fromMs,
    runMs / scrapeIntervalMs,
  );
  for (let playedMs = stretchMs; playedMs <= runMs; playedMs += stretchMs) {
    const { frames } = await twin.advance(fromMs + playedMs);
    for (const frame of frames) recorder.store(frame);
    onProgress(playedMs / runMs);
  }
  return recorder.series;
}

/** The services that users talk to, calling nobody. */
function doorOf(spec: TwinSpec): TwinSpec {
  const doors = new Set(spec.journeys.map(({ service }) => service));
  const behind = spec.services.filter(({ name }) => !doors.has(name));
  const gone = new Set(behind.map(({ workload }) => workload));
  return {
    ...spec,
    objects: spec.objects.filter(({ metadata }) => !gone.has(metadata?.name ?? '')),
    services: spec.services
      .filter(({ name }) => doors.has(name))
      .map((service) => ({
        ...service,
        operations: service.operations.map((operation) => ({ ...operation, calls: [] })),
      })),
  };
}

/** Keeps the columns that recordings have too. */
class Recorder {
  readonly #system: string;
  readonly #fromMs: number;
  readonly #scrapes: number;
  readonly #byColumn = new Map<number, GeneratedSeries>();

  constructor(system: string, fromMs: number, scrapes: number) {
    this.#system = system;
    this.#fromMs = fromMs;
    this.#scrapes = scrapes;
  }

  get series(): readonly GeneratedSeries[] {
    return [...this.#byColumn.values()];
  }

  store(frame: MetricsFrame): void {
    const { atMs, index } = frame;
    const at = (atMs - this.#fromMs) / scrapeIntervalMs - 1;
    for (let column = 0; column < frame.values.length; column += 1) {
      const { signal, component, labels } = index.series[column] as (typeof index.series)[number];
      const group = groups[signal];
      if (!group) continue;
      let series = this.#byColumn.get(column);
      if (!series) {
        const entity = `${this.#system}/${labels.service ?? labels.node ?? ''}`;
        const values = new Float64Array(this.#scrapes).fill(Number.NaN);
        series = { group, entity, signal, component, values };
        this.#byColumn.set(column, series);
      }
      series.values[at] = frame.values[column] as number;
    }
  }
}

/** Cuts generated series into windows that are observed as the recordings of a set were. */
export function observeLike(
  { stepMs, points, trailing, isCounted }: RecordedSet,
  all: readonly GeneratedSeries[],
): Window[] {
  return all.flatMap((series) => {
    const { group, entity, values } = series;
    const smooth = averageTrailing(values, trailing[group] ?? 1);
    const joined = joinBlocks(smooth, stepMs / scrapeIntervalMs, blockLevel(series, all));
    const isCount = isCounted && group === 'request rate';
    const coarse = isCount ? joined.map((rate) => Math.round((rate * stepMs) / 1000)) : joined;
    // A pod's series begins and ends with it; what lies outside is no gap.
    const first = coarse.findIndex((value) => !Number.isNaN(value));
    const last = coarse.findLastIndex((value) => !Number.isNaN(value));
    const fitting = first < 0 ? 0 : Math.floor((last + 1 - first) / points);
    const count = Math.min(fitting, windowsPerSeriesMax);
    return Array.from({ length: count }, (_, i): Window => {
      const from = first + Math.floor((i * fitting) / count) * points;
      return { group, entity, values: coarse.slice(from, from + points) };
    });
  });
}

const quantiles: Readonly<Partial<Record<SignalName, number>>> = {
  latency_ms_p95: 0.95,
  latency_ms_p99: 0.99,
};

/**
 * At which level among its scrapes a quantile over a longer time lies: with many requests per
 * scrape in the middle, with few among the highest (the p99 of 300 requests is the third largest of
 * 20 scrapes' largest). Null: the mean will do.
 */
function blockLevel(
  { signal, component }: GeneratedSeries,
  all: readonly GeneratedSeries[],
): number | null {
  const q = quantiles[signal];
  const rate = all.find((one) => one.signal === 'request_rate' && one.component === component);
  if (q === undefined || !rate) return null;
  const beyond = ((1 - q) * meanOfRecorded(rate.values) * scrapeIntervalMs) / 1000;
  return beyond < 0.5 ? 1 - beyond : null;
}

/** Means of the last `length` points that were recorded, as a rate over a longer time is. */
function averageTrailing(values: Float64Array, length: number): Float64Array {
  if (length === 1) return values;
  return values.map((_, i) => meanOfRecorded(values.subarray(Math.max(0, i - length + 1), i + 1)));
}

function joinBlocks(values: Float64Array, length: number, level: number | null): Float64Array {
  if (length === 1) return values;
  return Float64Array.from({ length: Math.floor(values.length / length) }, (_, i) => {
    const block = values.subarray(i * length, (i + 1) * length);
    return level === null ? meanOfRecorded(block) : quantile(block, level);
  });
}

/** NaN when nothing was recorded. */
function meanOfRecorded(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}
