/**
 * The quantile of a cumulative histogram, by a straight line within its bucket, as Prometheus'
 * `histogram_quantile` has it; NaN when nothing was counted, the highest finite bound beyond it.
 * `bounds` rise and end with infinity; `counts` are of values at or below each.
 */
export function bucketQuantile(
  quantile: number,
  bounds: readonly number[],
  counts: readonly number[],
): number {
  const total = counts.at(-1) ?? 0;
  if (!(total > 0) || bounds.at(-1) !== Number.POSITIVE_INFINITY) return Number.NaN;
  const rank = quantile * total;
  const bucket = counts.findIndex((count) => count >= rank);
  const upper = bounds[bucket] as number;
  if (upper === Number.POSITIVE_INFINITY) return bounds.at(-2) ?? Number.NaN;
  const lower = bucket === 0 ? Math.min(0, upper) : (bounds[bucket - 1] as number);
  const below = bucket === 0 ? 0 : (counts[bucket - 1] as number);
  const inside = (counts[bucket] as number) - below;
  return inside > 0 ? lower + ((upper - lower) * (rank - below)) / inside : upper;
}
