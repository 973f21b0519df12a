import { zstdCompressSync } from 'node:zlib';
import type { Span } from '../../../core/observable/index.ts';
import type { Figure } from '../../../core/truth/index.ts';
import { bootstrapFigure, rateFigure } from '../../statistics/statistics.ts';
import type { BenchmarkEntity, BenchmarkReport, BenchmarkRow } from '../benchmark-report.ts';
import { type Contestant, contestants } from './contestants.ts';
import { AffectedLabels, type Effect } from './label-affected.ts';
import { playPair, type Trial } from './play-pair.ts';
import { scoreTrial, type TraceBytes, type TrialScore, WindowTally } from './score-trial.ts';

/** A budget can be saved up for as many traces as come in ten minutes. */
const burstScrapes = 40;

/** Faults that touch few requests, and four that touch many, on three topologies. */
const scenariosUsual: readonly string[] = [
  'one_slow_replica',
  'flag_turned_on',
  'bad_deploy',
  'client_forgotten_in_rotation',
  'connections_exhausted',
  'readiness_wrong_port',
  'request_larger_than_any_node',
  'store_killed_again_and_again',
  'passing_aborts',
  'broken_sectors',
  'claim_unbound',
  'deployment_deleted',
  'rolling_update_takes_all',
  'collector_pauses',
  'shared_store_cascade',
];

/** Seeds that are quoted. */
const seedsUsual: readonly number[] = [1001, 1002];

interface SamplerScores {
  /** Share of affected traces kept in windows where at most 3 % are affected, and in the others. */
  readonly keptWhileFew: number | null;
  readonly keptWhileMany: number | null;
  /** Share of all traces kept. */
  readonly budgetUsed: number;
}

interface SamplerRow extends BenchmarkRow<SamplerScores> {
  /** What it can and cannot reach. */
  readonly reach: string;
  readonly figures: { readonly keptWhileFew: Figure; readonly keptWhileMany: Figure };
  /** While few are affected, by what the fault did. */
  readonly byEffect: TrialScore['byEffect'];
  readonly bytes: TraceBytes;
}

interface SamplerEntity extends BenchmarkEntity<SamplerScores> {
  /** Affected traces in windows where many are, and all traces. */
  readonly nWhileMany: number;
  readonly traces: number;
}

/** `n` counts affected traces in windows where few are; entities are scenarios. */
export interface SamplerReport extends BenchmarkReport<SamplerScores> {
  readonly seeds: readonly number[];
  readonly rows: readonly SamplerRow[];
  readonly entities: readonly SamplerEntity[];
}

export interface SamplerOptions {
  readonly scenarios?: readonly string[];
  readonly seeds?: readonly number[];
  readonly tracesPerScrape?: number;
  readonly onProgress?: (done: number, total: number, label: string) => void | Promise<void>;
}

/** Plays every scenario with every seed once, and lets all samplers choose from the same traces. */
export async function runSampler(options: SamplerOptions = {}): Promise<SamplerReport> {
  const { scenarios = scenariosUsual, seeds = seedsUsual, tracesPerScrape } = options;
  const trials = scenarios.flatMap((scenario) =>
    seeds.map((seed): Trial => ({ scenario, seed, ...(tracesPerScrape && { tracesPerScrape }) })),
  );
  const scores: TrialScore[] = [];
  for (let i = 0; i < trials.length; i += 1) {
    const trial = trials[i] as Trial;
    await options.onProgress?.(i, trials.length, `${trial.scenario}, seed ${trial.seed}`);
    scores.push(...(await playTrial(trial)));
  }
  await options.onProgress?.(trials.length, trials.length, 'done');
  return reportSampler(scores, { scenarios, seeds });
}

/** What the samplers kept of all trials, and of each scenario's. */
export function reportSampler(
  scores: readonly TrialScore[],
  {
    scenarios,
    seeds,
  }: { readonly scenarios: readonly string[]; readonly seeds: readonly number[] },
): SamplerReport {
  return {
    benchmark: 'sampler',
    default: 'adaptive',
    seeds,
    rows: contestants.map((one) => summarise(one, scores, scenarios)),
    entities: contestants.flatMap(({ name }) =>
      scenarios.map((scenario) =>
        entityOf(
          scores.filter((score) => score.row === name && score.scenario === scenario),
          { name: scenario, row: name },
        ),
      ),
    ),
  };
}

/** One sampler at work. */
class Player {
  readonly name: string;
  readonly kept = new Set<string>();
  keptBytes = 0;
  zstdBytes = 0;
  readonly #sampler: ReturnType<Contestant['create']>;

  constructor({ name, create }: Contestant, burstTraces: number) {
    this.name = name;
    this.#sampler = create(burstTraces);
  }

  observe(scrape: Parameters<ReturnType<Contestant['create']>>[0]): void {
    const lines: string[] = [];
    for (const [traceId, spans] of this.#sampler(scrape)) {
      this.kept.add(traceId);
      for (const span of spans) lines.push(JSON.stringify(span));
    }
    const text = lines.join('\n');
    this.keptBytes += text.length;
    this.zstdBytes += lines.length === 0 ? 0 : zstdCompressSync(text).length;
  }
}

async function playTrial(trial: Trial): Promise<TrialScore[]> {
  const labels = new AffectedLabels();
  const tally = new WindowTally();
  let players: Player[] = [];
  let allBytes = 0;
  for await (const scrape of playPair(trial)) {
    const { effects } = labels.label(scrape);
    const traces = Map.groupBy(scrape.spans, ({ traceId }) => traceId);
    if (players.length === 0) {
      players = contestants.map((one) => new Player(one, burstScrapes * traces.size));
    }
    tally.add(traces.size, scrape.paired === null ? null : effects);
    allBytes += bytesOf(scrape.spans);
    const { suspects, restarted } = scrape;
    for (const player of players) player.observe({ traces, suspects, restarted });
  }
  return players.map(({ name: row, kept, keptBytes, zstdBytes }) => {
    const bytes = { all: allBytes, kept: keptBytes, zstd: zstdBytes };
    return scoreTrial({ scenario: trial.scenario, row }, { kept, bytes }, tally);
  });
}

function bytesOf(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + JSON.stringify(span).length + 1, 0);
}

function summarise(
  { name, kind, reach }: Contestant,
  all: readonly TrialScore[],
  scenarios: readonly string[],
): SamplerRow {
  const scores = all.filter(({ row }) => row === name);
  const groups = scenarios.map((id) => scores.filter(({ scenario }) => scenario === id));
  const keptWhileFew = rateFigure(groups.map((group) => group.flatMap((one) => one.whileFew)));
  // Shares of trials, since the many affected traces of one trial share their fate.
  const keptWhileMany = bootstrapFigure(
    groups.map((group) =>
      group.flatMap(({ whileMany: { kept, n } }) => (n === 0 ? [] : [kept / n])),
    ),
  );
  const sumOf = (effect: Effect): { kept: number; n: number } => ({
    kept: scores.reduce((sum, { byEffect }) => sum + byEffect[effect].kept, 0),
    n: scores.reduce((sum, { byEffect }) => sum + byEffect[effect].n, 0),
  });
  const bytesIn = (key: keyof TraceBytes): number =>
    scores.reduce((sum, { bytes }) => sum + bytes[key], 0);
  return {
    name,
    kind,
    reach,
    scores: {
      keptWhileFew: keptWhileFew.value,
      keptWhileMany: keptWhileMany.value,
      budgetUsed: shareKept(scores),
    },
    figures: { keptWhileFew, keptWhileMany },
    byEffect: {
      outcome: sumOf('outcome'),
      path: sumOf('path'),
      time: sumOf('time'),
      slight: sumOf('slight'),
    },
    bytes: { all: bytesIn('all'), kept: bytesIn('kept'), zstd: bytesIn('zstd') },
    n: keptWhileFew.n,
  };
}

function entityOf(
  scores: readonly TrialScore[],
  { name, row }: { readonly name: string; readonly row: string },
): SamplerEntity {
  const few = scores.flatMap(({ whileFew }) => whileFew);
  const manyKept = scores.reduce((sum, { whileMany }) => sum + whileMany.kept, 0);
  const nWhileMany = scores.reduce((sum, { whileMany }) => sum + whileMany.n, 0);
  return {
    name,
    row,
    scores: {
      keptWhileFew: few.length === 0 ? null : few.reduce((sum, one) => sum + one, 0) / few.length,
      keptWhileMany: nWhileMany === 0 ? null : manyKept / nWhileMany,
      budgetUsed: shareKept(scores),
    },
    n: few.length,
    nWhileMany,
    traces: scores.reduce((sum, { traces }) => sum + traces, 0),
  };
}

function shareKept(scores: readonly TrialScore[]): number {
  const traces = scores.reduce((sum, one) => sum + one.traces, 0);
  return traces === 0 ? 0 : scores.reduce((sum, { kept }) => sum + kept, 0) / traces;
}
