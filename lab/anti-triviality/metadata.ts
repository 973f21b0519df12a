import { hashText } from '../../core/tools/index.ts';

/** Something to be told right or wrong by what is known without looking at telemetry. */
export interface Case {
  readonly scenario: string;
  /** Categories, one per attribute, the same attributes in every case. */
  readonly attributes: readonly string[];
  readonly isPositive: boolean;
}

/**
 * Naive Bayes with Laplace smoothing, trained on the cases of other scenarios: log odds that a case
 * is positive. The plainest classifier there is; what it finds, anything finds.
 */
export function logOdds(cases: readonly Case[], asked: Case): number {
  const known = cases.filter(({ scenario }) => scenario !== asked.scenario);
  const positives = known.filter(({ isPositive }) => isPositive);
  const negatives = known.length - positives.length;
  let odds = Math.log((positives.length + 1) / (negatives + 1));
  asked.attributes.forEach((value, a) => {
    const kinds = new Set(known.map(({ attributes }) => attributes[a])).size + 1;
    const all = known.filter(({ attributes }) => attributes[a] === value).length;
    const right = positives.filter(({ attributes }) => attributes[a] === value).length;
    const wrong = all - right;
    odds += Math.log((right + 1) / (positives.length + kinds));
    odds -= Math.log((wrong + 1) / (negatives + kinds));
  });
  return odds;
}

/** Which quarter of the sorted values a value lies in, as a category. */
export function quarterOf(values: readonly number[], value: number): string {
  const below = values.filter((other) => other < value).length;
  return `quarter ${Math.min(3, Math.floor((4 * below) / Math.max(1, values.length)))}`;
}

/** One of eight, by name alone. */
export function nameBucket(name: string): string {
  return `bucket ${hashText(name) % 8}`;
}
