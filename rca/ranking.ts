import type { Suspect } from '../core/observable/index.ts';

/** One piece of evidence for a candidate: how strong (0 to 1), how much it counts, and in words. */
export interface Term {
  readonly value: number;
  readonly weight: number;
  readonly reason: string;
}

/** Independent evidence combined: 1 − Π(1 − weight · value), in [0, 1). */
export function combineTerms(terms: readonly Term[]): number {
  let doubt = 1;
  for (const { value, weight } of terms) doubt *= 1 - weight * value;
  return 1 - doubt;
}

/** The reasons of terms that matter, strongest first. */
export function explainTerms(terms: readonly Term[]): string {
  return terms
    .filter(({ value, weight }) => value * weight >= 0.1)
    .sort((a, b) => b.value * b.weight - a.value * a.weight)
    .map(({ reason }) => reason)
    .join('; ');
}

const suspectsMax = 10;

/**
 * Suspects whose weight reaches `weightMin`, best first, ties by component id, at most ten; weights
 * are cut to 1.
 */
export function rankSuspects(suspects: readonly Suspect[], weightMin: number): readonly Suspect[] {
  return suspects
    .filter(({ weight }) => weight > 0 && weight >= weightMin)
    .map((suspect) => (suspect.weight > 1 ? { ...suspect, weight: 1 } : suspect))
    .sort((a, b) => b.weight - a.weight || (a.component < b.component ? -1 : 1))
    .slice(0, suspectsMax);
}
