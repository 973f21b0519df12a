import { digestOf } from '../core/tools/index.ts';
import type { RunRecord, ScenarioEnd, Scorecard, TwinSpec } from '../core/truth/index.ts';
import { type HealerName, parsePolicies } from '../healers/index.ts';
import {
  describeTopology,
  loadScenario,
  loadTopology,
  resolveEpisode,
  withRecordedWorkload,
} from '../scenarios/index.ts';
import type { EpisodeOptions } from './episode-options.ts';
import { runEpisode } from './run-episode.ts';
import { recordDigest, score } from './score/score.ts';
import { scoreDoingNothing } from './score/score-resilience.ts';

/** One trial as data: it can be sent to a worker, and its replay line can be written from it. */
export interface TrialRequest {
  /** A shipped scenario's id, or the path of a file. */
  readonly scenario: string;
  readonly seed: number;
  /** A name, or the path of a module. */
  readonly detector: string;
  readonly localizer: string;
  readonly healer: HealerName;
  /** The policy file's text and the name it is reported under. */
  readonly policy: { readonly file: string; readonly text: string };
  readonly manifestsDir: string | null;
  readonly workload: WorkloadRequest | null;
  readonly oracle: boolean;
  /** SHA-256 per external file, keyed by its role and name. */
  readonly inputHashes: Readonly<Record<string, string>>;
}

export interface WorkloadRequest {
  readonly file: string;
  readonly from: string | null;
  readonly scale: 'mean' | 'absolute';
}

export interface TrialHooks
  extends Pick<EpisodeOptions, 'clockMs' | 'onProgress' | 'onTelemetry' | 'signal' | 'callModule'> {
  /** Told what a recorded workload was turned into. */
  readonly onWorkload?: (report: WorkloadReport) => void;
}

export type WorkloadReport = ReturnType<typeof withRecordedWorkload>['report'];

/** Loads everything a trial names, plays it and scores it. */
export async function runTrial(
  request: TrialRequest,
  hooks: TrialHooks,
): Promise<{ record: RunRecord; scorecard: Scorecard }> {
  const scenario = loadScenario(request.scenario);
  const { spec, report } = specFor(request, scenario);
  if (report) hooks.onWorkload?.(report);
  const record = await runEpisode({
    ...hooks,
    episode: resolveEpisode(scenario, request.seed, spec),
    spec,
    topology: describeTopology(spec),
    detector: request.detector,
    localizer: request.localizer,
    healer: {
      name: request.healer,
      policies: parsePolicies(request.policy.text, request.policy.file),
    },
    inputHashes: request.inputHashes,
    oracle: request.oracle,
  });
  return { record, scorecard: score(record, replayLine(request, recordDigest(record))) };
}

/** What an evaluation keeps of a trial. */
export interface TrialResult {
  readonly scenario: string;
  readonly ends: ScenarioEnd;
  readonly seed: number;
  readonly scorecard: Scorecard;
  readonly exogenousDigest: string;
  /** From true onset to the end of the run, ms; null when users never noticed anything. */
  readonly observedMs: number | null;
  /** The unhealed run of the pair. */
  readonly doNothing: ReturnType<typeof scoreDoingNothing>;
}

/**
 * A trial whose users were not well when its fault was due: nothing was injected, so there is
 * nothing to score. The same for every stack, since a twin without healer is asked.
 */
export interface VoidTrial {
  readonly scenario: string;
  readonly seed: number;
  readonly voidBecause: string;
}

/** What comes of a trial in a batch. */
export type PlayedTrial = TrialResult | VoidTrial;

export function isVoid(trial: PlayedTrial): trial is VoidTrial {
  return 'voidBecause' in trial;
}

export function summariseTrial({
  record,
  scorecard,
}: {
  record: RunRecord;
  scorecard: Scorecard;
}): TrialResult {
  const { onsetMs } = record.truth;
  return {
    scenario: record.scenario.id,
    ends: record.scenario.ends,
    seed: record.seed,
    scorecard,
    exogenousDigest: record.exogenousDigest,
    observedMs: onsetMs === null ? null : record.durationMs - onsetMs,
    doNothing: scoreDoingNothing(record),
  };
}

/** The one command that plays the trial again and checks that it comes out the same. */
function replayLine(request: TrialRequest, digest: string): string {
  const flags = [`--seed ${request.seed}`, ...stackFlags(request), `--expect-digest ${digest}`];
  return `npm run scenario ${quoteWord(request.scenario)} -- ${flags.join(' ')}`;
}

/** The flags that choose a stack and its inputs, as a shell takes them; defaults are left out. */
export function stackFlags(stack: Omit<TrialRequest, 'scenario' | 'seed'>): string[] {
  const { detector, localizer, healer, policy, manifestsDir, workload } = stack;
  const flags: string[] = [];
  if (detector !== 'default') flags.push(`--detector ${quoteWord(detector)}`);
  if (localizer !== 'combined') flags.push(`--localizer ${localizer}`);
  if (healer !== 'policy') flags.push(`--healer ${healer}`);
  if (policy.file !== 'default') flags.push(`--policy ${quoteWord(policy.file)}`);
  if (manifestsDir) flags.push(`--manifests ${quoteWord(manifestsDir)}`);
  if (workload) {
    flags.push(`--workload ${quoteWord(workload.file)}`);
    if (workload.from) flags.push(`--workload-from ${quoteWord(workload.from)}`);
    flags.push(`--workload-scale ${workload.scale}`);
  }
  if (stack.oracle) flags.push('--oracle');
  for (const [role, hash] of Object.entries(stack.inputHashes)) {
    flags.push(`--expect-input ${quoteWord(`${role}=${hash}`)}`);
  }
  return flags;
}

/** A word as a POSIX shell reads it back. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const specs = new Map<string, { spec: TwinSpec; report: WorkloadReport | null }>();

/**
 * One spec object per topology and workload in a process, so that what is measured of it is kept.
 */
function specFor(
  request: TrialRequest,
  scenario: ReturnType<typeof loadScenario>,
): { spec: TwinSpec; report: WorkloadReport | null } {
  const { manifestsDir, workload } = request;
  const { topology, warmUpMs, durationMs } = scenario;
  const key = digestOf([topology, scenario.workload, manifestsDir, workload, warmUpMs, durationMs]);
  let found = specs.get(key);
  if (!found) {
    const spec = loadTopology(topology, {
      ...(manifestsDir && { manifestsDir }),
      workload: scenario.workload,
    });
    found = workload
      ? withRecordedWorkload(spec, {
          file: workload.file,
          ...(workload.from && { from: workload.from }),
          scale: workload.scale,
          startMs: -warmUpMs,
          durationMs: warmUpMs + durationMs,
        })
      : { spec, report: null };
    specs.set(key, found);
  }
  return found;
}
