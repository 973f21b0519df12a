const termsMax = 10_000;

/**
 * -log10 of the chance that a Poisson variable is as far from its mean as `count`, on that side;
 * `count` need not be whole. 0 or more; cost grows with the square root of the mean.
 */
export function poissonSurprise(count: number, mean: number): number {
  if (mean <= 0) return count > 0 ? Number.POSITIVE_INFINITY : 0;
  const upper = count > mean;
  const logFirst = count * Math.log(mean) - mean - logGamma(count + 1);
  let sum = 1;
  let term = 1;
  for (let i = 1; i < termsMax; i += 1) {
    const below = count - i + 1;
    if (!upper && below <= 0) break;
    term *= upper ? mean / (count + i) : below / mean;
    sum += term;
    if (term < 1e-12 * sum) break;
  }
  return Math.max(0, -(logFirst + Math.log(sum)) * Math.LOG10E);
}

/** ln Γ(x) for x ≥ 1 by Stirling's series, shifted to where it is exact to 1e-10. */
function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 8) {
    shift += Math.log(at);
    at += 1;
  }
  const inverse = 1 / at;
  const squared = inverse * inverse;
  const series = inverse * (1 / 12 - squared * (1 / 360 - squared * (1 / 1260 - squared / 1680)));
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
