import { normalQuantile } from '../../core/tools/index.ts';

/** The Poisson count at probability `u`; above a mean of 30 by a normal with a skewness term. */
export function poisson(mean: number, u: number): number {
  if (!(mean > 0)) return 0;
  if (mean > 30) {
    const z = normalQuantileInside(u);
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * z + (z * z - 1) / 6));
  }
  let probability = Math.exp(-mean);
  let total = probability;
  let count = 0;
  // The bound only guards against rounding at u close to one.
  while (u > total && count < 200) {
    count += 1;
    probability *= mean / count;
    total += probability;
  }
  return count;
}

/** The binomial count at probability `u`; above an expectation of 30 by a normal. */
export function binomial(trials: number, ratio: number, u: number): number {
  if (trials <= 0 || !(ratio > 0)) return 0;
  if (ratio >= 1) return trials;
  if (ratio > 0.5) return trials - binomial(trials, 1 - ratio, 1 - u);
  const expected = trials * ratio;
  if (expected > 30) {
    const z = normalQuantileInside(u);
    const count = Math.round(expected + Math.sqrt(expected * (1 - ratio)) * z);
    return Math.min(trials, Math.max(0, count));
  }
  // By Bernoulli's inequality, nothing happens at least so often.
  if (u <= 1 - expected) return 0;
  const odds = ratio / (1 - ratio);
  let probability = Math.exp(trials * Math.log1p(-ratio));
  let total = probability;
  let count = 0;
  while (u > total && count < trials) {
    count += 1;
    probability *= (odds * (trials - count + 1)) / count;
    total += probability;
  }
  return count;
}

/** The normal quantile at a uniform that may be 0. */
export function normalQuantileInside(u: number): number {
  return normalQuantile(Math.min(Math.max(u, 1e-12), 1 - 1e-12));
}
