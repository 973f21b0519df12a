/**
 * Heights of the surprise of a SeriesCore (the loop's) and of a SeriesEnsemble (own series) that
 * healthy values reach with a chance of 1e-1, 1e-2 … 1e-5. Made by `npm run -s benchmark calibration
 * -- --fit --first-seed 1 --seeds 3`; not to be edited.
 */
const heights = {
  core: [3.046, 7.61, 92.97, 825, 1935],
  ensemble: [1.985, 3.055, 7.091, 802.5, 37_580],
} as const;

/**
 * The -log10 of the chance that a healthy value is as surprising as this, by a tail that is pooled
 * over many series: what no single series has seen often enough to know. Straight in the logarithm
 * of 1 + surprise between the knots and beyond the last, which is a Pareto tail; fails on series
 * far heavier-tailed than those it was fitted on.
 */
export function pooledSurprise(measure: keyof typeof heights, surprise: number): number {
  const knots = heights[measure];
  let at = 0;
  while (at < knots.length - 1 && surprise > knots[at]!) at += 1;
  const above = Math.log1p(knots[at]!);
  const below = at === 0 ? 0 : Math.log1p(knots[at - 1]!);
  return at + (Math.log1p(surprise) - below) / Math.max(above - below, 1e-9);
}
