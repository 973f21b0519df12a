/** -log10 of the chance of a standard normal value of at least `z`; after Abramowitz and Stegun. */
export function normalSurprise(z: number): number {
  if (z <= 0) return Math.log10(2);
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  // Logarithms are added, so that the chance may be smaller than any double.
  return (0.5 * z * z + 0.5 * Math.log(2 * Math.PI) - Math.log(series)) * Math.LOG10E;
}

/** The surprise of the least likely of several findings, of which any might have been the one. */
export function surpriseOfBest(best: number, findings: number): number {
  return Math.max(0, best - Math.log10(Math.max(1, findings)));
}
