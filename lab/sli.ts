import { bucketAt, bucketCount, goodRatio, type SliSeries } from '../core/truth/index.ts';
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

/** User requests offered and served well in some ticks of a truth log. */
export function countRequests(ticks: TruthLog['user']): { offered: number; good: number } {
  let offered = 0;
  let good = 0;
  for (const tick of ticks) {
    for (const value of tick.offered) offered += value;
    for (const value of tick.good) good += value;
  }
  return { offered, good };
}

/** Back in the band counts when it lasts this long. */
const holdMs = 60_000;
/** Out of the band for this long again is a relapse: what came before it was no recovery. */
const relapseMs = 15_000;

/**
 * The first instant at or after `fromMs` from which every journey's good ratio stays within its
 * tolerance of the no-fault run for a minute, with no relapse until the end; null when there is
 * none.
 */
export function lastingRecovery(options: {
  series: SliSeries;
  noFault: SliSeries;
  tolerance: readonly number[];
  fromMs: number;
}): number | null {
  const { series, noFault, tolerance, fromMs } = options;
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

/**
 * Whether every journey's good ratio in bucket i is within its tolerance of the no-fault run. Users
 * who no longer get as far as asking count as asking, so that silencing them is no cure.
 */
export function isInBand(
  series: SliSeries,
  noFault: SliSeries,
  tolerance: readonly number[],
  i: number,
): boolean {
  const at = (rows: SliSeries['good'], j: number): number => rows[j]?.[i] ?? 0;
  return series.journeys.every((_, j) => {
    const offered = at(noFault.offered, j);
    const sound = goodRatio(at(noFault.good, j), offered);
    const asked = Math.max(offered, at(series.offered, j));
    return sound - goodRatio(at(series.good, j), asked) <= (tolerance[j] as number);
  });
}
