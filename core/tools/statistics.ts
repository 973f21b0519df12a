/** Arithmetic mean; NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] as number;
  return sum / values.length;
}

/** Sample standard deviation (n − 1); 0 for fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += ((values[i] as number) - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/** The q-quantile (0 to 1) of values sorted ascending, linearly interpolated; NaN for no values. */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (position - below);
}

/** The q-quantile (0 to 1) of values in any order; NaN entries are ignored. */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileSorted(
    Float64Array.from(values)
      .filter((v) => !Number.isNaN(v))
      .sort(),
    q,
  );
}

/** The median; NaN entries are ignored. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Median absolute deviation from `centre` (unscaled). */
export function medianAbsoluteDeviation(
  values: ArrayLike<number>,
  centre: number = median(values),
): number {
  return median(Float64Array.from(values, (v) => Math.abs(v - centre)));
}
