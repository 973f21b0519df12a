import type { RunRecord, SliSeries } from '../core/truth/index.ts';

/** All journeys of one run together, per bucket. */
export interface SliCurve {
  /** Start of each bucket, ms since the run's start. */
  readonly atMs: readonly number[];
  /** Good requests over offered ones; null where none were offered. */
  readonly goodRatio: readonly (number | null)[];
  /** 95th percentile of the journey that is slowest in the bucket; null where none were offered. */
  readonly latencyMsP95: readonly (number | null)[];
}

/**
 * Sums journeys and, where the series is longer than `pointsMax`, neighbouring buckets. Counts are
 * added and latencies take the highest, so that a short dip stays visible.
 */
export function sliCurve(series: SliSeries, pointsMax: number): SliCurve {
  const length = bucketCount(series);
  const stride = Math.max(1, Math.ceil(length / pointsMax));
  const atMs: number[] = [];
  const goodRatio: (number | null)[] = [];
  const latencyMsP95: (number | null)[] = [];
  for (let start = 0; start < length; start += stride) {
    let offered = 0;
    let good = 0;
    let latencyMs = 0;
    for (let i = start; i < Math.min(start + stride, length); i += 1) {
      for (let j = 0; j < series.journeys.length; j += 1) {
        offered += at(series.offered, j, i);
        good += at(series.good, j, i);
        if (at(series.offered, j, i) > 0)
          latencyMs = Math.max(latencyMs, at(series.latencyMsP95, j, i));
      }
    }
    atMs.push(series.startMs + start * series.stepMs);
    goodRatio.push(offered > 0 ? good / offered : null);
    latencyMsP95.push(latencyMs > 0 ? latencyMs : null);
  }
  return { atMs, goodRatio, latencyMsP95 };
}

/** How many buckets a series has. */
export function bucketCount(series: SliSeries): number {
  return series.offered[0]?.length ?? 0;
}

/**
 * What users asked for in one bucket: the larger of the offers with and without the fault, so that
 * neither a stopped load generator nor a flash crowd is left out.
 */
function demandAt({ sli }: RunRecord, journey: number, bucket: number): number {
  return Math.max(
    at(sli.noFault.offered, journey, bucket),
    at(sli.unhealed.offered, journey, bucket),
  );
}

function lostAt(record: RunRecord, series: SliSeries, cell: { j: number; i: number }): number {
  return Math.max(0, demandAt(record, cell.j, cell.i) - at(series.good, cell.j, cell.i));
}

/** Requests asked for and not served well, summed from the start up to each bucket. */
export function lostRequests(record: RunRecord, series: SliSeries): readonly number[] {
  const lost: number[] = [];
  let sum = 0;
  for (let i = 0; i < bucketCount(series); i += 1) {
    for (let j = 0; j < series.journeys.length; j += 1) sum += lostAt(record, series, { j, i });
    lost.push(sum);
  }
  return lost;
}

/** Requests that one journey lost over the whole run. */
export function lostRequestsOf(record: RunRecord, series: SliSeries, journey: number): number {
  let sum = 0;
  for (let i = 0; i < bucketCount(series); i += 1) sum += lostAt(record, series, { j: journey, i });
  return sum;
}

/**
 * Requests served well over those asked for, in the hour after onset, or in the whole of a run in
 * which users never noticed anything; null when nothing was asked for.
 */
export function availabilityOf(record: RunRecord, series: SliSeries): number | null {
  const { onsetMs } = record.truth;
  const fromMs = onsetMs ?? series.startMs;
  const untilMs = onsetMs === null ? record.durationMs : onsetMs + 3_600_000;
  const bucketOf = (atMs: number): number => Math.floor((atMs - series.startMs) / series.stepMs);
  let demand = 0;
  let lost = 0;
  const last = Math.min(bucketOf(untilMs), bucketCount(series));
  for (let i = Math.max(0, bucketOf(fromMs)); i < last; i += 1) {
    for (let j = 0; j < series.journeys.length; j += 1) {
      demand += demandAt(record, j, i);
      lost += lostAt(record, series, { j, i });
    }
  }
  return demand > 0 ? 1 - lost / demand : null;
}

/** One cell of a per-journey table of numbers, 0 where the table has none. */
export function at(table: readonly (readonly number[])[], journey: number, bucket: number): number {
  return table[journey]?.[bucket] ?? 0;
}
