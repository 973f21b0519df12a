/** What a univariate detector says of one value. */
export interface PointVerdict {
  readonly atMs: number;
  readonly value: number;
  /** How abnormal, 0 and up; NaN while warming up or for a missing value. */
  readonly score: number;
  readonly verdict: 'normal' | 'anomaly' | 'warming_up';
}

/** The univariate form of a detector: `score` changes nothing, `learn` comes after. */
export interface PointDetector {
  readonly threshold: number;
  score(value: number, atMs: number): PointVerdict;
  learn(value: number, atMs: number): void;
}

/** A verdict from a score, NaN meaning "no opinion yet". */
export function verdictOf(
  point: { atMs: number; value: number },
  score: number,
  threshold: number,
): PointVerdict {
  const verdict = score >= threshold ? 'anomaly' : score < threshold ? 'normal' : 'warming_up';
  return { atMs: point.atMs, value: point.value, score, verdict };
}
