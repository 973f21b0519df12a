import type { PairedComparison } from './paired.ts';
import type { TrialDifference } from './regression.ts';

/** One figure of two runs; the name's ending tells the unit. */
export interface ComparedFigure {
  readonly name: string;
  readonly first: number | string | boolean | null;
  readonly second: number | string | boolean | null;
}

/** `compare RUN_A RUN_B`: two runs, or two evaluations. Field names are a contract. */
export interface RunsCompared {
  readonly schemaVersion: 1;
  readonly kind: 'runs' | 'evaluations';
  readonly first: string;
  readonly second: string;
  /** Whether the two are equal to the byte, run by run. */
  readonly same: boolean;
  readonly figures: readonly ComparedFigure[];
  /** Common trials of two evaluations; empty for runs. */
  readonly comparisons: readonly PairedComparison[];
  /** Scenarios whose trials came out otherwise, by how many came out worse and better. */
  readonly scenarios: readonly {
    readonly id: string;
    readonly pairs: number;
    readonly worse: number;
    readonly better: number;
  }[];
  readonly firstDifference: TrialDifference | null;
  readonly notes: readonly string[];
}
