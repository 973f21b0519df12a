import { mean } from '../../core/tools/index.ts';
import {
  type Figure,
  noFigure,
  type PairedComparison,
  type PairedMeasure,
  pairedMeasures,
  type TrialOutcome,
} from '../../core/truth/index.ts';
import { gatherEvidence, lossFigure } from '../regression/loss-evidence.ts';
import { bootstrapError, bootstrapFigure } from '../statistics/statistics.ts';
import {
  holmAdjusted,
  mcnemarTest,
  minimumDetectableChange,
  signFlipTest,
} from '../statistics/statistics-paired.ts';
import { measureRules, type PairValue, readPairs, unitFactor } from './paired-measures.ts';
import { type OutcomePair, pairOutcomes } from './trial-outcome.ts';

/** One side of a comparison: a name and what its trials came to. */
export interface Side {
  readonly name: string;
  readonly outcomes: readonly TrialOutcome[];
}

/**
 * Every two sides on the trials they share, by every measure; p values are adjusted over all of
 * them. Where there are ten scenarios or more, intervals and sign flips take scenarios as the
 * units, so that the answer holds for scenarios like these; McNemar takes trials.
 */
export function compareSides(sides: readonly Side[]): PairedComparison[] {
  const comparisons = sides.flatMap((first, i) =>
    sides.slice(i + 1).flatMap((second) => {
      const pairs = pairOutcomes(first.outcomes, second.outcomes);
      return pairedMeasures.map((measure) => compare(measure, pairs, [first.name, second.name]));
    }),
  );
  const tested = comparisons.filter(({ p }) => p !== null);
  const adjusted = holmAdjusted(tested.map(({ p }) => p as number));
  return comparisons.map((comparison) => {
    const index = tested.indexOf(comparison);
    return index < 0 ? comparison : { ...comparison, pHolm: adjusted[index] as number };
  });
}

function compare(
  measure: PairedMeasure,
  pairs: readonly OutcomePair[],
  [first, second]: readonly [string, string],
): PairedComparison {
  const values = readPairs(pairs, measure);
  const factor = unitFactor(pairs, measure);
  const { isBinary } = measureRules[measure];
  const groups = differencesByScenario(values);
  const firstOnly = values.filter((value) => value.first > value.second).length;
  const secondOnly = values.filter((value) => value.second > value.first).length;
  const { difference, error } = isBinary
    ? binaryDifference(pairs, measure, groups)
    : {
        difference: scaled(bootstrapFigure(groups), factor),
        error: factor * bootstrapError(groups),
      };
  return {
    measure,
    first,
    second,
    firstValue: values.length === 0 ? null : factor * mean(values.map((value) => value.first)),
    secondValue: values.length === 0 ? null : factor * mean(values.map((value) => value.second)),
    difference,
    discordant: isBinary ? { firstOnly, secondOnly } : null,
    test: isBinary ? 'mcnemar' : 'sign_flip',
    p: values.length === 0 ? null : isBinary ? mcnemarTest(firstOnly, secondOnly) : flips(groups),
    pHolm: null,
    minimumDetectableChange: error > 0 ? minimumDetectableChange(error) : null,
  };
}

/**
 * Of yes or no. A bootstrap of few scenarios, or of pairs that all agree, claims a certainty that
 * is not there; Tango's interval over all pairs does not.
 */
function binaryDifference(
  pairs: readonly OutcomePair[],
  measure: PairedMeasure,
  groups: readonly (readonly number[])[],
): { difference: Figure; error: number } {
  const evidence = gatherEvidence(pairs, measure);
  if (!evidence) return { difference: noFigure, error: 0 };
  const resampled = bootstrapFigure(groups);
  if (groups.length >= 10 && resampled.low !== resampled.high) {
    return { difference: resampled, error: bootstrapError(groups) };
  }
  // A loss is first minus second; the difference is the other way round.
  const { low, high, n } = lossFigure(evidence);
  const turned = (bound: number | null): number | null => (bound === null ? null : 0 - bound);
  return {
    difference: { value: resampled.value, low: turned(high), high: turned(low), n },
    error: evidence.errorAt(evidence.loss),
  };
}

function flips(groups: readonly (readonly number[])[]): number {
  const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);
  return signFlipTest(groups.length >= 10 ? groups.map(sum) : groups.flat());
}

function differencesByScenario(values: readonly PairValue[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const { scenario, first, second } of values) {
    const group = groups.get(scenario) ?? [];
    group.push(second - first);
    groups.set(scenario, group);
  }
  return [...groups.values()];
}

function scaled({ value, low, high, n }: Figure, factor: number): Figure {
  const times = (x: number | null): number | null => (x === null ? null : x * factor);
  return { value: times(value), low: times(low), high: times(high), n };
}
