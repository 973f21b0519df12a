/** The highest tenth of the first values, from which a tail is made. */
const startShare = 0.1;

/** What the first values say of a tail. */
interface TailStart {
  /** Median, where the highest tenth begins, and the mean excess over that. */
  readonly middle: number;
  readonly from: number;
  readonly excess: number;
  /** How many mean excesses further out a smaller share begins, were the tail exponential. */
  readonly steps: number;
}

/** The tail of sorted values, and how far on the share begins that is wanted; O(values). */
export function exponentialTail(sorted: Float64Array, share: number): TailStart {
  const first = Math.floor((1 - startShare) * sorted.length);
  const from = sorted[first]!;
  let sum = 0;
  for (let i = first; i < sorted.length; i += 1) sum += sorted[i]! - from;
  return {
    middle: sorted[sorted.length >> 1]!,
    from,
    excess: sum / (sorted.length - first),
    steps: Math.log(startShare / share),
  };
}
