/**
 * The wait after the n-th failure in a row (n ≥ 1): `firstUs`, then doubled each time, up to a
 * bound.
 */
export function backOffUs(
  failures: number,
  { firstUs, longestUs }: { readonly firstUs: number; readonly longestUs: number },
): number {
  let waitUs = firstUs;
  for (let i = 1; i < failures && waitUs < longestUs; i += 1) waitUs *= 2;
  return Math.min(waitUs, longestUs);
}

/**
 * The wait after one more failure: `firstUs` after none (0), else twice the last one, up to a
 * bound.
 */
export function nextBackOffUs(
  currentUs: number,
  { firstUs, longestUs }: { readonly firstUs: number; readonly longestUs: number },
): number {
  return Math.min(Math.max(currentUs * 2, firstUs), longestUs);
}
