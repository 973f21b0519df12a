import type { Fault, GroundTruth, LabEvent, RunRecord, SliSeries } from '../core/truth/index.ts';
import { type EpisodeOptions, InterruptedError } from './episode-options.ts';
import { collectExhibits } from './exhibits.ts';
import { deriveGroundTruth } from './ground-truth.ts';
import { findOracle } from './oracle.ts';
import { packageVersion } from './package-version.ts';
import { type HealedRun, playHealed } from './play-healed.ts';
import { summariseSli } from './sli.ts';
import { measureTolerances, type Tolerances } from './tolerance.ts';

/** Runs longer than this keep their SLIs per minute instead of per five seconds. */
const longRunMs = 4 * 3_600_000;

/**
 * Plays one episode: warm-up, the healed run with all telemetry, the unhealed and the no-fault run
 * of the same seed (forked at injection), and the truth that follows from the pair.
 */
export async function runEpisode(options: EpisodeOptions): Promise<RunRecord> {
  const startedMs = options.clockMs();
  const healed = await playHealed(options);
  const loopMs = options.clockMs() - startedMs;
  const { durationMs } = options.episode.scenario;
  const { unhealed, noFault } = healed.branches;
  const pause = async (): Promise<void> => {
    await options.onProgress?.(1);
    if (options.signal?.aborted) throw new InterruptedError();
  };
  if (unhealed.nowMs < durationMs) await unhealed.advance(durationMs);
  await pause();
  if (noFault.nowMs < durationMs) await noFault.advance(durationMs);
  await pause();
  const tolerances = await measureTolerances(options.spec, options.topology);
  const stepMs = durationMs > longRunMs ? 60_000 : 5_000;
  const sli = {
    healed: summariseSli(healed.twin.truth, 0, stepMs),
    unhealed: summariseSli(unhealed.truth, 0, stepMs),
    noFault: summariseSli(noFault.truth, 0, stepMs),
  };
  const truth = deriveGroundTruth({
    spec: options.spec,
    faults: options.episode.faults,
    unhealed: unhealed.truth,
    noFault: noFault.truth,
    unhealedSli: sli.unhealed,
    noFaultSli: sli.noFault,
    tolerances,
    podsAtInjection: healed.branches.podsAtInjection,
    releases: releasesOf(options.episode.faults, healed),
  });
  const oracle =
    options.oracle && truth.onsetMs !== null ? await findOracle({ options, truth, sli }) : null;
  return assembleRecord({ options, healed, sli, truth, tolerances, oracle, loopMs });
}

/** The tag each service got from a fault, read off the change events. */
function releasesOf(faults: readonly Fault[], { loop }: HealedRun): ReadonlyMap<string, string> {
  const releases = new Map<string, string>();
  for (const fault of faults) {
    if (fault.kind !== 'release' && fault.kind !== 'object_edit') continue;
    const change = loop.changes.find(
      (entry) =>
        entry.kind === 'release' && entry.component === fault.target && entry.atMs >= fault.startMs,
    );
    if (change?.release) releases.set(fault.target.slice('service/'.length), change.release);
  }
  return releases;
}

interface Assembly {
  readonly options: EpisodeOptions;
  readonly healed: HealedRun;
  readonly sli: {
    readonly healed: SliSeries;
    readonly unhealed: SliSeries;
    readonly noFault: SliSeries;
  };
  readonly truth: GroundTruth;
  readonly tolerances: Tolerances;
  readonly oracle: RunRecord['oracle'];
  readonly loopMs: number;
}

function assembleRecord({
  options,
  healed,
  sli,
  truth,
  tolerances,
  oracle,
  loopMs,
}: Assembly): RunRecord {
  const { scenario, seed } = options.episode;
  const { id, version, title, description, ends, sourceHash } = scenario;
  return {
    schemaVersion: 1,
    packageVersion,
    scenario: { id, version, title, description, ends, sourceHash },
    seed,
    options: {
      detectors: options.detector,
      localizer: options.localizer,
      healer: options.healer.name,
      inputHashes: options.inputHashes,
    },
    topology: options.topology,
    warmUpMs: scenario.warmUpMs,
    durationMs: scenario.durationMs,
    expect: scenario.expect,
    truth,
    events: inTimeOrder([...healed.faultEvents, ...healed.loop.events]),
    changes: healed.loop.changes,
    sli,
    sliTolerance: tolerances.goodRatio,
    harmfulAtMs: healed.harmfulAtMs,
    oracle,
    alarmLevels: healed.loop.alarmLevels.result(),
    baselines: healed.baselines,
    exhibits: collectExhibits(healed.loop),
    telemetry: {
      series: healed.loop.history.latest?.index.series.length ?? 0,
      ...healed.counts,
      digest: healed.telemetryDigest,
    },
    exogenousDigest: healed.twin.exogenousDigest(),
    performance: { simulatedMs: scenario.warmUpMs + scenario.durationMs, wallMs: loopMs },
  };
}

/** Sorts by time and keeps the order of what happened at one instant. */
function inTimeOrder(events: LabEvent[]): LabEvent[] {
  return events.toSorted((a, b) => a.atMs - b.atMs);
}
