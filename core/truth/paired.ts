import type { Figure } from './figure.ts';

/** What a trial came to, as far as two pieces of code or two stacks are compared on it. */
export interface TrialOutcome {
  readonly scenario: string;
  readonly version: number;
  readonly seed: number;
  /** Null where there was nothing to detect. */
  readonly detected: 0 | 1 | null;
  /** From true onset; null when undetected. */
  readonly timeToDetectMs: number | null;
  /** Opened in healthy time, and how much of that there was. */
  readonly falseIncidents: number;
  readonly healthyHours: number;
  readonly top1: 0 | 1 | null;
  readonly recovered: 0 | 1 | null;
  /** Of the record; equal digests are equal runs. */
  readonly digest: string;
  /** Of the world's chance: where it differs, the trials met different worlds. */
  readonly exogenousDigest: string;
  /** The command that plays the trial again. */
  readonly replay: string;
}

/** The measures that two sides are compared by. */
export const pairedMeasures = [
  'recall',
  'falseIncidentsPerDay',
  'timeToDetectMs',
  'top1',
  'recovered',
] as const;

export type PairedMeasure = (typeof pairedMeasures)[number];

/** One measure of two sides on common scenarios and seeds. */
export interface PairedComparison {
  readonly measure: PairedMeasure;
  readonly first: string;
  readonly second: string;
  readonly firstValue: number | null;
  readonly secondValue: number | null;
  /** Second minus first; `n` is the number of pairs. */
  readonly difference: Figure;
  /**
   * Pairs in which only the first, or only the second, was right; null for measures that are no yes
   * or no.
   */
  readonly discordant: { readonly firstOnly: number; readonly secondOnly: number } | null;
  readonly test: 'mcnemar' | 'sign_flip';
  /** Two-sided; null without pairs. */
  readonly p: number | null;
  /** Adjusted over all comparisons that stand together (Holm). */
  readonly pHolm: number | null;
  /** The smallest true change that these pairs would have shown with 80 % power at 5 %. */
  readonly minimumDetectableChange: number | null;
}
