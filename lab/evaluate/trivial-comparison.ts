import type { Figure, Scorecard, TrivialComparison } from '../../core/truth/index.ts';
import { type Groups, rateFigure } from '../statistics/statistics.ts';
import type { TrialResult } from '../trial.ts';
import { incidentVerdicts } from './pooled-rates.ts';

type TrialGroups = readonly (readonly TrialResult[])[];

/** Every rate of the stack beside what trivial detectors and localizers reach on the same runs. */
export function compareWithTrivial(groups: TrialGroups): TrivialComparison[] {
  const first = groups[0]?.[0]?.scorecard.baselines;
  if (!first) return [];
  return [
    ...first.detection.filter(isLooking).flatMap(({ detector }) => {
      const theirs = ({ baselines }: Scorecard): Hits | undefined =>
        baselines.detection.find((entry) => entry.detector === detector);
      return [
        compare('recall', detector, rate(groups, recallOf(own)), rate(groups, recallOf(theirs))),
        compare('precision', detector, rate(groups, hitsOf(own)), rate(groups, hitsOf(theirs))),
      ];
    }),
    ...first.diagnosis.flatMap(({ localizer }) =>
      (['top1', 'top3'] as const).map((score) => {
        const theirs = ({ baselines }: Scorecard): boolean | null =>
          baselines.diagnosis.find((entry) => entry.localizer === localizer)?.[score] ?? null;
        return compare(
          score,
          localizer,
          rate(groups, (card) => asValues(card.diagnosis[score])),
          rate(groups, (card) => asValues(theirs(card))),
        );
      }),
    ),
  ];
}

/**
 * Recall alone says nothing beside one that always alarms, nor precision beside one that never
 * does.
 */
function isLooking({ detector }: { readonly detector: string }): boolean {
  return detector !== 'always_on' && detector !== 'constant';
}

type Hits = Pick<Scorecard['detection'], 'truePositives' | 'falsePositives' | 'recall'>;

function own({ detection }: Scorecard): Hits {
  return detection;
}

function recallOf(read: (card: Scorecard) => Hits | undefined) {
  return (card: Scorecard): number[] => asValues(read(card)?.recall ?? null);
}

function hitsOf(read: (card: Scorecard) => Hits | undefined) {
  return (card: Scorecard): number[] => {
    const hits = read(card);
    return hits ? incidentVerdicts(hits) : [];
  };
}

function asValues(value: number | boolean | null): number[] {
  return value === null ? [] : [Number(value)];
}

function rate(groups: TrialGroups, read: (card: Scorecard) => number[]): Figure {
  const values: Groups = groups.map((group) => group.flatMap(({ scorecard }) => read(scorecard)));
  return rateFigure(values);
}

function compare(
  score: TrivialComparison['score'],
  baseline: string,
  ours: Figure,
  theirs: Figure,
): TrivialComparison {
  const isBetter = ours.value !== null && ours.value > (theirs.high ?? 0);
  return { score, baseline, ours, theirs, informative: isBetter };
}
