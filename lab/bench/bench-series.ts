import {
  type MetricsFrame,
  type SeriesDescriptor,
  scrapeIntervalMs,
} from '../../core/observable/index.ts';
import { createStream, median } from '../../core/tools/index.ts';
import {
  createDetector,
  findAnomalies,
  SeriesEnsemble,
  StateWriter,
} from '../../detectors/index.ts';
import { type BenchOptions, type BenchRow, row } from './bench-row.ts';

const columns = 100_000;
const warmUpFrames = 60;
const measuredFrames = 20;
/** Different values; frames come round again. */
const frameKinds = 8;

/**
 * Score and learn per point at 100,000 series, and the state that takes: the default stack as the
 * loop runs it, and the ensemble that it uses on series it knows nothing of, the latter with a
 * season of a whole week.
 */
export function measureSeries(options: BenchOptions): BenchRow[] {
  const stream = createStream(7, 'bench-series');
  const kinds = Array.from({ length: frameKinds }, () =>
    Float64Array.from({ length: columns }, () => 0.5 + 0.02 * stream.normal()),
  );
  return [...measureStack(options, kinds), ...measureEnsemble(options, kinds)];
}

function measureStack({ cpuMs }: BenchOptions, kinds: readonly Float64Array[]): BenchRow[] {
  const detector = createDetector('default', { seed: 7 });
  const series: SeriesDescriptor[] = Array.from({ length: columns }, (_, i) => ({
    signal: i % 2 ? 'latency_ms_p95' : 'cpu_utilization',
    component: i % 2 ? `service/s${i}` : `pod/default/p${i}`,
    labels: { service: `s${i}` },
  }));
  const tookMs = timeFrames(cpuMs, (frame) => {
    const values = kinds[frame % frameKinds] as Float64Array;
    const scraped: MetricsFrame = { atMs: frame * scrapeIntervalMs, index: { series }, values };
    findAnomalies(detector, scraped);
    detector.learn(scraped);
  });
  const rows = [row('detect_100k_ns_per_point', (tookMs * 1e6) / columns, 'ns', 'lower')];
  const bytes = detector.save?.().length;
  if (bytes !== undefined) rows.push(row('detect_100k_state_mb', bytes / 1e6, 'MB', 'lower'));
  return rows;
}

function measureEnsemble({ cpuMs }: BenchOptions, kinds: readonly Float64Array[]): BenchRow[] {
  const ensemble = new SeriesEnsemble();
  ensemble.grow(columns);
  const score = (atMs: number, values: Float64Array): void => {
    ensemble.moveTo(atMs);
    for (let i = 0; i < columns; i += 1) ensemble.surprise(i, values[i] as number);
    for (let i = 0; i < columns; i += 1) ensemble.learn(i, values[i] as number);
  };
  const tookMs = timeFrames(cpuMs, (frame) =>
    score(frame * scrapeIntervalMs, kinds[frame % frameKinds] as Float64Array),
  );
  for (let hour = 0; hour < 168; hour += 1) score(hour * 3_600_000, kinds[0] as Float64Array);
  const writer = new StateWriter();
  ensemble.writeState(writer);
  return [
    row('ensemble_100k_ns_per_point', (tookMs * 1e6) / columns, 'ns', 'lower'),
    row('ensemble_100k_week_state_mb', writer.bytes().length / 1e6, 'MB', 'lower'),
  ];
}

/** The median time of a frame after the warm-up, ms. */
function timeFrames(cpuMs: () => number, play: (frame: number) => void): number {
  const times: number[] = [];
  for (let frame = 0; frame < warmUpFrames + measuredFrames; frame += 1) {
    const startedMs = cpuMs();
    play(frame);
    if (frame >= warmUpFrames) times.push(cpuMs() - startedMs);
  }
  return median(times);
}
