import type { Figure } from './figure.ts';
import type { PairedMeasure, TrialOutcome } from './paired.ts';

/** What some code reached, stored to hold later code against it. Field names are a contract. */
export interface RegressionBaseline {
  readonly schemaVersion: 1;
  readonly packageVersion: string;
  /** Hash of everything that a trial's outcome depends on. */
  readonly code: string;
  readonly node: string;
  readonly architecture: string;
  readonly suite: string;
  readonly scenarios: readonly string[];
  readonly seeds: readonly number[];
  /** The flags that chose the stack; empty for the default one. */
  readonly stack: readonly string[];
  readonly trials: readonly TrialOutcome[];
}

/** `inconclusive`: neither a loss beyond the margin nor its absence is significant. */
export type GateVerdict = 'passed' | 'failed' | 'inconclusive';

/** One measure at the gate. */
export interface MeasureVerdict {
  readonly measure: PairedMeasure;
  /** The loss that is put up with, in the measure's unit. */
  readonly margin: number;
  /** Null where no pair says anything of it. */
  readonly verdict: GateVerdict | null;
  readonly baseline: number | null;
  readonly current: number | null;
  /** How much worse the current code is, with its 95 % interval; below zero where it is better. */
  readonly loss: Figure;
  /** Pairs that came out worse, and better. */
  readonly worse: number;
  readonly better: number;
  /** The smallest loss beyond none that these pairs would have shown with 80 % power at 5 %. */
  readonly minimumDetectableChange: number | null;
  /** About how many more seeds would decide it, at most 10,000; null where it is decided. */
  readonly moreSeeds: number | null;
}

/** The first trial, in order of scenarios and seeds, that came out differently. */
export interface TrialDifference {
  readonly scenario: string;
  readonly seed: number;
  /** E.g. `detected after 21 s, now missed`. */
  readonly what: string;
  readonly replay: string;
}

/** `regression`: the current code held against a baseline. Field names are a contract. */
export interface RegressionReport {
  readonly schemaVersion: 1;
  readonly verdict: GateVerdict;
  readonly suite: string;
  /** Seeds that were needed, and how many the baseline has. */
  readonly seeds: readonly number[];
  readonly seedsMax: number;
  readonly pairs: number;
  /** Pairs whose records are not equal to the byte. */
  readonly differing: number;
  readonly measures: readonly MeasureVerdict[];
  /** Of the measure that failed, or of any; null when all outcomes agree. */
  readonly firstDifference: TrialDifference | null;
  /** What to know beside the figures: changed scenarios, another stack, another world. */
  readonly notes: readonly string[];
  readonly replay: string;
}
