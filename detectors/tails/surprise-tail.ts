/**
 * Heights of the fused surprise of a value (the rarest of a SeriesEnsemble's views, with doubt)
 * that healthy values reach with a chance of 1e-1, 1e-2 … 1e-5. Made by
 * `npm run -s benchmark calibration -- --fit --first-seed 1 --seeds 3`; not to be edited.
 */
const knots = [1.985, 2.882, 4.808, 16.7, 31.21] as const;

/**
 * The -log10 of the chance that a healthy value is as surprising as this, by a tail that is pooled
 * over many series: what no single series has seen often enough to know. Straight in the logarithm
 * of 1 + surprise between the knots and beyond the last, which is a Pareto tail; fails on series
 * far heavier-tailed than those it was fitted on.
 */
export function pooledSurprise(surprise: number): number {
  let at = 0;
  while (at < knots.length - 1 && surprise > knots[at]!) at += 1;
  const above = Math.log1p(knots[at]!);
  const below = at === 0 ? 0 : Math.log1p(knots[at - 1]!);
  return at + (Math.log1p(surprise) - below) / (above - below);
}
