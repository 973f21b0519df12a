/** How long some slow ways to end take: mean, variance, the shortest and the longest of them. */
export interface SlowWay {
  ms: number;
  varianceMs2: number;
  minMs: number;
  maxMs: number;
}

/**
 * Slow ways to end, all together, as two instants with their mean and variance: most of what waits
 * for time-outs ends at one of few instants, and the later one matters for high quantiles.
 */
export interface SlowAtoms {
  earlyMs: number;
  lateMs: number;
  /** Share of the later one (0 to 1). */
  lateShare: number;
}

export function createSlowAtoms(): SlowAtoms {
  return { earlyMs: 0, lateMs: 0, lateShare: 1 };
}

/**
 * The later instant stands this many standard deviations above the mean, if some way is that long.
 */
const reachSd = 2;

/**
 * Splits slow ways so that mean and variance are kept. Exact when there are only two; when the
 * longest is a rare sum of many time-outs, the later instant is where a fifth of them would end.
 */
export function splitSlow(out: SlowAtoms, way: Readonly<SlowWay>): void {
  const { ms, varianceMs2, minMs, maxMs } = way;
  // Nearer than this, the early one would come before the shortest.
  const aboveMin = minMs < ms ? ms - minMs : ms;
  const reachMs = Math.max(reachSd * Math.sqrt(varianceMs2), varianceMs2 / aboveMin);
  const gapMs = Math.min(maxMs - ms, reachMs);
  if (!(gapMs > 1e-6 * ms)) {
    out.earlyMs = ms;
    out.lateMs = ms;
    out.lateShare = 1;
    return;
  }
  out.lateMs = ms + gapMs;
  out.lateShare = varianceMs2 / (varianceMs2 + gapMs * gapMs);
  out.earlyMs = Math.max(0, ms - varianceMs2 / gapMs);
}
