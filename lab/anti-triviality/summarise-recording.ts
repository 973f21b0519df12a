import {
  componentKind,
  componentName,
  type Incident,
  MetricHistory,
  type MetricsFrame,
  scrapeIntervalMs,
} from '../../core/observable/index.ts';
import { createLocalizer } from '../../rca/index.ts';
import { readPlacements } from '../placements.ts';
import type { WarmWorld } from '../warm-worlds.ts';
import { oneLiners, scoreFrames } from './one-liners.ts';
import type { Recording } from './record-episode.ts';

/** An alarm is in time until the second scrape after onset. */
const inTimeMs = 2 * scrapeIntervalMs;
/** An alarm may still be about the fault this long after recovery. */
const graceMs = 60_000;
/** How long after onset loudness is compared: what a person sees who is called at once. */
const lookMs = 60_000;

/** What is kept of a recording, small enough to be sent to another thread. */
export interface RecordingSummary {
  readonly scenario: string;
  readonly topology: string;
  readonly seed: number;
  /** Users felt a fault in it. */
  readonly isFaulty: boolean;
  /** Times from the run's beginning, ms; null where there is no such thing. */
  readonly onsetMs: number | null;
  readonly durationMs: number;
  /** Per one-liner: its highest score in time for the onset, and anywhere it should be silent. */
  readonly inTime: Float64Array;
  readonly elsewhere: Float64Array;
  /**
   * Per threshold one-liner and frame, for event scores; `isEvent` says which frames are of the
   * fault.
   */
  readonly rows: readonly Float64Array[];
  readonly isEvent: readonly boolean[];
  /** Null in a recording without onset. */
  readonly localization: {
    readonly loudestServiceFound: boolean;
    /** Null where the cause is no service. */
    readonly causeIsLoudest: boolean | null;
    readonly rootServices: readonly string[];
    readonly services: number;
  } | null;
}

/** Evaluates every one-liner and the loudest service on a recording. */
export async function summariseRecording(
  recording: Recording,
  world: WarmWorld,
): Promise<RecordingSummary> {
  const { episode, frames, truth } = recording;
  const { scenario, seed } = episode;
  const scores = scoreFrames(frames, seed);
  const { onsetMs, injectedAtMs, unhealedRecoveryMs } = truth;
  const fromMs =
    onsetMs === null ? null : Math.min(injectedAtMs ?? onsetMs, onsetMs - scrapeIntervalMs);
  const untilMs =
    unhealedRecoveryMs === null ? Number.POSITIVE_INFINITY : unhealedRecoveryMs + graceMs;
  const isEvent = frames.map(({ atMs }) => fromMs !== null && atMs > fromMs && atMs <= untilMs);
  const isInTime = frames.map(
    ({ atMs }, i) => isEvent[i] === true && onsetMs !== null && atMs <= onsetMs + inTimeMs,
  );
  const highest = (row: Float64Array, counts: (i: number) => boolean): number => {
    let most = Number.NEGATIVE_INFINITY;
    row.forEach((score, i) => {
      if (counts(i) && score > most) most = score;
    });
    return most;
  };
  const inTime = Float64Array.from(scores, (row) => highest(row, (i) => isInTime[i] === true));
  const elsewhere = Float64Array.from(scores, (row) => highest(row, (i) => isEvent[i] === false));
  const clock = oneLiners.findIndex(({ name }) => name === 'the clock');
  // The clock's constant is an instant, right when it lies in time.
  inTime[clock] = onsetMs === null ? Number.NEGATIVE_INFINITY : onsetMs + inTimeMs;
  elsewhere[clock] = fromMs ?? Number.POSITIVE_INFINITY;
  return {
    ...{ scenario: scenario.id, topology: scenario.topology, seed, onsetMs, inTime, elsewhere },
    isFaulty: onsetMs !== null,
    durationMs: scenario.durationMs,
    rows: scores.filter((_, i) => oneLiners[i]?.isThreshold),
    isEvent,
    localization: onsetMs === null ? null : await localize(recording, onsetMs, world),
  };
}

async function localize(
  { frames, truth, topology }: Recording,
  onsetMs: number,
  world: WarmWorld,
): Promise<RecordingSummary['localization']> {
  const metrics = new MetricHistory();
  const atMs = onsetMs + lookMs;
  for (const frame of frames) if (frame.atMs <= atMs) metrics.append(frame);
  const suspects = createLocalizer('loudest_service').rank({
    atMs,
    incident: plainIncident(onsetMs + inTimeMs),
    topology,
    pods: await readPlacements(world.twin.cluster, topology),
    metrics,
    ...{ logs: [], spans: [], events: [], changes: [] },
  });
  const accepted = new Set(truth.rootCauses);
  const rootServices = truth.rootCauses
    .filter((cause) => componentKind(cause) === 'service')
    .map(componentName);
  const loudest = loudestOf(
    frames,
    onsetMs,
    topology.services.map(({ name }) => name),
  );
  return {
    loudestServiceFound: accepted.has(suspects[0]?.component ?? ''),
    causeIsLoudest: rootServices.length > 0 ? rootServices.includes(loudest) : null,
    rootServices,
    services: topology.services.length,
  };
}

/** An incident that says when and nothing else. */
function plainIncident(openedAtMs: number): Incident {
  return {
    id: 'one',
    openedAtMs,
    updatedAtMs: openedAtMs,
    closedAtMs: null,
    severity: 'warning',
    component: '',
    components: [],
    anomalies: [],
    summary: [],
  };
}

/**
 * The service with the highest z-score of any series of its own or its pods in the minute after
 * onset, against everything before onset; the first of equals.
 */
function loudestOf(
  frames: readonly MetricsFrame[],
  onsetMs: number,
  services: readonly string[],
): string {
  const loudness = new Map(services.map((service) => [service, 0]));
  const { series } = frames.at(-1)?.index ?? { series: [] };
  series.forEach(({ component, labels }, column) => {
    const service =
      componentKind(component) === 'service' ? componentName(component) : labels.service;
    if (service === undefined || !loudness.has(service)) return;
    if (componentKind(component) === 'edge' || componentKind(component) === 'user') return;
    const z = zAfter(frames, column, onsetMs);
    if (z > (loudness.get(service) as number)) loudness.set(service, z);
  });
  let loudest = services[0] as string;
  for (const [service, z] of loudness) if (z > (loudness.get(loudest) as number)) loudest = service;
  return loudest;
}

function zAfter(frames: readonly MetricsFrame[], column: number, onsetMs: number): number {
  let [count, sum, squares, most] = [0, 0, 0, 0];
  for (const { atMs, values } of frames) {
    const value = values[column] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (atMs <= onsetMs - scrapeIntervalMs) {
      count += 1;
      sum += value;
      squares += value * value;
    } else if (atMs > onsetMs && atMs <= onsetMs + lookMs && count >= 10) {
      const mean = sum / count;
      const sd = Math.sqrt(Math.max(0, squares / count - mean * mean));
      const scale = Math.max(sd, 0.05 * Math.abs(mean), 1e-3);
      most = Math.max(most, Math.abs(value - mean) / scale);
    }
  }
  return most;
}
