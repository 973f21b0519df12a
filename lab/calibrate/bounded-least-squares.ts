/**
 * Minimises ½ xᵀAx − bᵀx with low <= x <= high by an active-set method (Lawson and Hanson's, with
 * upper bounds): what leaves its bounds is held there, and let go when the slope says so. `matrix`
 * is symmetric and positive definite, row by row; with low = 0 and no upper bound this is
 * non-negative least squares. Cost: n³ per step, about n steps; gives up after 10 n of them, within
 * bounds.
 */
export function boundedLeastSquares(
  matrix: readonly Float64Array[],
  target: Float64Array,
  bounds: { readonly low: Float64Array; readonly high: Float64Array },
): Float64Array {
  const n = target.length;
  const held: (number | null)[] = Array.from(target, () => null);
  const clamp = (value: number, i: number): number =>
    Math.min(bounds.high[i] as number, Math.max(bounds.low[i] as number, value));
  let x = new Float64Array(n);
  for (let step = 0; step < 10 * n + 1; step += 1) {
    x = solveFree(matrix, target, held);
    const worst = indexOfMost(x, (value, i) => Math.abs(value - clamp(value, i)));
    if (worst !== null) {
      held[worst] = clamp(x[worst] as number, worst);
      continue;
    }
    const release = indexOfMost(x, (value, i) => {
      if (held[i] === null) return 0;
      const slope = (matrix[i] as Float64Array).reduce(
        (sum, a, j) => sum + a * (x[j] as number),
        -(target[i] as number),
      );
      return value <= (bounds.low[i] as number) ? -slope : slope;
    });
    if (release === null) return x;
    held[release] = null;
  }
  return x.map(clamp);
}

/** Where the measure is largest; null where it is nowhere above rounding. */
function indexOfMost(
  values: Float64Array,
  measure: (value: number, i: number) => number,
): number | null {
  let most = 1e-9;
  let at: number | null = null;
  values.forEach((value, i) => {
    const amount = measure(value, i);
    if (amount > most) {
      most = amount;
      at = i;
    }
  });
  return at;
}

/** Gaussian elimination over what is not held. */
function solveFree(
  matrix: readonly Float64Array[],
  target: Float64Array,
  held: readonly (number | null)[],
): Float64Array<ArrayBuffer> {
  const n = target.length;
  const x = Float64Array.from(held, (value) => value ?? 0);
  const free = held.flatMap((value, i) => (value === null ? [i] : []));
  const rows = free.map((i) => {
    const row = matrix[i] as Float64Array;
    let rest = target[i] as number;
    for (let j = 0; j < n; j += 1) rest -= (row[j] as number) * (x[j] as number);
    return Float64Array.from([...free.map((j) => row[j] as number), rest]);
  });
  const m = free.length;
  for (let p = 0; p < m; p += 1) {
    const pivot = rows[p] as Float64Array;
    for (let r = p + 1; r < m; r += 1) {
      const row = rows[r] as Float64Array;
      const factor = (row[p] as number) / (pivot[p] as number);
      for (let c = p; c <= m; c += 1) row[c] = (row[c] as number) - factor * (pivot[c] as number);
    }
  }
  for (let p = m - 1; p >= 0; p -= 1) {
    const row = rows[p] as Float64Array;
    let rest = row[m] as number;
    for (let c = p + 1; c < m; c += 1)
      rest -= (row[c] as number) * (x[free[c] as number] as number);
    x[free[p] as number] = rest / (row[p] as number);
  }
  return x;
}
