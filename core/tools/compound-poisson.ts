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

/**
 * Mean work left over when a period ends, in ms, and the share of periods that run out (0 to 1).
 */
export interface Carry {
  carriedMs: number;
  ratio: number;
}

/**
 * What periods with a budget of `quotaMs` each hand on: the Lindley recursion V' = (V + A − Q)⁺ on
 * work A of this mean and variance, in parts of `partMs`, that exceeds one budget by `excess`. The
 * mean is exact up to the law of the unused budget (Marshall 1968), which is taken from one period
 * without a carry. `meanMs` must be below `quotaMs`.
 */
export function carryOver(
  out: Carry,
  { above, over, overMs2 }: Excess,
  meanMs: number,
  varianceMs2: number,
  partMs: number,
  quotaMs: number,
): void {
  const slackMs = quotaMs - meanMs;
  const square = varianceMs2 + slackMs * slackMs;
  const unusedMs = (square - overMs2) / (2 * (slackMs + over));
  const first = Math.max(over, square / (2 * slackMs) - unusedMs);
  // What is carried leaves less of the next budget unused: by 7 % when every period starts with a
  // carry of many parts (Siegmund 1979), and about as the root of the share of periods that do.
  const starts = over > 0 ? Math.sqrt(Math.min(1, (first * above) / over)) : 0;
  const lessMs = ((0.07 * starts * quotaMs) / (quotaMs + 2 * partMs)) * unusedMs;
  out.carriedMs = Math.max(0, first + lessMs);
  out.ratio = over > 0 ? Math.min(1, (out.carriedMs * above) / over) : 0;
}
