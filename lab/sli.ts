import type { SliSeries } from '../core/truth/index.ts';
import type { TruthLog } from '../sim/index.ts';

/** The part of a truth log from `fromMs` on, in buckets of `stepMs`. */
export function summariseSli(log: TruthLog, fromMs: number, stepMs: number): SliSeries {
  const firstTick = Math.max(0, (fromMs - log.startMs) / 1000);
  const ticksPerBucket = stepMs / 1000;
  const buckets = Math.floor((log.user.length - firstTick) / ticksPerBucket);
  const table = (
    read: (tick: TruthLog['user'][number], journey: number) => number,
    divide: boolean,
  ): number[][] =>
    log.journeys.map((_, journey) =>
      Array.from({ length: buckets }, (_unused, bucket) => {
        let sum = 0;
        const start = firstTick + bucket * ticksPerBucket;
        for (let i = start; i < start + ticksPerBucket; i += 1) {
          sum += read(log.user[i] as TruthLog['user'][number], journey);
        }
        return roundSignificant(divide ? sum / ticksPerBucket : sum);
      }),
    );
  return {
    startMs: fromMs,
    stepMs,
    journeys: log.journeys,
    offered: table((tick, j) => tick.offered[j] as number, false),
    good: table((tick, j) => tick.good[j] as number, false),
    latencyMsP95: table((tick, j) => tick.latencyMsP95[j] as number, true),
  };
}

/** Six significant digits: enough for every score, and stable to print. */
function roundSignificant(value: number): number {
  return Number(value.toPrecision(6));
}

/** Index of the bucket that holds an instant, clamped to the series. */
function bucketAt(series: SliSeries, atMs: number): number {
  const index = Math.floor((atMs - series.startMs) / series.stepMs);
  return Math.min(Math.max(index, 0), bucketCount(series));
}

export function bucketCount(series: SliSeries): number {
  return series.offered[0]?.length ?? 0;
}

/** User requests not served well in [fromMs, untilMs), against what was offered in `demand`. */
export function lostRequests(
  series: SliSeries,
  demand: SliSeries,
  window: { fromMs: number; untilMs: number },
): number {
  let lost = 0;
  const last = Math.min(bucketAt(series, window.untilMs), bucketCount(demand));
  for (let i = bucketAt(series, window.fromMs); i < last; i += 1) {
    for (let j = 0; j < series.journeys.length; j += 1) {
      lost += Math.max(0, (demand.offered[j]?.[i] as number) - (series.good[j]?.[i] as number));
    }
  }
  return lost;
}

/** User requests offered in [fromMs, untilMs). */
export function offeredRequests(
  series: SliSeries,
  window: { fromMs: number; untilMs: number },
): number {
  let offered = 0;
  for (let i = bucketAt(series, window.fromMs); i < bucketAt(series, window.untilMs); i += 1) {
    for (const journey of series.offered) offered += journey[i] as number;
  }
  return offered;
}

/**
 * What users asked for: per bucket the larger of the offer with and without the fault. A stopped
 * load generator cannot shrink it, and a flash crowd counts in full.
 */
export function demandOf(noFault: SliSeries, unhealed: SliSeries): SliSeries {
  return {
    ...noFault,
    offered: noFault.offered.map((row, j) =>
      row.map((value, i) => Math.max(value, unhealed.offered[j]?.[i] ?? 0)),
    ),
  };
}

/** Out of the band for this long again is a relapse: what came before it was no recovery. */
const relapseMs = 15_000;

/**
 * The first instant at or after `fromMs` from which every journey's good ratio stays within its
 * tolerance of the no-fault run for `holdMs`, with no relapse until the end; null when there is none.
 */
export function lastingRecovery(options: {
  series: SliSeries;
  noFault: SliSeries;
  tolerance: readonly number[];
  fromMs: number;
  holdMs: number;
}): number | null {
  const { series, noFault, tolerance, fromMs, holdMs } = options;
  const holdBuckets = Math.ceil(holdMs / series.stepMs);
  const relapseBuckets = Math.ceil(relapseMs / series.stepMs);
  let held = 0;
  let broken = 0;
  let recovered: number | null = null;
  for (let i = bucketAt(series, fromMs); i < bucketCount(series); i += 1) {
    const inBand = isInBand(series, noFault, tolerance, i);
    held = inBand ? held + 1 : 0;
    broken = inBand ? 0 : broken + 1;
    if (broken >= relapseBuckets) recovered = null;
    if (held >= holdBuckets) recovered ??= series.startMs + (i - holdBuckets + 1) * series.stepMs;
  }
  return recovered;
}

/** Whether every journey's good ratio in bucket i is within its tolerance of the no-fault run. */
export function isInBand(
  series: SliSeries,
  noFault: SliSeries,
  tolerance: readonly number[],
  i: number,
): boolean {
  return series.journeys.every(
    (_, j) => goodRatio(noFault, j, i) - goodRatio(series, j, i) <= (tolerance[j] as number),
  );
}

function goodRatio(series: SliSeries, journey: number, i: number): number {
  const offered = series.offered[journey]?.[i] ?? 0;
  return offered > 0 ? (series.good[journey]?.[i] as number) / offered : 1;
}
