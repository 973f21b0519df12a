import { createStream, mean, quantile, quantileSorted } from '../../core/tools/index.ts';
import { type Figure, noFigure } from '../../core/truth/index.ts';

export const z95 = 1.959963984540054;

/** A share of n trials with its 95 % Wilson score interval. */
export function wilsonFigure(successes: number, n: number): Figure {
  if (n === 0) return noFigure;
  const p = successes / n;
  const z2 = z95 * z95;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  // At the ends the bound is known; rounding would leave it a hair off.
  return {
    value: p,
    low: successes === 0 ? 0 : centre - half,
    high: successes === n ? 1 : centre + half,
    n,
  };
}

/** Trials of one scenario each. */
export type Groups = readonly (readonly number[])[];

const resamples = 2000;

/**
 * The mean over all trials with a 95 % percentile-bootstrap interval. With ten groups (scenarios)
 * or more, groups are resampled and then trials within them; with fewer, trials within each group;
 * groups of one trial are pooled, since nothing can be drawn within them. One trial has no
 * interval.
 */
export function bootstrapFigure(groups: Groups): Figure {
  const given = groups.filter((group) => group.length > 0);
  const isThin = given.length < 10 && given.some((group) => group.length === 1);
  const filled = isThin ? [given.flat()] : given;
  const n = filled.reduce((sum, group) => sum + group.length, 0);
  if (n === 0) return noFigure;
  if (n === 1) return { value: mean(filled.flat()), low: null, high: null, n };
  if (areEqual(filled)) return { value: first(filled), low: first(filled), high: first(filled), n };
  const means = resample(filled, n, mean);
  return {
    value: mean(filled.flat()),
    low: quantileSorted(means, 0.025),
    high: quantileSorted(means, 0.975),
    n,
  };
}

/** The q-quantile of all trials, with an interval made like {@link bootstrapFigure}'s. */
export function quantileFigure(groups: Groups, q: number): Figure {
  const filled = groups.filter((group) => group.length > 0);
  const all = filled.flat();
  if (all.length === 0) return noFigure;
  const value = quantile(all, q);
  if (all.length === 1) return { value, low: null, high: null, n: 1 };
  if (areEqual(filled)) return { value, low: value, high: value, n: all.length };
  const isThin = filled.length < 10 && filled.some((group) => group.length === 1);
  const values = resample(isThin ? [all] : filled, all.length, (drawn) => {
    drawn.sort();
    return quantileSorted(drawn, q);
  });
  return {
    value,
    low: quantileSorted(values, 0.025),
    high: quantileSorted(values, 0.975),
    n: all.length,
  };
}

/** Standard error of {@link bootstrapFigure}'s mean; 0 where all trials agree. */
export function bootstrapError(groups: Groups): number {
  const { low, high } = bootstrapFigure(groups);
  return low === null || high === null ? 0 : (high - low) / (2 * z95);
}

function first(groups: Groups): number {
  return groups[0]?.[0] as number;
}

function areEqual(groups: Groups): boolean {
  return groups.every((group) => group.every((value) => value === first(groups)));
}

/**
 * What a statistic is on resamples of two levels, sorted; groups are not drawn below ten of them.
 */
function resample(
  groups: Groups,
  total: number,
  statistic: (drawn: Float64Array) => number,
): Float64Array {
  const stream = createStream(20_260, 'bootstrap');
  const twoLevel = groups.length >= 10;
  const largest = Math.max(...groups.map((group) => group.length));
  const drawn = new Float64Array(twoLevel ? largest * groups.length : total);
  const values = new Float64Array(resamples);
  for (let r = 0; r < resamples; r += 1) {
    let count = 0;
    for (let g = 0; g < groups.length; g += 1) {
      const group = groups[twoLevel ? stream.integer(groups.length) : g] as readonly number[];
      for (let i = 0; i < group.length; i += 1) {
        drawn[count] = group[stream.integer(group.length)] as number;
        count += 1;
      }
    }
    values[r] = statistic(drawn.subarray(0, count));
  }
  return values.sort();
}

/**
 * A rate of trials that are 0 or 1. With ten groups or more the two-level bootstrap, which knows
 * that scenarios differ; with fewer, or when all trials agree, Wilson over all trials: a bootstrap
 * within groups would claim certainty wherever each group is of one mind.
 */
export function rateFigure(groups: Groups): Figure {
  const all = groups.flat();
  const successes = all.reduce((sum, value) => sum + value, 0);
  const isUnanimous = successes === 0 || successes === all.length;
  const filled = groups.filter((group) => group.length > 0).length;
  return isUnanimous || filled < 10 ? wilsonFigure(successes, all.length) : bootstrapFigure(groups);
}

/**
 * Events per `unit` of exposure with the exact 95 % Poisson interval; `n` is the number of trials.
 */
export function poissonRateFigure(
  events: number,
  exposure: { readonly total: number; readonly unit: number },
  n: number,
): Figure {
  if (exposure.total <= 0) return noFigure;
  const scale = exposure.unit / exposure.total;
  return {
    value: events * scale,
    low: events === 0 ? 0 : meanWithTail(events - 1, 0.975) * scale,
    high: meanWithTail(events, 0.025) * scale,
    n,
  };
}

/** The Poisson mean for which at most `count` events have this probability, by bisection. */
function meanWithTail(count: number, probability: number): number {
  let low = 0;
  let high = count + 10 * Math.sqrt(count + 1) + 10;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (poissonCdf(count, middle) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Chance of at most `count` events; terms are made in logarithms, so that large means do not
 * underflow.
 */
function poissonCdf(count: number, mean: number): number {
  let logTerm = -mean;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= count; k += 1) {
    logTerm += Math.log(mean / k);
    sum += Math.exp(logTerm);
  }
  return sum;
}
