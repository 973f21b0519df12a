import type { LatencyLaw, MutableLaw } from './flow-state.ts';
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

/** A law to be written to; its numbers are none yet, so that they are doubles from the start. */
export function createLaw(): MutableLaw {
  return {
    meanMs: Number.NaN,
    varianceMs2: Number.NaN,
    midShare: Number.NaN,
    midMs: Number.NaN,
    slowShare: Number.NaN,
    slowMs: Number.NaN,
    failShare: Number.NaN,
    failMs: Number.NaN,
    failVarianceMs2: Number.NaN,
  };
}

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
  let left = q;
  if (midShare > 0) {
    if (isSurelyQuick(law, q, midMs)) return quickQuantile(law, q / quick, quantile);
    const before = quickBefore(law, midMs);
    if (q < before) return quickQuantile(law, q / quick, quantile);
    if (q <= before + midShare) return midMs;
    left -= midShare;
  }
  if (slowShare > 0 && !isSurelyQuick(law, left, slowMs)) {
    const before = quickBefore(law, slowMs);
    if (left >= before && (left <= before + slowShare || !hasQuick)) return slowMs;
    if (left > before + slowShare) left -= slowShare;
  }
  return hasQuick ? quickQuantile(law, Math.min(left / quick, 1 - 1e-12), quantile) : midMs;
}

/** P(quick and <= ms). */
function quickBefore(law: LatencyLaw, ms: number): number {
  const quick = quickShare(law);
  return quick > 1e-12 ? quick * quickCdf(law.meanMs, law.varianceMs2, ms) : 0;
}

/** More than any cdf here is off. */
const cdfMargin = 1e-4;

/**
 * Whether {@link quickBefore} is above q for certain, by Chernoff's bound: time-outs mostly are so
 * far out that a tenth of the cost of the cdf tells.
 */
function isSurelyQuick(law: LatencyLaw, q: number, ms: number): boolean {
  const { meanMs, varianceMs2 } = law;
  if (!(ms > meanMs && varianceMs2 > constantScv * meanMs * meanMs)) return false;
  const shape = (meanMs * meanMs) / varianceMs2;
  const beyond = Math.exp(shape * (1 - ms / meanMs + Math.log(ms / meanMs)));
  return q < quickShare(law) * (1 - beyond - cdfMargin);
}

/** By bisection to a relative 1e-9, most steps of which a bracket of the root spares. */
function mixedQuantile(law: LatencyLaw, q: number): number {
  let to = Math.max(law.meanMs, law.failMs, law.midMs, law.slowMs, 1e-9);
  while (to < 1e12 && latencyCdf(law, to) < q) to *= 2;
  bracketQuantile(law, q, to);
  let from = 0;
  // Failures at once have no time at all, and no relative error either.
  while (to - from > 1e-9 * to + 1e-12) {
    const middle = 0.5 * (from + to);
    const isBelow =
      middle <= bracket.below || (middle < bracket.above && latencyCdf(law, middle) < q);
    if (isBelow) from = middle;
    else to = middle;
  }
  return to;
}

/** Where the cdf is below q, and where it no longer is. */
const bracket = { below: 0, above: 0 };

/**
 * Brackets a quantile in 0 … `to`: by the secant method, from where it is without the failures,
 * then right beside where that leads. Where the cdf has steps the bracket may stay wide.
 */
function bracketQuantile(law: LatencyLaw, q: number, to: number): void {
  bracket.below = 0;
  bracket.above = to;
  let before = quickQuantile(law, q, gammaQuantile);
  let gapBefore = narrowBracket(law, q, before);
  let ms = before * (gapBefore < 0 ? 1.001 : 0.999);
  for (let i = 0; i < 8; i += 1) {
    const gap = narrowBracket(law, q, ms);
    const step = (gap * (ms - before)) / (gap - gapBefore);
    before = ms;
    gapBefore = gap;
    ms -= step;
    if (!(Math.abs(step) > 1e-7 * ms)) break;
  }
  narrowBracket(law, q, ms * (1 - 1e-9));
  narrowBracket(law, q, ms * (1 + 1e-9));
}

/** Narrows the bracket at `ms`; answers how far the cdf is above q there. */
function narrowBracket(law: LatencyLaw, q: number, ms: number): number {
  const gap = latencyCdf(law, ms) - q;
  if (gap < 0) bracket.below = Math.max(bracket.below, ms);
  else if (gap >= 0) bracket.above = Math.min(bracket.above, ms);
  return gap;
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
