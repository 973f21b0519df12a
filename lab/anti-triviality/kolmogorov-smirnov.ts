/**
 * Kolmogorov–Smirnov distance of values in [0, 1] from the uniform distribution, and the
 * probability of a larger one by chance (asymptotic with Stephens' correction; good from about
 * eight values on).
 */
export function uniformityOf(values: readonly number[]): { distance: number; p: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let distance = 0;
  sorted.forEach((value, i) => {
    distance = Math.max(distance, (i + 1) / n - value, value - i / n);
  });
  const root = Math.sqrt(n);
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  let p = 0;
  for (let k = 1; k <= 100; k += 1) {
    p += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * lambda * lambda);
  }
  return { distance, p: lambda < 0.2 ? 1 : Math.min(1, Math.max(0, p)) };
}
