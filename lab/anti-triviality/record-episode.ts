import type { MetricsFrame, Topology } from '../../core/observable/index.ts';
import type { Episode, GroundTruth } from '../../core/truth/index.ts';
import type { Twin } from '../../sim/index.ts';
import { deriveGroundTruth, findUserOnset } from '../ground-truth.ts';
import { readPlacements } from '../placements.ts';
import { summariseSli } from '../sli.ts';
import { measureTolerances } from '../tolerance.ts';
import type { WarmWorld } from '../warm-worlds.ts';

/**
 * Recordings begin this long before the measured run, so that there is something usual to compare
 * with.
 */
export const leadMs = 600_000;
/** Played after onset, or after the last happening of a run without one. */
const tailMs = 600_000;
/** Healthy days are cut here. */
const healthyMaxMs = 7_200_000;
/** A run in which nothing at all happens. */
const calmMs = 2_400_000;
const stepMs = 60_000;
const bucketMs = 5_000;

/** The metrics of one unhealed run and what really happened in it. */
export interface Recording {
  readonly episode: Episode;
  readonly topology: Topology;
  readonly frames: readonly MetricsFrame[];
  readonly truth: GroundTruth;
}

/** Plays an episode without a healer, with telemetry, from {@link leadMs} before its run. */
export async function recordEpisode(episode: Episode, world: WarmWorld): Promise<Recording> {
  const { spec, topology } = world;
  const { faults, ambient, scenario } = episode;
  const tolerances = await measureTolerances(spec, topology);
  const twin = world.twin.fork({ faults: 'keep', telemetry: true });
  twin.schedule([...ambient, ...faults]);
  const frames: MetricsFrame[] = [];
  const advance = async (untilMs: number): Promise<void> => {
    frames.push(...(await twin.advance(untilMs)).frames);
  };
  const firstMs = Math.min(...faults.map((fault) => fault.startMs));
  const forkMs = Math.floor(firstMs / twin.scrapeIntervalMs) * twin.scrapeIntervalMs;
  if (faults.length > 0) await advance(forkMs);
  const podsAtInjection = await readPlacements(twin.cluster, topology);
  const noFault = faults.length > 0 ? twin.fork({ faults: 'drop', telemetry: false }) : twin;
  const truthSoFar = (): GroundTruth =>
    deriveGroundTruth({
      spec,
      faults,
      unhealed: twin.truth,
      noFault: noFault.truth,
      unhealedSli: summariseSli(twin.truth, 0, bucketMs),
      noFaultSli: summariseSli(noFault.truth, 0, bucketMs),
      tolerances,
      podsAtInjection,
      releases: new Map(),
    });
  const onsetSoFar = (): number | null =>
    findUserOnset({ unhealed: twin.truth, noFault: noFault.truth, tolerances }, firstMs);
  const step = async (untilMs: number): Promise<void> => {
    await advance(untilMs);
    if (noFault !== twin) await noFault.advance(untilMs);
  };
  if (faults.length === 0) await step(healthyEndMs(episode));
  else await untilFelt(twin, scenario.durationMs, step, () => onsetSoFar() !== null);
  const onsetMs = onsetSoFar();
  if (onsetMs !== null) await step(Math.min(onsetMs + tailMs, scenario.durationMs));
  return { episode, topology, frames, truth: truthSoFar() };
}

function healthyEndMs({ ambient, scenario }: Episode): number {
  const lastMs = Math.max(...ambient.map((fault) => fault.startMs + tailMs), calmMs);
  return Math.min(lastMs, healthyMaxMs, scenario.durationMs);
}

/** Goes on in steps until users feel something, at most to the end of the run. */
async function untilFelt(
  twin: Twin,
  endMs: number,
  step: (untilMs: number) => Promise<void>,
  isFelt: () => boolean,
): Promise<void> {
  while (twin.nowMs < endMs && !isFelt()) await step(Math.min(twin.nowMs + stepMs, endMs));
}
