import type { Figure } from '../../../core/truth/index.ts';
import { LogWatcher } from '../../../detectors/index.ts';
import { scenarioIds } from '../../../scenarios/index.ts';
import { poissonRateFigure, wilsonFigure } from '../../statistics/statistics.ts';
import { WorkerPool } from '../../worker-pool.ts';
import { worldKey } from '../../world-key.ts';
import type { WatchedRun, WatchRequest } from './watch-run.ts';

interface LogsOnlineOptions {
  readonly seeds: readonly number[];
  readonly scenarios?: readonly string[];
  readonly jobs: number;
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

/** What one way of looking at logs, or at metrics, heard of the faults that users felt. */
export interface LogsOnlineRow {
  readonly name: string;
  /** Share of felt faults that it spoke of between the injection and two minutes after onset. */
  readonly inTime: Figure;
  /** The same with the faulty component named. */
  readonly inTimeAndRight: Figure;
  /** Share of felt faults of which it spoke in time, and before the first incident from metrics. */
  readonly sooner: Figure;
  /** Of the felt faults of which metrics had no incident in time, the share of which it spoke. */
  readonly beyondMetrics: Figure;
  /** Alarms per healthy hour and cluster. */
  readonly falseAlarms: Figure;
}

export interface LogsOnlineReport {
  readonly benchmark: 'logs';
  readonly seeds: readonly number[];
  readonly runs: number;
  readonly felt: number;
  readonly healthyHours: number;
  /** Runs in which logs spoke within two minutes of onset and metrics did not. */
  readonly onlyLogs: readonly string[];
  readonly rows: readonly LogsOnlineRow[];
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
    return summarise(await pool.play(requests, onDone, worldKey), seeds);
  } finally {
    await pool.close();
  }
}

function summarise(runs: readonly WatchedRun[], seeds: readonly number[]): LogsOnlineReport {
  const felt = runs.filter(({ onsetMs }) => onsetMs !== null);
  const healthyHours = runs.reduce((sum, run) => sum + run.healthyHours, 0);
  const { detectors } = new LogWatcher();
  const missed = felt.filter((run) => !isInTime(run, run.metricsMs));
  const rowOf = (name: string, own: readonly string[]): LogsOnlineRow => {
    const hears = (run: WatchedRun, from: 'logsMs' | 'rightLogsMs'): boolean =>
      own.some((detector) => isInTime(run, run[from][detector] ?? null));
    const share = (from: 'logsMs' | 'rightLogsMs'): Figure =>
      wilsonFigure(felt.filter((run) => hears(run, from)).length, felt.length);
    const falseAlarms = runs.reduce(
      (sum, run) => sum + own.reduce((all, one) => all + (run.falseAlarms[one] ?? 0), 0),
      0,
    );
    return {
      name,
      inTime: share('logsMs'),
      inTimeAndRight: share('rightLogsMs'),
      sooner: wilsonFigure(felt.filter((run) => isSooner(run, own)).length, felt.length),
      beyondMetrics: wilsonFigure(
        missed.filter((run) => hears(run, 'logsMs')).length,
        missed.length,
      ),
      falseAlarms: poissonRateFigure(falseAlarms, { total: healthyHours, unit: 1 }, runs.length),
    };
  };
  return {
    benchmark: 'logs',
    seeds,
    runs: runs.length,
    felt: felt.length,
    healthyHours,
    onlyLogs: missed
      .filter((run) => detectors.some((one) => isInTime(run, run.logsMs[one] ?? null)))
      .map(({ scenario }) => scenario),
    rows: [
      metricsRow(felt),
      rowOf('any log detector', detectors),
      ...detectors.map((name) => rowOf(name, [name])),
    ],
  };
}

function metricsRow(felt: readonly WatchedRun[]): LogsOnlineRow {
  const inTime = felt.filter((run) => isInTime(run, run.metricsMs)).length;
  const none: Figure = { value: null, low: null, high: null, n: 0 };
  return {
    name: 'metrics: default stack',
    inTime: wilsonFigure(inTime, felt.length),
    inTimeAndRight: none,
    sooner: none,
    beyondMetrics: none,
    falseAlarms: none,
  };
}

function isSooner(run: WatchedRun, detectors: readonly string[]): boolean {
  const first = Math.min(...detectors.map((name) => run.logsMs[name] ?? Number.POSITIVE_INFINITY));
  return isInTime(run, first) && first < (run.metricsMs ?? Number.POSITIVE_INFINITY);
}

function isInTime({ onsetMs }: WatchedRun, wordMs: number | null): boolean {
  return onsetMs !== null && wordMs !== null && wordMs <= onsetMs + inTimeMs;
}
