/**
 * The -log10 of each finding's p as Benjamini and Hochberg (1995) adjust it for all tests that were
 * made at once: findings of at least -log10 q hold a share of at most q of false ones. `surprises`
 * are -log10 p, the highest first; of the `tests` without an entry p counts as 1. O(findings).
 */
export function adjustForTests(surprises: readonly number[], tests: number): number[] {
  const adjusted = new Array<number>(surprises.length).fill(0);
  let best = 0;
  for (let rank = surprises.length; rank >= 1; rank -= 1) {
    best = Math.max(best, surprises[rank - 1]! - Math.log10(tests / rank));
    adjusted[rank - 1] = best;
  }
  return adjusted;
}
