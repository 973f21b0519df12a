import type { MetricsFrame, SeriesDescriptor } from '../core/observable/index.ts';
import { createStream } from '../core/tools/index.ts';
import {
  createDetector,
  findAnomalies,
  IsolationForest,
  MlIsolationForest,
} from '../detectors/index.ts';
import { createHealer, Guard, type PolicySet } from '../healers/index.ts';
import { createLocalizer } from '../rca/index.ts';
import {
  describeTopology,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../scenarios/index.ts';
import { createTwin, type Twin } from '../sim/index.ts';
import { HealingLoop } from './loop.ts';

/** One line of `npm run bench -- --json`. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
}

export interface BenchOptions {
  readonly clockMs: () => number;
  readonly policies: PolicySet;
}

const warmUpMs = 1_200_000;
const measuredMs = 1_800_000;

/** Measures the lab on `zone_failure` of online_boutique, one core. */
export async function runBench(options: BenchOptions): Promise<BenchRow[]> {
  const full = await measureFullLoop(options);
  const telemetry = await measureTelemetry(options);
  return [
    row('full_loop_real_time_factor', full, 'x', 'higher'),
    row('telemetry_real_time_factor', telemetry.realTimeFactor, 'x', 'higher'),
    row('fork_ms', telemetry.forkMs, 'ms', 'lower'),
    row('detect_ns_per_point', measureDetection(options), 'ns', 'lower'),
    row('iforest_fit_speedup', measureForests(options), 'x', 'higher'),
    row('episodes_per_min', await measureEpisodes(options), '1/min', 'higher'),
  ];
}

function row(name: string, value: number, unit: string, better: BenchRow['better']): BenchRow {
  return { name, value: Number(value.toPrecision(4)), unit, better };
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

function createLoop(twin: Twin, policies: PolicySet): HealingLoop {
  return new HealingLoop({
    world: twin,
    detector: createDetector('default', { seed: 7 }),
    localizer: createLocalizer('combined'),
    healer: createHealer('policy', { policies, seed: 7 }),
    guard: new Guard({ policies }),
    beforeActions: () => {},
  });
}

/** Metrics, logs, traces, detection, diagnosis and healing over half an hour; warm-up not counted. */
async function measureFullLoop({ clockMs, policies }: BenchOptions): Promise<number> {
  const twin = zoneFailure(true);
  const loop = createLoop(twin, policies);
  for (let atMs = twin.nowMs; atMs < 0; ) {
    atMs += twin.scrapeIntervalMs;
    await loop.advance(atMs);
  }
  const startedMs = clockMs();
  for (let atMs = 0; atMs < measuredMs; ) {
    atMs += twin.scrapeIntervalMs;
    await loop.advance(atMs);
  }
  return measuredMs / (clockMs() - startedMs);
}

async function measureTelemetry({
  clockMs,
}: BenchOptions): Promise<{ realTimeFactor: number; forkMs: number }> {
  const twin = zoneFailure(true);
  await twin.advance(0);
  const forks = 20;
  let startedMs = clockMs();
  for (let i = 0; i < forks; i += 1) twin.fork({ faults: 'keep', telemetry: false });
  const forkMs = (clockMs() - startedMs) / forks;
  startedMs = clockMs();
  await twin.advance(measuredMs);
  return { realTimeFactor: measuredMs / (clockMs() - startedMs), forkMs };
}

/** Score and learn of the default stack, per point, on 600 columns. */
function measureDetection({ clockMs }: BenchOptions): number {
  const detector = createDetector('default', { seed: 7 });
  const stream = createStream(7, 'bench');
  const columns = 600;
  const series: SeriesDescriptor[] = Array.from({ length: columns }, (_, i) => ({
    signal: i % 2 ? 'latency_ms_p95' : 'cpu_utilization',
    component: i % 2 ? `service/s${i}` : `pod/default/p${i}`,
    labels: { service: `s${i}` },
  }));
  const frames = Array.from(
    { length: 400 },
    (_, t): MetricsFrame => ({
      atMs: (t - 100) * 15_000,
      index: { series },
      values: Float64Array.from({ length: columns }, () => 0.5 + 0.02 * stream.normal()),
    }),
  );
  let startedMs = 0;
  frames.forEach((frame, t) => {
    if (t === 100) startedMs = clockMs();
    findAnomalies(detector, frame);
    detector.learn(frame);
  });
  return ((clockMs() - startedMs) * 1e6) / (300 * columns);
}

/** Fit time of ml-isolation-forest over ours, 2,000 rows of 8. */
function measureForests({ clockMs }: BenchOptions): number {
  const stream = createStream(7, 'bench-forest');
  const rows = Float64Array.from({ length: 2000 * 8 }, () => stream.normal());
  const time = (train: () => void): number => {
    const startedMs = clockMs();
    train();
    return clockMs() - startedMs;
  };
  const ours = time(() => new IsolationForest({ seed: 7 }).train(rows, 8));
  return time(() => new MlIsolationForest({ seed: 7 }).train(rows, 8)) / ours;
}

/** Truth-only episodes of ten minutes from a warm fork, as learning and oracles play them. */
async function measureEpisodes({ clockMs }: BenchOptions): Promise<number> {
  const twin = zoneFailure(false);
  await twin.advance(0);
  const episodes = 10;
  const startedMs = clockMs();
  for (let i = 0; i < episodes; i += 1) {
    await twin.fork({ faults: 'keep', telemetry: false }).advance(600_000);
  }
  return (episodes * 60_000) / (clockMs() - startedMs);
}
