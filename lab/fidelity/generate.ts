import type { MetricsFrame, SignalName } from '../../core/observable/index.ts';
import { quantile } from '../../core/tools/index.ts';
import { describeTopology, loadTopology } from '../../scenarios/index.ts';
import { createTwin } from '../../sim/index.ts';
import type { RecordedSet, SignalGroup, Window } from './window.ts';

/** A healthy run to compare with recordings. */
export interface HealthyRun {
  readonly topology: string;
  readonly seed: number;
}

/** One series of a healthy run at every scrape. */
interface GeneratedSeries {
  readonly group: SignalGroup;
  readonly entity: string;
  readonly signal: SignalName;
  readonly component: string;
  readonly values: Float64Array;
}

const scrapeMs = 15_000;
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

/** A topology in good health under a set's load, as a monitoring system would have stored it. */
export async function playHealthy(
  { topology, seed }: HealthyRun,
  { load, runMs }: RecordedSet,
  onProgress: (share: number) => void,
): Promise<readonly GeneratedSeries[]> {
  const spec = loadTopology(topology, load ? { workload: load } : {});
  const twin = createTwin({
    spec,
    topology: describeTopology(spec),
    seed,
    startMs: -warmUpMs,
    telemetry: true,
    tracesPerScrape: 0,
  });
  await twin.advance(0);
  const recorder = new Recorder(topology, runMs / scrapeMs);
  for (let untilMs = stretchMs; untilMs <= runMs; untilMs += stretchMs) {
    const { frames } = await twin.advance(untilMs);
    for (const frame of frames) recorder.store(frame);
    onProgress(untilMs / runMs);
  }
  return recorder.series;
}

/** Keeps the columns that recordings have too. */
class Recorder {
  readonly #topology: string;
  readonly #scrapes: number;
  readonly #byColumn = new Map<number, GeneratedSeries>();

  constructor(topology: string, scrapes: number) {
    this.#topology = topology;
    this.#scrapes = scrapes;
  }

  get series(): readonly GeneratedSeries[] {
    return [...this.#byColumn.values()];
  }

  store(frame: MetricsFrame): void {
    const { atMs, index } = frame;
    const at = atMs / scrapeMs - 1;
    for (let column = 0; column < frame.values.length; column += 1) {
      const { signal, component, labels } = index.series[column] as (typeof index.series)[number];
      const group = groups[signal];
      if (!group) continue;
      let series = this.#byColumn.get(column);
      if (!series) {
        const entity = `${this.#topology}/${labels.service ?? labels.node ?? ''}`;
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
  { stepMs, points, trailing }: RecordedSet,
  all: readonly GeneratedSeries[],
): Window[] {
  return all.flatMap((series) => {
    const { group, entity, values } = series;
    const smooth = averageTrailing(values, trailing[group] ?? 1);
    const coarse = joinBlocks(smooth, stepMs / scrapeMs, blockLevel(series, all));
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
 * At which level among its scrapes a quantile over a longer time lies: with many requests per scrape
 * in the middle, with few among the highest (the p99 of 300 requests is the third largest of 20
 * scrapes' largest). Null: the mean will do.
 */
function blockLevel(
  { signal, component }: GeneratedSeries,
  all: readonly GeneratedSeries[],
): number | null {
  const q = quantiles[signal];
  const rate = all.find((one) => one.signal === 'request_rate' && one.component === component);
  if (q === undefined || !rate) return null;
  const beyond = ((1 - q) * meanOfRecorded(rate.values) * scrapeMs) / 1000;
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
