import {
  bucketCount,
  demandOf,
  lostAt,
  type RunRecord,
  type SliSeries,
} from '../core/truth/index.ts';

type Run = keyof RunRecord['sli'];

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

/** Requests asked for and not served well, summed from the start up to each bucket. */
export function cumulativeLost({ sli }: RunRecord, run: Run): readonly number[] {
  const series = sli[run];
  const demand = demandOf(sli);
  const lost: number[] = [];
  let sum = 0;
  for (let bucket = 0; bucket < bucketCount(series); bucket += 1) {
    for (let journey = 0; journey < series.journeys.length; journey += 1) {
      sum += lostAt(series, demand, { journey, bucket });
    }
    lost.push(sum);
  }
  return lost;
}

/** Requests that one journey lost over the whole run. */
export function lostByJourney({ sli }: RunRecord, run: Run, journey: number): number {
  const series = sli[run];
  const demand = demandOf(sli);
  let sum = 0;
  for (let bucket = 0; bucket < bucketCount(series); bucket += 1) {
    sum += lostAt(series, demand, { journey, bucket });
  }
  return sum;
}

/** One cell of a per-journey table of numbers, 0 where the table has none. */
export function at(table: readonly (readonly number[])[], journey: number, bucket: number): number {
  return table[journey]?.[bucket] ?? 0;
}
