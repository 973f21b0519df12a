import type { Figure } from '../../../core/truth/index.ts';
import { scenarioIds } from '../../../scenarios/index.ts';
import { wilsonFigure } from '../../statistics/statistics.ts';
import { WorkerPool } from '../../worker-pool.ts';
import { worldKey } from '../../world-key.ts';
import { type Contestant, contestants } from './contestants.ts';
import { generateSeries } from './generate-series.ts';
import { judge, type Verdict } from './judge.ts';
import { type JudgedSeries, toJudged } from './judged-series.ts';
import { type EpisodeRequest, type Pace, slowPaces } from './twin-episodes.ts';

export interface ForecastOptions {
  /** The first of the seeds; below 1001 for development. */
  readonly firstSeed: number;
  /** Generated resources of each kind, and five times the slowed runs of each scenario. */
  readonly seeds: number;
  /** Also play every scenario of the catalogue once, as written. */
  readonly catalogue: boolean;
  readonly jobs: number;
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

/** What one contestant reached on one set of resources. */
export interface ForecastRow {
  readonly name: string;
  readonly kind: Contestant['kind'];
  /** Share of exhaustions before which a warning stood ten minutes ahead; too fast ones apart. */
  readonly recall: Figure;
  /** Share of warnings after which the resource ran out within the horizon. */
  readonly precision: Figure;
  /** The same share among those that came too fast. */
  readonly recallTooFast: Figure;
  /** Share of right warnings whose 80 % interval held the end. */
  readonly coverage: Figure;
  readonly falseWarnings: number;
  readonly medianLeadMin: number | null;
}

export interface ForecastSet {
  readonly name: string;
  readonly series: number;
  readonly hours: number;
  readonly exhausted: number;
  readonly tooFast: number;
  readonly rows: readonly ForecastRow[];
}

export interface ForecastReport {
  readonly benchmark: 'forecasts';
  readonly default: string;
  readonly seeds: readonly [first: number, last: number];
  readonly sets: readonly ForecastSet[];
}

/** A generated series costs nothing beside a run of the twin. */
const seriesPerRun = 5;

/**
 * Warnings of exhaustion on the twin's resources and on generated ones: how many stood ten minutes
 * ahead, and how many were right.
 */
export async function runForecasts(options: ForecastOptions): Promise<ForecastReport> {
  const { firstSeed, seeds, catalogue, jobs, onProgress } = options;
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
  const ofPaces = (
    kinds: readonly JudgedSeries['resource'][],
    ...paces: readonly Pace[]
  ): JudgedSeries[] =>
    played
      .filter((_, i) => paces.includes((requests[i] as EpisodeRequest).pace))
      .flat()
      .filter(({ resource }) => kinds.includes(resource));
  const generated = Array.from({ length: seeds }, (_, i) => judgeSeed(firstSeed + i)).flat();
  const resources = [...new Set(generated.map(({ resource }) => resource))];
  return {
    benchmark: 'forecasts',
    default: 'trend',
    seeds: [firstSeed, firstSeed + seeds - 1],
    sets: [
      summarise('twin, memory, slowed down', ofPaces(['memory'], 'slowed', 'passing')),
      summarise('twin, queues, slowed down', ofPaces(['queue'], 'slowed', 'passing')),
      summarise('twin, CPU under rising load', ofPaces(['cpu'], 'rising')),
      ...(catalogue
        ? [
            summarise('twin, catalogue as written', ofPaces(['memory', 'queue'], 'as written')),
            summarise('twin, CPU, catalogue as written', ofPaces(['cpu'], 'as written')),
          ]
        : []),
      ...resources.map((resource) =>
        summarise(
          `generated: ${resource}`,
          generated.filter((one) => one.resource === resource),
        ),
      ),
      summarise(
        'all but CPU',
        [...played.flat(), ...generated].filter((one) => one.resource !== 'cpu'),
      ),
    ],
  };
}

function requestsFor({ firstSeed, seeds, catalogue }: ForecastOptions): EpisodeRequest[] {
  const runSeeds = Math.ceil(seeds / seriesPerRun);
  return scenarioIds().flatMap((scenario): EpisodeRequest[] => {
    return [
      ...slowPaces(scenario).flatMap((pace) =>
        Array.from({ length: runSeeds }, (_, i) => ({ scenario, seed: firstSeed + i, pace })),
      ),
      ...(catalogue ? [{ scenario, seed: firstSeed, pace: 'as written' as const }] : []),
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

function summarise(name: string, judged: readonly JudgedSeries[]): ForecastSet {
  const first = judged.flatMap(({ verdicts }) => verdicts[0] ?? []);
  return {
    name,
    series: judged.length,
    hours: judged.reduce((sum, { hours }) => sum + hours, 0),
    exhausted: first.filter(({ foretold }) => foretold !== null).length,
    tooFast: first.filter(({ isTooFast }) => isTooFast).length,
    rows: contestants.map((contestant, i) =>
      rowOf(
        contestant,
        judged.map(({ verdicts }) => verdicts[i] as Verdict),
      ),
    ),
  };
}

function rowOf({ name, kind }: Contestant, verdicts: readonly Verdict[]): ForecastRow {
  const total = (field: 'warnings' | 'right' | 'timed' | 'covered'): number =>
    verdicts.reduce((sum, verdict) => sum + verdict[field], 0);
  const ended = verdicts.filter(({ foretold }) => foretold !== null);
  const foretold = (some: readonly Verdict[]): Figure =>
    wilsonFigure(some.filter((one) => one.foretold).length, some.length);
  const slow = ended.filter(({ isTooFast }) => !isTooFast);
  const leads = slow.flatMap(({ leadMin }) => leadMin ?? []).sort((a, b) => a - b);
  return {
    name,
    kind,
    recall: foretold(slow),
    precision: wilsonFigure(total('right'), total('warnings')),
    recallTooFast: foretold(ended.filter(({ isTooFast }) => isTooFast)),
    coverage: wilsonFigure(total('covered'), total('timed')),
    falseWarnings: total('warnings') - total('right'),
    medianLeadMin: leads[leads.length >> 1] ?? null,
  };
}
