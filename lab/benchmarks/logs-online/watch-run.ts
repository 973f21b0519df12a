import type { Detector, Telemetry, Topology } from '../../../core/observable/index.ts';
import {
  createDetector,
  findAnomalies,
  IncidentTracker,
  LogWatcher,
} from '../../../detectors/index.ts';
import { loadScenario, resolveEpisode } from '../../../scenarios/index.ts';
import { findUserOnset } from '../../ground-truth.ts';
import { measureTolerances } from '../../tolerance.ts';
import { WarmWorlds } from '../../warm-worlds.ts';

/** One run to be watched, as it is sent to a worker. */
export interface WatchRequest {
  readonly scenario: string;
  readonly seed: number;
}

/** What logs and metrics had to say about one unhealed run. */
export interface WatchedRun {
  readonly scenario: string;
  readonly isFaulty: boolean;
  /** From the first fault to when users felt it; null when they did not. */
  readonly onsetMs: number | null;
  /** From the first fault to the first incident from metrics; null without one. */
  readonly metricsMs: number | null;
  /** From the first fault to each detector's first word on any, and on a faulty, component. */
  readonly logsMs: Readonly<Record<string, number>>;
  readonly rightLogsMs: Readonly<Record<string, number>>;
  /** Measured hours in which nothing was wrong, and each detector's alarms in them. */
  readonly healthyHours: number;
  readonly falseAlarms: Readonly<Record<string, number>>;
}

/** Logs are learnt from this long before the run. */
const learningMs = 1_200_000;
/** Runs are watched for so long after their first fault begins. */
const afterMs = 900_000;
const healthyMs = 3_600_000;
const hourMs = 3_600_000;
/** Words of one detector within this time are one alarm. */
const sameAlarmMs = 600_000;

/** Watches one run after the other, on worlds that it keeps for the next. */
export function createWatcher(): (request: WatchRequest) => Promise<WatchedRun> {
  const worlds = new WarmWorlds();
  return async ({ scenario: id, seed }) => {
    const scenario = loadScenario(id);
    const episode = resolveEpisode(scenario, seed, worlds.describe(scenario).spec);
    const { faults, ambient } = episode;
    const startMs = -Math.min(learningMs, scenario.warmUpMs);
    const { twin: warm, topology, spec } = await worlds.at(scenario, episode.worldSeed, startMs);
    const twin = warm.fork({ faults: 'keep', telemetry: true });
    twin.schedule([...ambient, ...faults]);
    const firstMs = Math.min(scenario.durationMs, ...faults.map((fault) => fault.startMs));
    const watch = new Watch(topology, seed, firstMs);
    const forkMs = Math.floor(firstMs / twin.scrapeIntervalMs) * twin.scrapeIntervalMs;
    const isFaulty = faults.length > 0;
    while (twin.nowMs < Math.min(forkMs, isFaulty ? forkMs : healthyMs)) {
      watch.observe(await twin.advance(twin.nowMs + twin.scrapeIntervalMs));
    }
    const healthyHours = Math.max(0, twin.nowMs) / hourMs;
    let onsetMs: number | null = null;
    if (isFaulty) {
      const noFault = twin.fork({ faults: 'drop', telemetry: false });
      const endMs = Math.min(scenario.durationMs, firstMs + afterMs);
      while (twin.nowMs < endMs) {
        watch.observe(await twin.advance(twin.nowMs + twin.scrapeIntervalMs));
      }
      await noFault.advance(twin.nowMs);
      const tolerances = await measureTolerances(spec, topology);
      onsetMs = findUserOnset(
        { unhealed: twin.truth, noFault: noFault.truth, tolerances },
        firstMs,
      );
    }
    const targets = new Set(faults.map(({ target }) => target));
    return {
      scenario: id,
      isFaulty,
      onsetMs: onsetMs === null ? null : onsetMs - firstMs,
      healthyHours,
      ...watch.result(targets),
    };
  };
}

class Watch {
  readonly #logs = new LogWatcher();
  readonly #metrics: Detector;
  readonly #tracker: IncidentTracker;
  readonly #firstMs: number;
  #metricsMs: number | null = null;
  readonly #words: { atMs: number; detector: string; component: string }[] = [];

  constructor(topology: Topology, seed: number, firstMs: number) {
    this.#metrics = createDetector('default', { seed });
    this.#tracker = new IncidentTracker(topology);
    this.#firstMs = firstMs;
  }

  observe(telemetry: Telemetry): void {
    for (const { atMs, detector, component } of this.#logs.observe(telemetry)) {
      if (atMs > 0) this.#words.push({ atMs, detector, component });
    }
    for (const frame of telemetry.frames) {
      const anomalies = findAnomalies(this.#metrics, frame);
      this.#metrics.learn(frame);
      if (frame.atMs <= 0) continue;
      for (const { type } of this.#tracker.observe(frame.atMs, anomalies, frame)) {
        if (type === 'opened' && frame.atMs >= this.#firstMs) {
          this.#metricsMs ??= frame.atMs - this.#firstMs;
        }
      }
    }
  }

  result(
    targets: ReadonlySet<string>,
  ): Pick<WatchedRun, 'metricsMs' | 'logsMs' | 'rightLogsMs' | 'falseAlarms'> {
    const logsMs: Record<string, number> = {};
    const rightLogsMs: Record<string, number> = {};
    const falseAlarms: Record<string, number> = {};
    const lastMs = new Map<string, number>();
    for (const { atMs, detector, component } of this.#words) {
      if (atMs >= this.#firstMs) {
        logsMs[detector] ??= atMs - this.#firstMs;
        if (targets.has(component)) rightLogsMs[detector] ??= atMs - this.#firstMs;
      } else {
        const before = lastMs.get(detector) ?? Number.NEGATIVE_INFINITY;
        if (atMs - before > sameAlarmMs) falseAlarms[detector] = (falseAlarms[detector] ?? 0) + 1;
        lastMs.set(detector, atMs);
      }
    }
    return { metricsMs: this.#metricsMs, logsMs, rightLogsMs, falseAlarms };
  }
}
