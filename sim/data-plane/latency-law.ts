import type { LatencyLaw } from './flow-state.ts';
import { gammaCdf, gammaCdfBehind, gammaQuantile, logGamma } from './gamma.ts';

/** e to the power of minus this is 1e-9. */
const tailExponent = 20.73;
/** Relative variance below which a law counts as a constant. */
const constantScv = 1e-9;

/** The part of a law that says: no time-outs, and no failures apart. */
export const noTimeOut: Omit<LatencyLaw, 'meanMs' | 'varianceMs2'> = {
  midShare: 0,
  midMs: 0,
  slowShare: 0,
  slowMs: 0,
  failShare: 0,
  failMs: 0,
  failVarianceMs2: 0,
};

/** P(response time <= ms), 0 to 1; time-outs count from their instants on. */
export function latencyCdf(law: LatencyLaw, ms: number): number {
  const mid = ms >= law.midMs ? law.midShare : 0;
  const slow = ms >= law.slowMs ? law.slowShare : 0;
  const { failShare } = law;
  const fail = failShare > 0 ? failShare * quickCdf(law.failMs, law.failVarianceMs2, ms) : 0;
  return mid + slow + fail + quickShare(law) * quickCdf(law.meanMs, law.varianceMs2, ms);
}

function quickShare({ midShare, slowShare, failShare }: LatencyLaw): number {
  return 1 - midShare - slowShare - failShare;
}

/** The p-quantile of a gamma with this shape and scale 1. */
export type GammaQuantile = (shape: number, p: number) => number;

/**
 * The q-quantile (0 <= q < 1) in ms; inside a share of time-outs it is their instant. As exact as
 * the gamma's quantile that it is given.
 */
export function latencyQuantileMs(
  law: LatencyLaw,
  q: number,
  quantile: GammaQuantile = gammaQuantile,
): number {
  const { midShare, midMs, slowShare, slowMs } = law;
  if (law.failShare > 0) return mixedQuantile(law, q);
  if (midShare + slowShare <= 0) return quickQuantile(law, q, quantile);
  const quick = quickShare(law);
  const hasQuick = quick > 1e-12;
  const quickBefore = (ms: number): number =>
    hasQuick ? quick * quickCdf(law.meanMs, law.varianceMs2, ms) : 0;
  let left = q;
  if (midShare > 0) {
    const before = quickBefore(midMs);
    if (q < before) return quickQuantile(law, q / quick, quantile);
    if (q <= before + midShare) return midMs;
    left -= midShare;
  }
  if (slowShare > 0) {
    const before = quickBefore(slowMs);
    if (left >= before && (left <= before + slowShare || !hasQuick)) return slowMs;
    if (left > before + slowShare) left -= slowShare;
  }
  return hasQuick ? quickQuantile(law, Math.min(left / quick, 1 - 1e-12), quantile) : midMs;
}

/** By bisection to a relative 1e-9; about 20 µs. */
function mixedQuantile(law: LatencyLaw, q: number): number {
  let to = Math.max(law.meanMs, law.failMs, law.midMs, law.slowMs, 1e-9);
  while (to < 1e12 && latencyCdf(law, to) < q) to *= 2;
  let from = 0;
  // Failures at once have no time at all, and no relative error either.
  while (to - from > 1e-9 * to + 1e-12) {
    const middle = 0.5 * (from + to);
    if (latencyCdf(law, middle) < q) from = middle;
    else to = middle;
  }
  return to;
}

/** A response time in ms drawn by inversion from one uniform u in [0, 1). */
export function sampleLatencyMs(law: LatencyLaw, u: number): number {
  return latencyQuantileMs(law, u);
}

/** Mean over the whole law, time-outs included, in ms. */
export function latencyMeanMs(law: LatencyLaw): number {
  const slow = law.midShare * law.midMs + law.slowShare * law.slowMs;
  return quickShare(law) * law.meanMs + law.failShare * law.failMs + slow;
}

/** The q-quantile in ms of those whom no time-out or failure of its own meets. */
export function quickQuantile(law: LatencyLaw, q: number, quantile: GammaQuantile): number {
  const { meanMs, varianceMs2 } = law;
  if (varianceMs2 <= constantScv * meanMs * meanMs) return meanMs;
  return (quantile((meanMs * meanMs) / varianceMs2, q) * varianceMs2) / meanMs;
}

/** P(X <= ms) of the gamma with this mean and variance. */
export function quickCdf(meanMs: number, varianceMs2: number, ms: number): number {
  if (varianceMs2 <= constantScv * meanMs * meanMs) return ms >= meanMs ? 1 : 0;
  const shape = (meanMs * meanMs) / varianceMs2;
  const x = (ms * meanMs) / varianceMs2;
  return isFarTail(shape, x) ? 1 : gammaCdf(shape, x);
}

/**
 * Chernoff: beyond this point less than 1e-9 of a gamma's mass is left, so nobody needs the cdf.
 */
function isFarTail(shape: number, x: number): boolean {
  if (x > 30 + 2 * shape) return true;
  return x > tailExponent + shape && x - shape * (1 + Math.log(x / shape)) > tailExponent;
}

/** The part of a law below a limit: its share, and its first two moments times that share. */
export interface Truncated {
  share: number;
  first: number;
  second: number;
}

/**
 * Cuts the gamma with this mean and variance at `limitMs`. About 10 ns when the limit is far away,
 * which small code for the usual case makes sure of; else 200 ns.
 */
export function truncate(
  out: Truncated,
  meanMs: number,
  varianceMs2: number,
  limitMs: number,
): void {
  const square = meanMs * meanMs;
  const isConstant = varianceMs2 <= constantScv * square;
  const shape = isConstant ? 0 : square / varianceMs2;
  const x = isConstant ? 0 : (limitMs * meanMs) / varianceMs2;
  if (isConstant ? limitMs >= meanMs : isFarTail(shape, x)) {
    out.share = 1;
    out.first = meanMs;
    out.second = square + varianceMs2;
  } else if (isConstant || x <= 0) {
    out.share = 0;
    out.first = 0;
    out.second = 0;
  } else {
    setPartBelow(out, shape, x);
    out.first *= meanMs;
    out.second *= square + varianceMs2;
  }
}

/**
 * The shares of a gamma with scale 1, and of its first two moments, that lie below x > 0; exact, by
 * the recurrence P(a+1, x) = P(a, x) − x^a e^−x / Γ(a+1).
 */
function setPartBelow(out: Truncated, shape: number, x: number): void {
  const step = Math.exp(shape * Math.log(x) - x - logGamma(shape + 1));
  out.share = gammaCdfBehind(shape, x, step * shape);
  out.first = Math.max(0, out.share - step);
  out.second = Math.max(0, out.first - (step * x) / (shape + 1));
}
