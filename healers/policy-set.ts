import type { ActionKind, FaultClass, Severity } from '../core/observable/index.ts';
import type { SourcePosition } from '../core/tools/index.ts';

/** A policy file, read: the rules and what its author should know about it. */
export interface PolicySet {
  /** `metadata` of the ConfigMap. */
  readonly name: string;
  readonly namespace: string | null;
  /** In file order. */
  readonly rules: readonly PolicyRule[];
  readonly warnings: readonly PolicyWarning[];
}

/** Something in a policy file that is legal but probably not meant. */
export interface PolicyWarning {
  readonly message: string;
  readonly position: SourcePosition;
}

/** One rule: when all of its parts hold, its actions are planned. */
export interface PolicyRule {
  readonly name: string;
  /** Higher first; rules of one priority in file order. */
  readonly priority: number;
  /** All terms must hold; empty when the rule looks at diagnosis or incident only. */
  readonly condition: readonly ConditionTerm[];
  readonly diagnosis: DiagnosisMatch | null;
  /** Severities of incident that the rule answers to; null: any. */
  readonly severities: readonly Severity[] | null;
  /** The service changed its release within this time; null: does not matter. */
  readonly releaseWithinMs: number | null;
  /** How long diagnosis, severity and release must have matched at each scrape. */
  readonly forMs: number;
  /**
   * What `threshold` in the condition stands for, in the unit of its metric; null: the recent
   * baseline.
   */
  readonly threshold: number | null;
  readonly target: TargetSpec;
  /** Planned together, in order. */
  readonly actions: readonly ActionSpec[];
  readonly cooldownMs: number;
  /** How long the actions' effect is waited for before anything else is planned. */
  readonly settleMs: number;
  /** Further remedies, each tried once when the trouble persists. */
  readonly fallbacks: readonly Fallback[];
}

interface DiagnosisMatch {
  readonly classes: readonly FaultClass[];
  /** Least weight of the suspect (0 to 1). */
  readonly minWeight: number;
}

/** `metric op limit [for duration]`. */
export interface ConditionTerm {
  /** As written, e.g. `cpu_utilization`. */
  readonly metric: string;
  readonly operator: ComparisonOperator;
  /** In the unit of the signal: ratios 0 to 1, also where the file says percent. */
  readonly limit:
    | { readonly kind: 'constant'; readonly value: number }
    | { readonly kind: 'threshold'; readonly factor: number };
  /** How long every scrape must satisfy it; 0: the newest scrape. */
  readonly forMs: number;
}

export type ComparisonOperator = '>' | '>=' | '<' | '<=' | '==' | '!=';

export interface ActionSpec {
  readonly kind: ActionKind;
  /** Under the names of {@link Action.parameters}. */
  readonly parameters: Readonly<Record<string, number>>;
}

export interface Fallback {
  /** Time from the rule's first actions, while the trouble persists. */
  readonly afterMs: number;
  /** Must hold too; empty: the rule's own match is enough. */
  readonly condition: readonly ConditionTerm[];
  readonly target: TargetSpec;
  readonly actions: readonly ActionSpec[];
}

export type TargetKind = 'deployment' | 'node' | 'zone';

/**
 * A bare kind is the incident's or suspect's entity; `kind/name` and `ns/kind/name` name one
 * object; the name `*` is every object of the kind for which the condition holds.
 */
export interface TargetSpec {
  readonly kind: TargetKind;
  readonly namespace: string | null;
  readonly name: string | null;
}
