/**
 * Buckets per doubling: schema 3 of Prometheus' native and OpenTelemetry's exponential histograms.
 */
const bucketsPerDoubling = 8;
/** What a client's timer cannot tell from nothing, ms: a refusal on the way over the loopback. */
const zeroBucketMs = 0.05;
/** Share of the requests beyond a quantile that fall into the quantile's own bucket, roughly. */
const neighbourShare = 0.25;

const logZeroBucket: number = Math.log(zeroBucketMs);

/**
 * What `histogram_quantile` makes of a sample quantile of e to the power of `log` milliseconds: it
 * knows the bucket (each 9 % wide) and, by interpolation, about where in it; with few requests in
 * the bucket it could be anywhere. `u` is uniform, `beyond` the number of requests above the
 * quantile. Below the zero bucket's bound it could be anywhere in that. The bound is 4.4 %
 * (prometheus.io, "Native histograms"); the count in the bucket is a guess.
 */
export function bucketedQuantileMs(log: number, beyond: number, u: number): number {
  if (!(log > logZeroBucket)) return zeroBucketMs * u;
  const position = (bucketsPerDoubling / Math.LN2) * log;
  const bucket = Math.floor(position);
  const inBucket = neighbourShare * beyond;
  const part = ((position - bucket) * inBucket + u) / (inBucket + 1);
  return Math.exp((bucket + part) * (Math.LN2 / bucketsPerDoubling));
}
