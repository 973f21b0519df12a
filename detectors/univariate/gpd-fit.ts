/** A generalised Pareto tail: index 0 is exponential, above it heavier. */
export interface GpdFit {
  readonly index: number;
  readonly scale: number;
}

/** A smaller index is an exponential tail's. */
const exponentialBelow = 1e-6;

/** -log10 of the chance that a peak of such a tail is as far beyond its start; index 0 or more. */
export function paretoSurprise(beyond: number, index: number, scale: number): number {
  if (index < exponentialBelow) return (Math.LOG10E * beyond) / scale;
  return Math.log10(1 + (index * beyond) / scale) / index;
}

const gridSteps = 12;
const bisections = 30;

/** By moments: index ½ (1 - m²/v), within ±½. */
export function fitGpdByMoments(excesses: Float64Array): GpdFit {
  let sum = 0;
  let squares = 0;
  for (const excess of excesses) {
    sum += excess;
    squares += excess * excess;
  }
  const mean = sum / excesses.length;
  const variance = Math.max(squares / excesses.length - mean * mean, 1e-300);
  const index = Math.max(-0.5, Math.min(0.5, 0.5 * (1 - (mean * mean) / variance)));
  return { index, scale: mean * (1 - index) };
}

/**
 * Maximum likelihood by Grimshaw's reduction to one unknown: the roots of u(x) v(x) = 1 between the
 * bounds he gives, the exponential beside them, the likeliest of all. O(excesses) per step, about
 * 70 steps. Grimshaw 1993; bounds as in Siffer et al. 2017.
 */
export function fitGpdByGrimshaw(excesses: Float64Array): GpdFit {
  let sum = 0;
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const excess of excesses) {
    sum += excess;
    smallest = Math.min(smallest, excess);
    largest = Math.max(largest, excess);
  }
  const mean = sum / excesses.length;
  let best: GpdFit = { index: 0, scale: mean };
  let bestLikelihood = -excesses.length * (Math.log(mean) + 1);
  const tiny = 1e-8 / mean;
  const upTo = (2 * (mean - smallest)) / (smallest * smallest);
  const ranges = [
    [-1 / largest + tiny, -tiny],
    [tiny, Math.min(upTo, 1e3 / mean)],
  ] as const;
  for (const [from, until] of ranges) {
    for (const x of rootsOf(excesses, from, until)) {
      const index = meanLogOf(excesses, x);
      const scale = index / x;
      if (!(scale > 0)) continue;
      const likelihood = -excesses.length * (Math.log(scale) + 1 + index);
      if (likelihood > bestLikelihood) {
        best = { index, scale };
        bestLikelihood = likelihood;
      }
    }
  }
  return best;
}

/** Where Grimshaw's function changes its sign within a range; steps grow away from 0. */
function rootsOf(excesses: Float64Array, from: number, until: number): number[] {
  if (!(from < until)) return [];
  const roots: number[] = [];
  const near = Math.min(Math.abs(from), Math.abs(until));
  const ratio = (Math.max(Math.abs(from), Math.abs(until)) / near) ** (1 / gridSteps);
  const sign = from < 0 ? -1 : 1;
  let a = sign * near;
  let atA = grimshaw(excesses, a);
  for (let i = 1; i <= gridSteps; i += 1) {
    const b = sign * near * ratio ** i;
    const atB = grimshaw(excesses, b);
    if (atA * atB < 0) roots.push(bisect(excesses, a, b));
    a = b;
    atA = atB;
  }
  return roots;
}

function bisect(excesses: Float64Array, from: number, until: number): number {
  let low = from;
  let high = until;
  const atLow = grimshaw(excesses, low);
  for (let i = 0; i < bisections; i += 1) {
    const middle = (low + high) / 2;
    if (grimshaw(excesses, middle) * atLow > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** u(x) v(x) - 1, with u the mean of 1 / (1 + x y) and v = 1 + the mean of log(1 + x y). */
function grimshaw(excesses: Float64Array, x: number): number {
  let inverse = 0;
  for (const excess of excesses) inverse += 1 / (1 + x * excess);
  return (inverse / excesses.length) * (1 + meanLogOf(excesses, x)) - 1;
}

function meanLogOf(excesses: Float64Array, x: number): number {
  let sum = 0;
  for (const excess of excesses) sum += Math.log(1 + x * excess);
  return sum / excesses.length;
}
