/**
 * Per bucket of `stepMs` and journey: user requests offered and good, and their latency;
 * noise-free.
 */
export interface SliSeries {
  readonly startMs: number;
  readonly stepMs: number;
  readonly journeys: readonly string[];
  /** `offered[j][i]`: requests of journey j in bucket i. */
  readonly offered: readonly (readonly number[])[];
  readonly good: readonly (readonly number[])[];
  readonly latencyMsP95: readonly (readonly number[])[];
}

/** A stretch of a run, [fromMs, untilMs). */
interface SliWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Share of the offered requests that were served well (0 to 1); 1 where nothing was offered. */
export function goodRatio(good: number, offered: number): number {
  return offered > 0 ? good / offered : 1;
}

export function bucketCount(series: SliSeries): number {
  return series.offered[0]?.length ?? 0;
}

/** Index of the bucket that holds an instant, clamped to the series. */
export function bucketAt(series: SliSeries, atMs: number): number {
  const index = Math.floor((atMs - series.startMs) / series.stepMs);
  return Math.min(Math.max(index, 0), bucketCount(series));
}

/**
 * What users asked for: per bucket the larger of the offers with and without the fault. A stopped
 * load generator cannot shrink it, and a flash crowd counts in full.
 */
export function demandOf({
  noFault,
  unhealed,
}: Record<'noFault' | 'unhealed', SliSeries>): SliSeries {
  return {
    ...noFault,
    offered: noFault.offered.map((row, j) =>
      row.map((value, i) => Math.max(value, unhealed.offered[j]?.[i] ?? 0)),
    ),
  };
}

/** Requests of one journey and bucket that were asked for in `demand` and not served well. */
export function lostAt(
  series: SliSeries,
  demand: SliSeries,
  { journey, bucket }: { journey: number; bucket: number },
): number {
  return Math.max(
    0,
    (demand.offered[journey]?.[bucket] ?? 0) - (series.good[journey]?.[bucket] ?? 0),
  );
}

/** Requests of all journeys that were asked for in the window and not served well. */
export function lostRequests(series: SliSeries, demand: SliSeries, window: SliWindow): number {
  let lost = 0;
  const last = Math.min(bucketAt(series, window.untilMs), bucketCount(demand));
  for (let bucket = bucketAt(series, window.fromMs); bucket < last; bucket += 1) {
    for (let journey = 0; journey < series.journeys.length; journey += 1) {
      lost += lostAt(series, demand, { journey, bucket });
    }
  }
  return lost;
}

/** Requests of all journeys offered in the window. */
export function offeredRequests(series: SliSeries, window: SliWindow): number {
  let offered = 0;
  for (let i = bucketAt(series, window.fromMs); i < bucketAt(series, window.untilMs); i += 1) {
    for (const journey of series.offered) offered += journey[i] ?? 0;
  }
  return offered;
}
