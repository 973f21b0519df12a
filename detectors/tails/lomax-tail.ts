/** An exponential tail, as far as it is known. */
export interface MeasuredTail {
  /** -log10 of the share of values beyond its start. */
  readonly from: number;
  /** From how many excesses its mean is known, the prior's among them; above 0. */
  readonly excesses: number;
}

/**
 * The -log10 p of a value by an exponential tail of known mean, as it is when that mean was
 * measured: the predictive tail is a Lomax distribution (Pareto of the second kind; Lomax 1954),
 * which is heavier the fewer excesses there are. Up to the tail's start nothing changes. Wrong
 * where excesses follow a heavier law than the exponential one. O(1).
 */
export function predictiveSurprise(surprise: number, { from, excesses }: MeasuredTail): number {
  const beyond = surprise - from;
  if (!(beyond > 0)) return surprise;
  return from + excesses * Math.log10(1 + (Math.LN10 * beyond) / excesses);
}
