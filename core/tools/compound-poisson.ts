/** How far work A exceeds a budget Q: P(A > Q), E(A − Q)⁺ and E((A − Q)⁺)², in units of work. */
export interface Excess {
  above: number;
  over: number;
  overMs2: number;
}

export function createExcess(): Excess {
  return { above: 0, over: 0, overMs2: 0 };
}

/** Terms that add less than this share of their sum end it. */
const enough = 1e-6;

/**
 * The excess of compound Poisson work with exponential parts (exact for exponential demand) over a
 * quota: sums of Erlang tails, about as many terms as there may be parts. Times in ms; `partMs` is
 * the mean of a part, above 0.
 */
export function addUpExcess(out: Excess, meanMs: number, partMs: number, quotaMs: number): void {
  const parts = meanMs / partMs;
  const fit = quotaMs / partMs;
  const last = Math.ceil(parts + 8 * Math.sqrt(parts) + 12);
  let chance = Math.exp(-parts);
  let term = Math.exp(-fit);
  // Sums of term, k · term and k² · term over k below n.
  let sum = 0;
  let first = 0;
  let second = 0;
  let above = 0;
  let over = 0;
  let square = 0;
  for (let n = 1; n <= last; n += 1) {
    const k = n - 1;
    if (k > 0) term *= fit / k;
    sum += term;
    first += k * term;
    second += k * k * term;
    chance *= parts / n;
    above += chance * sum;
    over += chance * (n * sum - first);
    square += chance * (n * (n + 1) * sum - (2 * n + 1) * first + second);
    if (n > parts && chance * n * n < enough * square) break;
  }
  out.above = above;
  out.over = partMs * over;
  out.overMs2 = partMs * partMs * square;
}
