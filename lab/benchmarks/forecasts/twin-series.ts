import type { MetricsFrame, SeriesDescriptor, SignalName } from '../../../core/observable/index.ts';
import { createStream } from '../../../core/tools/index.ts';
import type { Episode } from '../../../core/truth/index.ts';
import { WarmWorlds } from '../../warm-worlds.ts';
import { type ResourceSeries, visibleFrom } from './resource-series.ts';
import { saturationSeries } from './saturation-series.ts';
import { drawEpisode, type EpisodeRequest } from './twin-episodes.ts';

/** Telemetry begins this long before the run. */
const leadMs = 600_000;
/** Runs as written are watched for so long after their last fault begins. */
const afterMs = 2_700_000;
const stepMs = 60_000;
/** A process that was this full when last seen, and has been restarted since, ran out of memory. */
const nearlyFull = 0.9;
const full = 0.995;
/** Values that tell the usual noise, and the noise that is believed where there are fewer. */
const usualPoints = 120;
const usualPointsMin = 8;
const noiseMin = 0.002;
/** Shortest column that says anything: five minutes. */
const pointsMin = 20;
/** Messages that a queue holds, drawn per run: 10 minutes to two hours of a busy consumer's. */
const queueMin = 3_000;
const queueMax = 30_000;

/** Plays requests one after the other, on worlds that it keeps for the next. */
export function createPlayer(): (request: EpisodeRequest) => Promise<ResourceSeries[]> {
  const worlds = new WarmWorlds();
  return async (request) => {
    const episode = drawEpisode(request, worlds);
    const frames = await play(episode, request, worlds);
    const queueSize =
      queueMin * (queueMax / queueMin) ** createStream(request.seed, 'queue size').next();
    const riseMs = Math.min(...episode.faults.map(({ startMs }) => startMs));
    return [
      ...collect(frames, { episode, request, queueSize }),
      ...saturationSeries(frames, { run: `${request.scenario} ${request.pace}`, riseMs }),
    ];
  };
}

/** All frames of the unhealed run. */
async function play(
  { faults, ambient, scenario, worldSeed }: Episode,
  { pace }: EpisodeRequest,
  worlds: WarmWorlds,
): Promise<MetricsFrame[]> {
  const world = await worlds.at(scenario, worldSeed, -Math.min(leadMs, scenario.warmUpMs));
  const twin = world.twin.fork({ faults: 'keep', telemetry: true });
  twin.schedule([...ambient, ...faults]);
  const lastMs = Math.max(0, ...[...faults, ...ambient].map(({ startMs }) => startMs));
  const endMs =
    pace === 'as written' ? Math.min(scenario.durationMs, lastMs + afterMs) : scenario.durationMs;
  const frames: MetricsFrame[] = [];
  while (twin.nowMs < endMs) {
    frames.push(...(await twin.advance(Math.min(endMs, twin.nowMs + stepMs))).frames);
  }
  return frames;
}

interface Run {
  readonly episode: Episode;
  readonly request: EpisodeRequest;
  readonly queueSize: number;
}

/** The resources of a run whose limit is known: memory of pods and nodes, and queues. */
function collect(frames: readonly MetricsFrame[], run: Run): ResourceSeries[] {
  const index = frames.at(-1)?.index.series ?? [];
  const restarts = new Map<string, number>();
  index.forEach(({ signal, component }, column) => {
    if (signal === 'container_restarts_total') restarts.set(component, column);
  });
  const seen = new Set<string>();
  return index.flatMap((series, column) => {
    const unit = unitOf(series);
    if (unit === null || seen.has(unit)) return [];
    const limit = series.signal === 'consumer_lag' ? run.queueSize : 1;
    const values = valuesOf(frames, column).map((value) => value / limit);
    const restarted = restarts.get(series.component);
    const counts = restarted === undefined ? null : valuesOf(frames, restarted);
    const found = toSeries(series, { frames, values, restarts: counts }, run);
    if (found === null) return [];
    seen.add(unit);
    return [found];
  });
}

/** Pods of one release fill up in step, so the first of them speaks for all; null: no limit. */
function unitOf({ signal, component, labels }: SeriesDescriptor): string | null {
  const limited: readonly SignalName[] = [
    'memory_utilization',
    'node_memory_utilization',
    'consumer_lag',
  ];
  if (!limited.includes(signal)) return null;
  return signal === 'memory_utilization' ? `${labels.service} ${labels.release}` : component;
}

function valuesOf(frames: readonly MetricsFrame[], column: number): Float64Array {
  return Float64Array.from(frames, ({ values }) => values[column] ?? Number.NaN);
}

interface Column {
  readonly frames: readonly MetricsFrame[];
  readonly values: Float64Array;
  readonly restarts: Float64Array | null;
}

function toSeries(
  { signal, component }: SeriesDescriptor,
  { frames, values, restarts }: Column,
  { episode, request }: Run,
): ResourceSeries | null {
  const first = values.findIndex((value) => !Number.isNaN(value));
  const end = endOf(values, restarts, first);
  const until = end ?? values.findLastIndex((value) => !Number.isNaN(value));
  if (first < 0 || until - first < pointsMin) return null;
  const own = values.subarray(first, until + 1);
  const intervalMs = (frames[1] as MetricsFrame).atMs - (frames[0] as MetricsFrame).atMs;
  const faultMs = Math.min(...episode.faults.map(({ startMs }) => startMs));
  const faultAt = frames.findIndex(({ atMs }) => atMs >= faultMs);
  const onset = Math.max(0, faultAt - first);
  return {
    resource: signal === 'consumer_lag' ? 'queue' : 'memory',
    source: `${request.scenario} ${request.pace}, ${component}`,
    intervalMs,
    values: own,
    judgedFrom: 0,
    exhaustedAt: end === null ? null : end - first,
    visibleAt:
      end === null ? null : visibleFrom(own, { onset, noise: noiseBefore(own, onset), intervalMs }),
  };
}

/** The scrape at which a resource is full or its process has died of it; null when neither is. */
function endOf(values: Float64Array, restarts: Float64Array | null, first: number): number | null {
  let lastSeen = first;
  for (let i = first; i >= 0 && i < values.length; i += 1) {
    const isRestarted = restarts !== null && restarts[i]! > restarts[lastSeen]!;
    if (isRestarted && values[lastSeen]! >= nearlyFull) return lastSeen;
    if (Number.isNaN(values[i])) continue;
    if (values[i]! >= full) return i;
    lastSeen = i;
  }
  return null;
}

/** Standard deviation of what was seen before the fault. */
function noiseBefore(values: Float64Array, onset: number): number {
  const usual = values
    .subarray(Math.max(0, onset - usualPoints), onset)
    .filter((one) => !Number.isNaN(one));
  if (usual.length < usualPointsMin) return noiseMin;
  const mean = usual.reduce((sum, value) => sum + value, 0) / usual.length;
  const squares = usual.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.max(noiseMin, Math.sqrt(squares / (usual.length - 1)));
}
