import {
  type MetricsFrame,
  type SeriesDescriptor,
  scrapeIntervalMs,
} from '../../core/observable/index.ts';
import { createStream, median } from '../../core/tools/index.ts';
import { createDetector, findAnomalies } from '../../detectors/index.ts';
import { createHealer, Guard } from '../../healers/index.ts';
import { createLocalizer } from '../../rca/index.ts';
import {
  describeTopology,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';
import { createTwin, type Twin } from '../../sim/index.ts';
import { HealingLoop } from '../loop.ts';
import { measureForests } from './bench-forests.ts';
import { measureLogs } from './bench-logs.ts';
import { type BenchOptions, type BenchRow, row } from './bench-row.ts';
import { measureScale } from './bench-scale.ts';
import { measureSeries } from './bench-series.ts';

const warmUpMs = 1_200_000;
const measuredMs = 1_800_000;
const keep = { faults: 'keep', telemetry: true } as const;

type Measure = (options: BenchOptions) => Promise<BenchRow[]>;

/** What can be measured, each best in a process of its own; a measurement gives one row or more. */
const measurements: ReadonlyMap<string, Measure> = new Map<string, Measure>([
  ['full_loop', measureFullLoop],
  ['telemetry', measureTelemetry],
  ['detection', async (options) => [measureDetection(options)]],
  ['detection_100k', async (options) => measureSeries(options)],
  ['forests', async (options) => measureForests(options)],
  ['logs', async (options) => measureLogs(options)],
  ['episodes', measureEpisodes],
  ['series_1k', (options) => measureScale('series_1k', 24, options)],
  ['series_10k', (options) => measureScale('series_10k', 230, options)],
  ['series_100k', (options) => measureScale('series_100k', 2300, options)],
]);

export const benchMeasurements: readonly string[] = [...measurements.keys()];

/** One measurement on one core; a figure is the median of its repeats. */
export async function runBench(name: string, options: BenchOptions): Promise<BenchRow[]> {
  const measure = measurements.get(name);
  return measure ? measure(options) : [];
}

/** The time of each of so many runs, ms; what `prepare` makes is not part of it. */
async function timeEach<T>(
  { cpuMs }: BenchOptions,
  repeats: number,
  steps: { prepare: () => T | Promise<T>; run: (prepared: T) => unknown },
): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i += 1) {
    const prepared = await steps.prepare();
    const startedMs = cpuMs();
    await steps.run(prepared);
    times.push(cpuMs() - startedMs);
  }
  return median(times);
}

function zoneFailure(telemetry: boolean): Twin {
  const scenario = loadScenario('zone_failure');
  const spec = loadTopology(scenario.topology, { workload: scenario.workload });
  const twin = createTwin({
    spec,
    topology: describeTopology(spec),
    seed: 7,
    startMs: -warmUpMs,
    telemetry,
  });
  twin.schedule(resolveEpisode(scenario, 7, spec).faults);
  return twin;
}

/**
 * Metrics, logs, traces, detection, diagnosis and healing over half an hour; warm-up not counted.
 */
async function measureFullLoop(options: BenchOptions): Promise<BenchRow[]> {
  const { policies } = options;
  const play = async (loop: HealingLoop, fromMs: number, untilMs: number): Promise<void> => {
    const stepMs = scrapeIntervalMs;
    for (let atMs = fromMs + stepMs; atMs <= untilMs; atMs += stepMs) await loop.advance(atMs);
  };
  const tookMs = await timeEach(options, 3, {
    prepare: async () => {
      const loop = new HealingLoop({
        world: zoneFailure(true),
        detector: createDetector('default', { seed: 7 }),
        localizer: createLocalizer('combined'),
        healer: createHealer('policy', { policies, seed: 7 }),
        guard: new Guard({ policies }),
        beforeActions: () => {},
      });
      await play(loop, -warmUpMs, 0);
      return loop;
    },
    run: (loop) => play(loop, 0, measuredMs),
  });
  return [row('full_loop_real_time_factor', measuredMs / tookMs, 'x', 'higher')];
}

async function measureTelemetry(options: BenchOptions): Promise<BenchRow[]> {
  const twin = zoneFailure(true);
  await twin.advance(0);
  const forks = 100;
  const forkMs = await timeEach(options, 5, {
    prepare: () => {},
    run: () => {
      for (let i = 0; i < forks; i += 1) twin.fork(keep);
    },
  });
  const tookMs = await timeEach(options, 5, {
    prepare: () => {},
    run: () => twin.fork(keep).advance(measuredMs),
  });
  return [
    row('telemetry_real_time_factor', measuredMs / tookMs, 'x', 'higher'),
    row('warm_half_hour_s', tookMs / 1000, 's', 'lower'),
    row('fork_ms', forkMs / forks, 'ms', 'lower'),
  ];
}

/** Score and learn of the default stack, per point, on 600 columns. */
function measureDetection({ cpuMs }: BenchOptions): BenchRow {
  const detector = createDetector('default', { seed: 7 });
  const stream = createStream(7, 'bench');
  const columns = 600;
  const series: SeriesDescriptor[] = Array.from({ length: columns }, (_, i) => ({
    signal: i % 2 ? 'latency_ms_p95' : 'cpu_utilization',
    component: i % 2 ? `service/s${i}` : `pod/default/p${i}`,
    labels: { service: `s${i}` },
  }));
  const frames = Array.from(
    { length: 1000 },
    (_, t): MetricsFrame => ({
      atMs: (t - 100) * scrapeIntervalMs,
      index: { series },
      values: Float64Array.from({ length: columns }, () => 0.5 + 0.02 * stream.normal()),
    }),
  );
  const times: number[] = [];
  for (let from = 100; from < frames.length; from += 300) {
    const startedMs = cpuMs();
    for (const frame of frames.slice(from, from + 300)) {
      findAnomalies(detector, frame);
      detector.learn(frame);
    }
    times.push(cpuMs() - startedMs);
  }
  return row('detect_ns_per_point', (median(times) * 1e6) / (300 * columns), 'ns', 'lower');
}

/** Truth-only episodes of ten minutes from a warm fork, as learning and oracles play them. */
async function measureEpisodes(options: BenchOptions): Promise<BenchRow[]> {
  const twin = zoneFailure(false);
  await twin.advance(0);
  const tookMs = await timeEach(options, 11, {
    prepare: () => {},
    run: () => twin.fork({ faults: 'keep', telemetry: false }).advance(600_000),
  });
  return [row('episodes_per_min', 60_000 / tookMs, '1/min', 'higher')];
}
