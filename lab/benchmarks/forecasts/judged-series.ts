import type { Verdict } from './judge.ts';
import type { ResourceSeries } from './resource-series.ts';

/** A series without its values: what every contestant made of it. */
export interface JudgedSeries {
  readonly resource: ResourceSeries['resource'];
  readonly source: string;
  readonly hours: number;
  /** In the order of the contestants. */
  readonly verdicts: readonly Verdict[];
}

export function toJudged(series: ResourceSeries, verdicts: readonly Verdict[]): JudgedSeries {
  const { resource, source, values, judgedFrom, intervalMs } = series;
  const hours = (Math.max(0, values.length - judgedFrom) * intervalMs) / 3_600_000;
  return { resource, source, hours, verdicts };
}
