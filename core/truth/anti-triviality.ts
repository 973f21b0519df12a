import type { Figure } from './figure.ts';

/** A claim about the suite that must hold for its scores to mean anything. */
export interface TrivialityGate {
  readonly name: string;
  /** E.g. `<= 0.2`. */
  readonly limit: string;
  readonly reached: Figure;
  /** What chance reaches at the same task; null where chance is the limit itself. */
  readonly chance: Figure | null;
  readonly passed: boolean;
  /** What reached it, and where; for people. */
  readonly detail: string;
}

/** A figure that is told and not limited. */
export interface TrivialityFigure {
  readonly name: string;
  readonly reached: Figure;
  readonly detail: string;
}

/** How far one line of code gets with one constant for all scenarios. */
export interface OneLinerScore {
  readonly name: string;
  /** The constant, chosen on other seeds. */
  readonly constant: number;
  /**
   * Share of the faulty recordings with an alarm within two scrapes of onset and none elsewhere.
   */
  readonly solved: Figure;
}

/** `validate --gates`. Field names are a contract: add, don't rename. */
export interface TrivialityReport {
  readonly schemaVersion: 1;
  /** Constants are chosen on these seeds… */
  readonly chosenOnSeeds: readonly number[];
  /** …and judged on these. */
  readonly seeds: readonly number[];
  /** Judged recordings, and those among them in which users felt a fault. */
  readonly recordings: number;
  readonly faulty: number;
  readonly passed: boolean;
  readonly gates: readonly TrivialityGate[];
  readonly figures: readonly TrivialityFigure[];
  /** The best on component signals, best first. */
  readonly oneLiners: readonly OneLinerScore[];
  /**
   * Per scenario: share of its faulty recordings that the best one-liner and the loudest service
   * solve.
   */
  readonly byScenario: readonly {
    readonly id: string;
    readonly recordings: number;
    readonly solvedByBestOneLiner: number | null;
    readonly foundByLoudestService: number | null;
    readonly causeIsLoudest: number | null;
  }[];
  /** The command that makes this file again. */
  readonly replay: string;
}
