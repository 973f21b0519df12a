import { type Figure, noFigure } from '../../../core/truth/index.ts';
import { LogWatcher } from '../../../detectors/index.ts';
import { scenarioIds } from '../../../scenarios/index.ts';
import { poissonRateFigure, wilsonFigure } from '../../statistics/statistics.ts';
import { WorkerPool } from '../../worker-pool.ts';
import { worldKey } from '../../world-key.ts';
import type { BenchmarkReport, BenchmarkRow } from '../benchmark-report.ts';
import type { WatchedRun, WatchRequest } from './watch-run.ts';

interface LogsOnlineOptions {
  readonly seeds: readonly number[];
  readonly scenarios?: readonly string[];
  readonly jobs: number;
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

/** What one way of looking at logs, or at metrics, heard of the faults that users felt. */
interface Hearing<Value> {
  /** Share of felt faults that it spoke of between the injection and two minutes after onset. */
  readonly inTime: Value;
  /** The same with the faulty component named. */
  readonly inTimeAndRight: Value;
  /** Share of felt faults of which it spoke in time, and before the first incident from metrics. */
  readonly sooner: Value;
  /** Of the felt faults of which metrics had no incident in time, the share of which it spoke. */
  readonly beyondMetrics: Value;
  /** Alarms per healthy hour and cluster. */
  readonly falseAlarms: Value;
}

type LogsOnlineScores = Hearing<number | null>;

interface LogsOnlineRow extends BenchmarkRow<LogsOnlineScores> {
  /** The scores with their 95 % intervals. */
  readonly figures: Hearing<Figure>;
}

/** `n` counts felt faults; entities are scenarios. */
export interface LogsOnlineReport extends BenchmarkReport<LogsOnlineScores> {
  readonly rows: readonly LogsOnlineRow[];
  readonly seeds: readonly number[];
  readonly runs: number;
  readonly healthyHours: number;
  /** Runs in which logs spoke within two minutes of onset and metrics did not. */
  readonly onlyLogs: readonly string[];
}

const inTimeMs = 120_000;

/**
 * Plays every scenario unhealed and asks what log detectors hear of it, and when, beside the
 * metrics' default stack.
 */
export async function runLogsOnline(options: LogsOnlineOptions): Promise<LogsOnlineReport> {
  const { seeds, scenarios = scenarioIds(), jobs, onProgress } = options;
  const requests = scenarios.flatMap((scenario) => seeds.map((seed) => ({ scenario, seed })));
  const pool = new WorkerPool<WatchRequest, WatchedRun>(new URL('./worker.ts', import.meta.url), {
    jobs,
  });
  let done = 0;
  try {
    const onDone = ({ scenario }: WatchedRun): void => {
      done += 1;
      onProgress?.(done, requests.length, scenario);
    };
    return reportLogsOnline(await pool.play(requests, onDone, worldKey), seeds);
  } finally {
    await pool.close();
  }
}

/** What was heard in runs of the catalogue, by each detector and by all together. */
export function reportLogsOnline(
  runs: readonly WatchedRun[],
  seeds: readonly number[],
): LogsOnlineReport {
  const { detectors } = new LogWatcher();
  const ways: readonly Way[] = [
    { name: 'metrics: default stack', kind: 'baseline', hear: hearMetrics },
    { name: anyLog, kind: 'ours', hear: (some) => hearLogs(some, detectors) },
    ...detectors.map(
      (name): Way => ({ name, kind: 'ours', hear: (some) => hearLogs(some, [name]) }),
    ),
  ];
  const scenarios = [...Map.groupBy(runs, ({ scenario }) => scenario)];
  return {
    benchmark: 'logs',
    default: anyLog,
    seeds,
    runs: runs.length,
    healthyHours: healthyHoursOf(runs),
    onlyLogs: missedOf(runs)
      .filter((run) => detectors.some((one) => isInTime(run, run.logsMs[one] ?? null)))
      .map(({ scenario }) => scenario),
    rows: ways.map(({ name, kind, hear }) => {
      const figures = hear(runs);
      return { name, kind, scores: valuesOf(figures), n: feltOf(runs).length, figures };
    }),
    entities: ways.flatMap(({ name: row, hear }) =>
      scenarios.map(([name, own]) => {
        return { name, row, scores: valuesOf(hear(own)), n: feltOf(own).length };
      }),
    ),
  };
}

const anyLog = 'any log detector';

interface Way {
  readonly name: string;
  readonly kind: 'ours' | 'baseline';
  readonly hear: (runs: readonly WatchedRun[]) => Hearing<Figure>;
}

function hearLogs(runs: readonly WatchedRun[], own: readonly string[]): Hearing<Figure> {
  const felt = feltOf(runs);
  const missed = missedOf(runs);
  const hears = (run: WatchedRun, from: 'logsMs' | 'rightLogsMs'): boolean =>
    own.some((detector) => isInTime(run, run[from][detector] ?? null));
  const share = (from: 'logsMs' | 'rightLogsMs'): Figure =>
    wilsonFigure(felt.filter((run) => hears(run, from)).length, felt.length);
  const falseAlarms = runs.reduce(
    (sum, run) => sum + own.reduce((all, one) => all + (run.falseAlarms[one] ?? 0), 0),
    0,
  );
  const hours = { total: healthyHoursOf(runs), unit: 1 };
  return {
    inTime: share('logsMs'),
    inTimeAndRight: share('rightLogsMs'),
    sooner: wilsonFigure(felt.filter((run) => isSooner(run, own)).length, felt.length),
    beyondMetrics: wilsonFigure(missed.filter((run) => hears(run, 'logsMs')).length, missed.length),
    falseAlarms: poissonRateFigure(falseAlarms, hours, runs.length),
  };
}

function hearMetrics(runs: readonly WatchedRun[]): Hearing<Figure> {
  const felt = feltOf(runs);
  return {
    inTime: wilsonFigure(felt.length - missedOf(runs).length, felt.length),
    inTimeAndRight: noFigure,
    sooner: noFigure,
    beyondMetrics: noFigure,
    falseAlarms: noFigure,
  };
}

function valuesOf(figures: Hearing<Figure>): LogsOnlineScores {
  return {
    inTime: figures.inTime.value,
    inTimeAndRight: figures.inTimeAndRight.value,
    sooner: figures.sooner.value,
    beyondMetrics: figures.beyondMetrics.value,
    falseAlarms: figures.falseAlarms.value,
  };
}

function feltOf(runs: readonly WatchedRun[]): WatchedRun[] {
  return runs.filter(({ onsetMs }) => onsetMs !== null);
}

function missedOf(runs: readonly WatchedRun[]): WatchedRun[] {
  return feltOf(runs).filter((run) => !isInTime(run, run.metricsMs));
}

function healthyHoursOf(runs: readonly WatchedRun[]): number {
  return runs.reduce((sum, run) => sum + run.healthyHours, 0);
}

function isSooner(run: WatchedRun, detectors: readonly string[]): boolean {
  const first = Math.min(...detectors.map((name) => run.logsMs[name] ?? Number.POSITIVE_INFINITY));
  return isInTime(run, first) && first < (run.metricsMs ?? Number.POSITIVE_INFINITY);
}

function isInTime({ onsetMs }: WatchedRun, wordMs: number | null): boolean {
  return onsetMs !== null && wordMs !== null && wordMs <= onsetMs + inTimeMs;
}
