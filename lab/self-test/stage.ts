import type { PodPlacement, Topology } from '../../core/observable/index.ts';
import type { Episode, Fault, GroundTruth, SliSeries, TwinSpec } from '../../core/truth/index.ts';
import type { Twin } from '../../sim/index.ts';
import { deriveGroundTruth, findUserOnset } from '../ground-truth.ts';
import { readPlacements } from '../placements.ts';
import { summariseSli } from '../sli.ts';
import { measureTolerances, type Tolerances } from '../tolerance.ts';
import type { WarmWorld } from '../warm-worlds.ts';

/** How long after onset everything must have shown, unless the scenario says otherwise. */
export const usualHorizonMs = 600_000;
/** From onset until somebody acts: time to notice and to decide. */
const reactionMs = 60_000;
/** A healthy run has no onset; this much of it is played after its last happening. */
const calmMs = 1_800_000;
const bucketMs = 5_000;
/** Onset is looked for in pieces of this length, shorter than it takes anybody to act on it. */
const stepMs = 45_000;

/** The unhealed pair of an episode, and the instant at which people begin to act. */
export interface Stage {
  readonly episode: Episode;
  readonly spec: TwinSpec;
  readonly topology: Topology;
  readonly tolerances: Tolerances;
  /** Just before the first fault; only to be forked. */
  readonly before: Twin;
  /** With the faults and nobody acting, as it was when somebody could act; only to be forked. */
  readonly acting: Twin;
  /** Both at the end of the stage. */
  readonly unhealed: Twin;
  readonly noFault: Twin;
  readonly sli: { readonly unhealed: SliSeries; readonly noFault: SliSeries };
  readonly truth: GroundTruth;
  readonly endMs: number;
}

/** Plays the unhealed pair of an episode until its horizon; see {@link Stage}. */
export async function buildStage(episode: Episode, world: WarmWorld): Promise<Stage> {
  const { spec, topology } = world;
  const tolerances = await measureTolerances(spec, topology);
  const pair = await branchOff(episode, world);
  const { before, unhealed, noFault } = pair;
  const onsetMs = await playUntilFelt(episode, pair, tolerances);
  const soonestMs = actingFromMs(episode, onsetMs ?? before.nowMs);
  const actingMs = ceilTo(soonestMs, before.scrapeIntervalMs);
  if (onsetMs !== null) await unhealed.advance(actingMs);
  const acting = unhealed.fork({ faults: 'keep', telemetry: false });
  const endMs = Math.max(unhealed.nowMs, endOf(episode, onsetMs, actingMs));
  await unhealed.advance(endMs);
  await noFault.advance(endMs);
  const sli = {
    unhealed: summariseSli(unhealed.truth, 0, bucketMs),
    noFault: summariseSli(noFault.truth, 0, bucketMs),
  };
  const truth = deriveGroundTruth({
    spec,
    faults: episode.faults,
    unhealed: unhealed.truth,
    noFault: noFault.truth,
    unhealedSli: sli.unhealed,
    noFaultSli: sli.noFault,
    tolerances,
    podsAtInjection: pair.podsAtInjection,
    releases: new Map(),
  });
  const twins = { before, acting, unhealed, noFault };
  return { episode, spec, topology, tolerances, ...twins, sli, truth, endMs };
}

interface Pair extends Pick<Stage, 'before' | 'unhealed' | 'noFault'> {
  readonly podsAtInjection: readonly PodPlacement[];
  readonly firstMs: number;
}

/**
 * The pair at the scrape before the first fault; of a healthy scenario, before its first happening.
 */
async function branchOff({ faults, ambient }: Episode, world: WarmWorld): Promise<Pair> {
  const start = world.twin.fork({ faults: 'keep', telemetry: false });
  const isFaulty = faults.length > 0;
  const happenings = isFaulty ? faults : ambient;
  const firstMs = Math.min(...happenings.map((fault) => fault.startMs));
  if (isFaulty) start.schedule([...ambient, ...faults]);
  if (happenings.length > 0) await start.advance(floorTo(firstMs, start.scrapeIntervalMs));
  const noFault = start.fork({ faults: 'drop', telemetry: false });
  const before = start.fork({ faults: 'keep', telemetry: false });
  // Benign happenings are what a healthy scenario is tested on: there they stand for the faults.
  if (!isFaulty) before.schedule(ambient);
  const unhealed = before.fork({ faults: 'keep', telemetry: false });
  const podsAtInjection = await readPlacements(start.cluster, world.topology);
  return { before, unhealed, noFault, podsAtInjection, firstMs };
}

/**
 * Lets the pair go on until users feel the faults, at most to the end of the run; when that was.
 */
async function playUntilFelt(
  { faults, scenario }: Episode,
  { unhealed, noFault, firstMs }: Pair,
  tolerances: Tolerances,
): Promise<number | null> {
  if (faults.length === 0) return null;
  let onsetMs: number | null = null;
  while (onsetMs === null && unhealed.nowMs < scenario.durationMs) {
    const untilMs = Math.min(unhealed.nowMs + stepMs, scenario.durationMs);
    await unhealed.advance(untilMs);
    await noFault.advance(untilMs);
    const logs = { unhealed: unhealed.truth, noFault: noFault.truth };
    onsetMs = findUserOnset({ ...logs, tolerances }, firstMs);
  }
  return onsetMs;
}

/**
 * When people begin to act: a minute after onset, all lasting faults being there. A metastable
 * state is acted on when its trigger has gone by itself, if it goes.
 */
function actingFromMs({ faults, scenario }: Episode, onsetMs: number): number {
  const lasting = faults.filter(({ durationMs }) => durationMs === null);
  const isSpent = scenario.ends === 'metastable' && lasting.length === 0;
  const latest = isSpent ? lastEndMs(faults) : Math.max(0, ...lasting.map((f) => f.startMs));
  return Math.max(onsetMs, latest) + reactionMs;
}

function endOf(
  { scenario, faults, ambient }: Episode,
  onsetMs: number | null,
  actingMs: number,
): number {
  if (faults.length === 0) {
    return Math.min(
      Math.max(0, ...ambient.map((fault) => fault.startMs)) + calmMs,
      scenario.durationMs,
    );
  }
  const horizonMs = scenario.selfTest?.horizonMs ?? usualHorizonMs;
  if (onsetMs === null) return 0;
  const fromMs =
    scenario.ends === 'self'
      ? Math.max(onsetMs, lastEndMs(faults))
      : Math.max(onsetMs, actingMs - reactionMs);
  return Math.min(ceilTo(fromMs + horizonMs, bucketMs), scenario.durationMs);
}

/** When the last of the faults that end by themselves has ended; 0 where there is none. */
function lastEndMs(faults: readonly Fault[]): number {
  return Math.max(0, ...faults.map((f) => (f.durationMs === null ? 0 : f.startMs + f.durationMs)));
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}

function ceilTo(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
