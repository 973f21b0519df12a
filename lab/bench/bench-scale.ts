import { median } from '../../core/tools/index.ts';
import { createDetector, findAnomalies } from '../../detectors/index.ts';
import { describeTopology, loadTopology } from '../../scenarios/index.ts';
import { createTwin, type Twin } from '../../sim/index.ts';
import { type BenchOptions, type BenchRow, row } from './bench-row.ts';

const warmUpMs = 1_200_000;
const measuredMs = 1_800_000;
const stirredMs = 120_000;

/**
 * Generation and default detection of a generated topology, every scrape, after a warm-up of twenty
 * minutes: half an hour as it comes, with everyday happenings, and two minutes in which a service
 * gets slower and slower, so that every second of the flow is played.
 */
export async function measureScale(
  name: string,
  services: number,
  { cpuMs, wallMs, peakRssMb }: BenchOptions,
): Promise<BenchRow[]> {
  const spec = loadTopology(`generated:${services}`);
  const topology = describeTopology(spec);
  const startedMs = cpuMs();
  const twin = createTwin({ spec, topology, seed: 7, startMs: -warmUpMs, telemetry: true });
  const createMs = cpuMs() - startedMs;
  const watched = new WatchedTwin(twin, cpuMs);
  await watched.advance(0);
  const beganMs = wallMs();
  const scrapeMs = await watched.advance(measuredMs);
  const waitedMs = wallMs() - beganMs;
  const tookMs = scrapeMs.reduce((sum, ms) => sum + ms, 0);
  const pods = await twin.cluster.list('Pod');
  const podSeconds = ((pods.ok ? pods.object.length : 0) * measuredMs) / 1000;
  twin.schedule([
    {
      kind: 'slow_work',
      target: `service/${spec.services[0]?.name}`,
      startMs: twin.nowMs,
      durationMs: null,
      parameters: { cause: 'growing_heap', stallShare: 0.1, stallMs: 5, rampMs: 2 * stirredMs },
      faultClass: null,
    },
  ]);
  const stirredScrapeMs = await watched.advance(measuredMs + stirredMs);
  return [
    row(`${name}_count`, watched.series, 'series', 'higher'),
    row(`${name}_real_time_factor`, measuredMs / tookMs, 'x', 'higher'),
    row(`${name}_real_time_factor_by_clock`, measuredMs / waitedMs, 'x', 'higher'),
    row(`${name}_ns_per_pod_second`, (tookMs * 1e6) / podSeconds, 'ns', 'lower'),
    row(`${name}_scrape_ms`, median(scrapeMs), 'ms', 'lower'),
    row(`${name}_stirred_scrape_ms`, median(stirredScrapeMs), 'ms', 'lower'),
    row(`${name}_create_ms`, createMs, 'ms', 'lower'),
    row(`${name}_rss_mb`, peakRssMb(), 'MB', 'lower'),
  ];
}

/** A twin whose frames a default detector scores and learns as they come. */
class WatchedTwin {
  readonly #twin: Twin;
  readonly #cpuMs: () => number;
  readonly #detector = createDetector('default', { seed: 7 });
  /** Columns of the last frame. */
  series = 0;

  constructor(twin: Twin, cpuMs: () => number) {
    this.#twin = twin;
    this.#cpuMs = cpuMs;
  }

  /** Plays on; answers what each scrape took, ms. */
  async advance(untilMs: number): Promise<number[]> {
    const times: number[] = [];
    while (this.#twin.nowMs < untilMs) {
      const startedMs = this.#cpuMs();
      const { frames } = await this.#twin.advance(this.#twin.nowMs + this.#twin.scrapeIntervalMs);
      for (const frame of frames) {
        this.series = frame.values.length;
        findAnomalies(this.#detector, frame);
        this.#detector.learn(frame);
      }
      times.push(this.#cpuMs() - startedMs);
    }
    return times;
  }
}
