import { type Span, scrapeIntervalMs } from '../../../core/observable/index.ts';
import {
  createDetector,
  findAnomalies,
  IncidentTracker,
  RestartWatch,
} from '../../../detectors/index.ts';
import {
  describeTopology,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../../scenarios/index.ts';
import { createTwin, type Twin } from '../../../sim/index.ts';

/** Requests traced per scrape: five times what runs trace, so that one in a hundred is two. */
const tracesPerScrapeUsual = 200;
/** Traces before the fault, from which samplers learn what is usual. */
const leadMs = 15 * 60_000;
/** Traces after the fault began. */
const tailMs = 15 * 60_000;
/** The stack hears of metrics for this long before the traces begin. */
const metricsLeadMs = 15 * 60_000;

/** One scrape of the world with the fault, and of the one without. */
export interface PairedScrape {
  readonly atMs: number;
  readonly spans: readonly Span[];
  /** Of the world without the fault; null before the fault, where both are one. */
  readonly paired: readonly Span[] | null;
  /** Services of incidents that the default stack has open. */
  readonly suspects: ReadonlySet<string>;
  /** Pods whose restart count rose. */
  readonly restarted: ReadonlySet<string>;
}

/** A trial of the benchmark. */
export interface Trial {
  readonly scenario: string;
  readonly seed: number;
  /** 200 unless given, below 4,096. */
  readonly tracesPerScrape?: number;
}

/** Plays a scenario open loop beside the same world without its faults; null where it has none. */
export async function* playPair({
  scenario: id,
  seed,
  tracesPerScrape = tracesPerScrapeUsual,
}: Trial): AsyncGenerator<PairedScrape> {
  const scenario = loadScenario(id);
  const spec = loadTopology(scenario.topology, { workload: scenario.workload });
  const topology = describeTopology(spec);
  const { faults, ambient, worldSeed } = resolveEpisode(scenario, seed, spec);
  const firstMs = Math.min(...faults.map(({ startMs }) => startMs));
  if (!Number.isFinite(firstMs)) return;
  const forkMs = Math.floor(firstMs / scrapeIntervalMs) * scrapeIntervalMs;
  const endMs = Math.min(scenario.durationMs, forkMs + tailMs);
  const fromMs = Math.max(-scenario.warmUpMs, forkMs - leadMs - metricsLeadMs);
  const quiet = createTwin({
    spec,
    topology,
    seed: worldSeed,
    startMs: -scenario.warmUpMs,
    telemetry: false,
    tracesPerScrape,
    pairedWalks: true,
  });
  quiet.schedule([...ambient, ...faults]);
  await quiet.advance(fromMs);
  const faulty = quiet.fork({ faults: 'keep', telemetry: true });
  const stack = new OpenLoop(faulty);
  while (faulty.nowMs < forkMs) {
    const seen = await stack.step();
    if (faulty.nowMs > forkMs - leadMs) yield { atMs: faulty.nowMs, ...seen, paired: null };
  }
  const sound = faulty.fork({ faults: 'drop', telemetry: true });
  while (faulty.nowMs < endMs) {
    const seen = await stack.step();
    const { spans: paired } = await sound.advance(faulty.nowMs);
    yield { atMs: faulty.nowMs, ...seen, paired };
  }
}

/** The default stack's detection over a twin, without healing. */
class OpenLoop {
  readonly #twin: Twin;
  readonly #detector = createDetector('default', { seed: 1 });
  readonly #tracker: IncidentTracker;
  readonly #restarts = new RestartWatch();
  /** The component each open incident is filed under. */
  readonly #open = new Map<string, string>();

  constructor(twin: Twin) {
    this.#twin = twin;
    this.#tracker = new IncidentTracker(twin.topology);
  }

  async step(): Promise<Pick<PairedScrape, 'spans' | 'suspects' | 'restarted'>> {
    const { spans, frames } = await this.#twin.advance(this.#twin.nowMs + scrapeIntervalMs);
    const restarted = new Set<string>();
    for (const frame of frames) {
      for (const pod of this.#restarts.observe(frame)) restarted.add(pod);
      const anomalies = findAnomalies(this.#detector, frame);
      this.#detector.learn(frame);
      for (const { type, incident } of this.#tracker.observe(frame.atMs, anomalies, frame)) {
        if (type === 'closed') this.#open.delete(incident.id);
        else this.#open.set(incident.id, incident.component);
      }
    }
    const services = [...this.#open.values()].filter((id) => id.startsWith('service/'));
    const suspects = new Set(services.map((id) => id.slice('service/'.length)));
    return { spans, suspects, restarted };
  }
}
