import type { Figure } from '../../../core/truth/index.ts';
import { scenarioIds } from '../../../scenarios/index.ts';
import { wilsonFigure } from '../../statistics/statistics.ts';
import { WorkerPool } from '../../worker-pool.ts';
import { worldKey } from '../../world-key.ts';
import type { BenchmarkEntity, BenchmarkReport, BenchmarkRow } from '../benchmark-report.ts';
import { contestants } from './contestants.ts';
import { generateSeries } from './generate-series.ts';
import { judge, type Verdict } from './judge.ts';
import { type JudgedSeries, toJudged } from './judged-series.ts';
import { type EpisodeRequest, type Pace, slowPaces } from './twin-episodes.ts';

export interface ForecastOptions {
  /** The first of the seeds; below 1001 for development. */
  readonly firstSeed: number;
  /**
   * Generated resources of each kind, and five times the slowed runs of each scenario; besides,
   * every scenario is played once as written.
   */
  readonly seeds: number;
  readonly jobs: number;
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

/** Shares of exhaustions and of warnings. */
interface ForecastShares<Value> {
  /** Share of exhaustions before which a warning stood ten minutes ahead; too fast ones apart. */
  readonly recall: Value;
  /** Share of warnings after which the resource ran out within the horizon. */
  readonly precision: Value;
  /** The same share among those that came too fast. */
  readonly recallTooFast: Value;
  /** Share of right warnings whose 80 % interval held the end. */
  readonly coverage: Value;
}

interface ForecastScores extends ForecastShares<number | null> {
  readonly falseWarnings: number;
  /** Minutes from a right warning to the end. */
  readonly medianLeadMinutes: number | null;
}

/** The shares with their 95 % intervals. */
interface ForecastFigures {
  readonly figures: ForecastShares<Figure>;
}

/** A set of resources, and how many of them run out. */
export interface ForecastSet {
  readonly name: string;
  readonly series: number;
  readonly hours: number;
  readonly exhausted: number;
  readonly tooFast: number;
}

/** `n` counts resources; entities are sets of them, and rows are of the set `total`. */
export interface ForecastReport extends BenchmarkReport<ForecastScores> {
  readonly seeds: readonly [first: number, last: number];
  readonly rows: readonly (BenchmarkRow<ForecastScores> & ForecastFigures)[];
  readonly entities: readonly (BenchmarkEntity<ForecastScores> & ForecastFigures)[];
  readonly sets: readonly ForecastSet[];
  readonly total: ForecastSet;
}

/** A generated series costs nothing beside a run of the twin. */
const seriesPerRun = 5;

/**
 * Warnings of exhaustion on the twin's resources and on generated ones: how many stood ten minutes
 * ahead, and how many were right.
 */
export async function runForecasts(options: ForecastOptions): Promise<ForecastReport> {
  const { firstSeed, seeds, jobs, onProgress } = options;
  const requests = requestsFor(options);
  const pool = new WorkerPool<EpisodeRequest, JudgedSeries[]>(
    new URL('./worker.ts', import.meta.url),
    { jobs },
  );
  let done = 0;
  let played: JudgedSeries[][];
  try {
    played = await pool.play(
      requests,
      (_, index) => {
        done += 1;
        const { scenario, seed } = requests[index] as EpisodeRequest;
        onProgress?.(done, requests.length, `${scenario} ${seed}`);
      },
      worldKey,
    );
  } finally {
    await pool.close();
  }
  return reportForecasts({
    seeds: [firstSeed, firstSeed + seeds - 1],
    played: played.flatMap((judged, i) => {
      const { pace } = requests[i] as EpisodeRequest;
      return judged.map((one) => ({ ...one, pace }));
    }),
    generated: Array.from({ length: seeds }, (_, i) => judgeSeed(firstSeed + i)).flat(),
  });
}

interface Judged {
  readonly seeds: ForecastReport['seeds'];
  /** Resources of the twin, and how its run was paced. */
  readonly played: readonly (JudgedSeries & { readonly pace: Pace })[];
  readonly generated: readonly JudgedSeries[];
}

/** What the contestants reached, by sets of resources. */
export function reportForecasts({ seeds, played, generated }: Judged): ForecastReport {
  const ofPaces = (
    kinds: readonly JudgedSeries['resource'][],
    ...paces: readonly Pace[]
  ): JudgedSeries[] =>
    played.filter(({ pace, resource }) => paces.includes(pace) && kinds.includes(resource));
  const resources = [...new Set(generated.map(({ resource }) => resource))];
  const parts: (readonly [string, readonly JudgedSeries[]])[] = [
    ['twin, memory, slowed down', ofPaces(['memory'], 'slowed', 'passing')],
    ['twin, queues, slowed down', ofPaces(['queue'], 'slowed', 'passing')],
    ['twin, CPU under rising load', ofPaces(['cpu'], 'rising')],
    ['twin, catalogue as written', ofPaces(['memory', 'queue'], 'as written')],
    ['twin, CPU, catalogue as written', ofPaces(['cpu'], 'as written')],
    ...resources.map((kind) => [`generated: ${kind}`, ofKind(generated, kind)] as const),
  ];
  const all = [...played, ...generated].filter(({ resource }) => resource !== 'cpu');
  return {
    benchmark: 'forecasts',
    default: 'trend',
    seeds,
    rows: contestants.map(({ name, kind }, i) => ({ name, kind, ...reachedBy(i, all) })),
    entities: parts.flatMap(([name, judged]) =>
      contestants.map((one, i) => ({ name, row: one.name, ...reachedBy(i, judged) })),
    ),
    sets: parts.map(([name, judged]) => describeSet(name, judged)),
    total: describeSet('all but CPU', all),
  };
}

function ofKind(
  judged: readonly JudgedSeries[],
  kind: JudgedSeries['resource'],
): readonly JudgedSeries[] {
  return judged.filter(({ resource }) => resource === kind);
}

function requestsFor({ firstSeed, seeds }: ForecastOptions): EpisodeRequest[] {
  const runSeeds = Math.ceil(seeds / seriesPerRun);
  return scenarioIds().flatMap((scenario): EpisodeRequest[] => {
    return [
      ...slowPaces(scenario).flatMap((pace) =>
        Array.from({ length: runSeeds }, (_, i) => ({ scenario, seed: firstSeed + i, pace })),
      ),
      { scenario, seed: firstSeed, pace: 'as written' },
    ];
  });
}

function judgeSeed(seed: number): JudgedSeries[] {
  return generateSeries(seed).map((series) =>
    toJudged(
      series,
      contestants.map((one) => judge(one, series)),
    ),
  );
}

function describeSet(name: string, judged: readonly JudgedSeries[]): ForecastSet {
  const first = judged.flatMap(({ verdicts }) => verdicts[0] ?? []);
  return {
    name,
    series: judged.length,
    hours: judged.reduce((sum, { hours }) => sum + hours, 0),
    exhausted: first.filter(({ foretold }) => foretold !== null).length,
    tooFast: first.filter(({ isTooFast }) => isTooFast).length,
  };
}

/** What the contestant of this number reached on some resources. */
function reachedBy(
  contestant: number,
  judged: readonly JudgedSeries[],
): ForecastFigures & { readonly scores: ForecastScores; readonly n: number } {
  const verdicts = judged.map((one) => one.verdicts[contestant] as Verdict);
  const total = (field: 'warnings' | 'right' | 'timed' | 'covered'): number =>
    verdicts.reduce((sum, verdict) => sum + verdict[field], 0);
  const ended = verdicts.filter(({ foretold }) => foretold !== null);
  const foretold = (some: readonly Verdict[]): Figure =>
    wilsonFigure(some.filter((one) => one.foretold).length, some.length);
  const slow = ended.filter(({ isTooFast }) => !isTooFast);
  const leads = slow.flatMap(({ leadMinutes }) => leadMinutes ?? []).sort((a, b) => a - b);
  const figures = {
    recall: foretold(slow),
    precision: wilsonFigure(total('right'), total('warnings')),
    recallTooFast: foretold(ended.filter(({ isTooFast }) => isTooFast)),
    coverage: wilsonFigure(total('covered'), total('timed')),
  };
  return {
    scores: {
      recall: figures.recall.value,
      precision: figures.precision.value,
      recallTooFast: figures.recallTooFast.value,
      coverage: figures.coverage.value,
      falseWarnings: total('warnings') - total('right'),
      medianLeadMinutes: leads[leads.length >> 1] ?? null,
    },
    n: judged.length,
    figures,
  };
}
