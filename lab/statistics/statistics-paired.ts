import { createStream, normalQuantile } from '../../core/tools/index.ts';

/**
 * Beyond so many values a permutation test draws its sign patterns instead of going through all.
 */
const exactMax = 16;
const permutations = 10_000;
/** Sums that differ by less are equal: floating-point addition depends on its order. */
const closeness = 1e-9;

/**
 * Two-sided p of the sign-flip permutation test that paired differences have no direction: the
 * share of all sign patterns whose sum is as far from zero. Exact up to 16 values that are not
 * zero, 10,000 drawn patterns beyond. Give it one value per independent unit: clusters as their
 * sums. 1 when nothing differs. (Fisher, The Design of Experiments, 1935, ch. 21.)
 */
export function signFlipTest(differences: readonly number[]): number {
  const given = differences.filter((value) => value !== 0);
  if (given.length === 0) return 1;
  const scale = Math.max(...given.map(Math.abs));
  const values = Float64Array.from(given, (value) => value / scale);
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0)) - closeness;
  return values.length <= exactMax ? allSigns(values, observed) : drawnSigns(values, observed);
}

function allSigns(values: Float64Array, observed: number): number {
  const patterns = 2 ** values.length;
  let extreme = 0;
  for (let pattern = 0; pattern < patterns; pattern += 1) {
    let sum = 0;
    for (let i = 0; i < values.length; i += 1) {
      sum += (pattern >> i) & 1 ? (values[i] as number) : -(values[i] as number);
    }
    if (Math.abs(sum) >= observed) extreme += 1;
  }
  return extreme / patterns;
}

/** The observed pattern counts as drawn, so that p is never 0 (Phipson and Smyth, 2010). */
function drawnSigns(values: Float64Array, observed: number): number {
  const stream = createStream(20_260, 'sign-flip');
  let extreme = 1;
  for (let round = 0; round < permutations; round += 1) {
    let sum = 0;
    for (let i = 0; i < values.length; i += 1) {
      sum += stream.next() < 0.5 ? (values[i] as number) : -(values[i] as number);
    }
    if (Math.abs(sum) >= observed) extreme += 1;
  }
  return extreme / (permutations + 1);
}

/**
 * Two-sided p of the exact McNemar test: among the pairs that differ, either side is as likely.
 * (McNemar, Psychometrika 12, 1947; exact: binomial with p = 1/2.)
 */
export function mcnemarTest(firstOnly: number, secondOnly: number): number {
  const n = firstOnly + secondOnly;
  if (n === 0) return 1;
  const fewer = Math.min(firstOnly, secondOnly);
  let logTerm = -n * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k += 1) {
    logTerm += Math.log((n - k + 1) / k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}

/** Holm's step-down adjusted p values, in the order given (Holm, Scand. J. Stat. 6, 1979). */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => at(pValues, a) - at(pValues, b));
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * at(pValues, index)));
    adjusted[index] = largest;
  });
  return adjusted;
}

function at(values: readonly number[], index: number): number {
  return values[index] as number;
}

/** z of a two-sided test at 5 % plus z of 80 % power: 2.80. */
const detectableZ = normalQuantile(0.975) + normalQuantile(0.8);

/**
 * The smallest true change that a two-sided test at 5 % finds four times in five: 2.80 standard
 * errors. Normal approximation; too small for a handful of values.
 */
export function minimumDetectableChange(standardError: number): number {
  return detectableZ * standardError;
}
