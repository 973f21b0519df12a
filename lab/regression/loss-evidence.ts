import { scrapeIntervalMs } from '../../core/observable/index.ts';
import { mean, standardDeviation } from '../../core/tools/index.ts';
import type { Figure, PairedMeasure } from '../../core/truth/index.ts';
import { measureRules, type PairValue, readPairs, unitFactor } from '../compare/paired-measures.ts';
import type { OutcomePair } from '../compare/trial-outcome.ts';
import { z95 } from '../statistics/statistics.ts';

/** What pairs say about how much a measure got worse, in its unit. */
export interface LossEvidence {
  readonly pairs: number;
  readonly baseline: number;
  readonly current: number;
  readonly loss: number;
  readonly worse: number;
  readonly better: number;
  /** No loss is larger, nor a gain: 1 for shares. */
  readonly largest: number;
  /** Standard error of the loss if the true loss were `loss`. */
  readonly errorAt: (loss: number) => number;
}

/** What a single pair that differs would differ by: the least that is taken for granted. */
const quantum: Readonly<Record<PairedMeasure, number>> = {
  recall: 1,
  falseIncidentsPerDay: 1,
  timeToDetectMs: scrapeIntervalMs,
  top1: 1,
  recovered: 1,
};

/** Null where no pair says anything of the measure. The first of each pair is the baseline. */
export function gatherEvidence(
  pairs: readonly OutcomePair[],
  measure: PairedMeasure,
): LossEvidence | null {
  const values = readPairs(pairs, measure);
  if (values.length === 0) return null;
  const { better: direction, isBinary } = measureRules[measure];
  const factor = unitFactor(pairs, measure);
  const lossOf = ({ first, second }: PairValue): number =>
    direction === 'higher' ? first - second : second - first;
  const losses = values.map(lossOf);
  const worse = losses.filter((loss) => loss > 0).length;
  const better = losses.filter((loss) => loss < 0).length;
  const error = factor * meanError(values, losses, quantum[measure]);
  return {
    pairs: values.length,
    baseline: factor * mean(values.map(({ first }) => first)),
    current: factor * mean(values.map(({ second }) => second)),
    loss: factor * mean(losses),
    worse,
    better,
    largest: isBinary ? 1 : Number.POSITIVE_INFINITY,
    errorAt: isBinary
      ? (loss) => binaryError({ pairs: values.length, worse, better }, loss)
      : () => error,
  };
}

/** z of the hypothesis that the true loss is `loss`: positive when it seems to be more. */
export function zOf(evidence: LossEvidence, loss: number): number {
  return (evidence.loss - loss) / evidence.errorAt(loss);
}

/** The losses that are not rejected at 5 % two-sided, by bisection on {@link zOf}. */
export function lossFigure(evidence: LossEvidence): Figure {
  const { loss, pairs, largest } = evidence;
  const widest = 20 * Math.max(evidence.errorAt(loss), evidence.errorAt(0));
  const bound = (away: number, target: number): number => {
    let [near, far] = [loss, away];
    for (let i = 0; i < 60; i += 1) {
      const middle = (near + far) / 2;
      if (Math.abs(zOf(evidence, middle)) < target) near = middle;
      else far = middle;
    }
    return Math.min(largest, Math.max(-largest, near));
  };
  return { value: loss, low: bound(loss - widest, z95), high: bound(loss + widest, z95), n: pairs };
}

/**
 * Standard error of a difference of paired shares under a hypothesis about it (Tango, Statistics in
 * Medicine 17, 1998): sound even when no pair differs. Takes pairs as independent, which is too
 * careful when scenarios are fixed and seeds drawn.
 */
function binaryError(
  { pairs, worse, better }: { pairs: number; worse: number; better: number },
  loss: number,
): number {
  if (loss < 0) return binaryError({ pairs, worse: better, better: worse }, -loss);
  const bounded = Math.min(loss, 1 - 1e-9);
  const a = 2 * pairs;
  const b = -worse - better + (2 * pairs - worse + better) * bounded;
  const c = -better * bounded * (1 - bounded);
  const share = (Math.sqrt(b * b - 4 * a * c) - b) / (2 * a);
  const variance = (2 * share + bounded * (1 - bounded)) / pairs;
  return Math.max(Math.sqrt(Math.max(variance, 0)), 1 / pairs);
}

/**
 * Within scenarios, since these are fixed and their seeds drawn; over all where some have one seed.
 */
function meanError(
  values: readonly PairValue[],
  losses: readonly number[],
  leastDifference: number,
): number {
  const groups = new Map<string, number[]>();
  values.forEach(({ scenario }, i) => {
    const group = groups.get(scenario) ?? [];
    group.push(losses[i] as number);
    groups.set(scenario, group);
  });
  const strata = [...groups.values()];
  const n = losses.length;
  const squared = strata.every((group) => group.length >= 2)
    ? strata.reduce((sum, group) => sum + group.length * standardDeviation(group) ** 2, 0) / n
    : standardDeviation(losses) ** 2;
  return Math.max(Math.sqrt(squared / n), leastDifference / n);
}
