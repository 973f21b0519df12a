import type { Action, ComponentId } from '../observable/index.ts';
import type { Fault } from './fault.ts';
import type { ObjectEdit } from './object-edit.ts';

export type ScenarioEnd = 'remedied' | 'self' | 'silent' | 'metastable' | 'healthy';

/** A number drawn per seed in [low, high]; equal bounds mean a fixed value. */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** Uniform where absent; `log`: its logarithm is uniform, for sizes that span decades. */
  readonly scale?: 'log';
}

/** One of several texts, drawn per seed with equal chances. */
export interface Choice {
  readonly oneOf: readonly string[];
}

/** An object edit, action or procedure with `$placeholders` that each seed fills in. */
export type StepTemplate = Readonly<Record<string, unknown>>;

/** What somebody could do about it: an accepted remedy, or a trap that must not pass for one. */
export interface TreatmentTemplate {
  readonly id: string;
  /** Why it cures, or why it only seems to. */
  readonly why: string;
  readonly steps: readonly StepTemplate[];
}

/** A treatment for one seed, ready to be carried out. */
export interface Treatment {
  readonly id: string;
  readonly why: string;
  readonly steps: readonly TreatmentStep[];
}

export type TreatmentStep =
  | { readonly action: Action }
  | { readonly edit: ObjectEdit }
  | { readonly waitMs: number };

/** A scenario as its author wrote it: a family of runs, one per seed. */
export interface Scenario {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly topology: string;
  readonly warmUpMs: number;
  /**
   * Measured time before anything of the scenario happens, one draw per seed. Templates' starts
   * count from the end of it.
   */
  readonly leadMs: Range;
  /** Of every measured run, the longest lead included, so that a run's length tells nothing. */
  readonly durationMs: number;
  readonly ends: ScenarioEnd;
  readonly faults: readonly FaultTemplate[];
  /** Benign happenings (a good release, …): never a reason for an incident. */
  readonly ambient: readonly FaultTemplate[];
  readonly expect: Expectation;
  /** Each cures by itself. */
  readonly remedies: readonly TreatmentTemplate[];
  /** Each looks like a cure and is none. */
  readonly traps: readonly TreatmentTemplate[];
  /** For the catalogue: which mechanism it is a case of, what shows, and how hard it is. */
  readonly about: ScenarioAbout | null;
  /** How long after onset its self-test looks, where ten minutes say too little; null otherwise. */
  readonly selfTest: { readonly horizonMs: number; readonly why: string } | null;
  /** Overrides of the topology's workload. */
  readonly workload: { readonly requestsPerSec?: number; readonly dailySwing?: number };
  /** SHA-256 of the file's bytes. */
  readonly sourceHash: string;
}

export interface ScenarioAbout {
  /** The id of the mechanism, e.g. `W1`; healthy and misleading cases are `H1` and so on. */
  readonly mechanism: string;
  /** What an observer sees, in one line. */
  readonly symptom: string;
  /** 1: one signal names it; 2: signals must be put together; 3: the obvious reading is wrong. */
  readonly difficulty: 1 | 2 | 3;
}

/** A fault whose numbers are drawn per seed. Templates with one `startGroup` share their start. */
export interface FaultTemplate {
  readonly kind: Fault['kind'];
  /** One of these, drawn per seed. */
  readonly targets: readonly ComponentId[];
  /** The index of the earlier fault whose target this one shares; null: its own. */
  readonly targetOf: number | null;
  readonly startMs: Range;
  readonly startGroup: string | null;
  readonly durationMs: Range | null;
  readonly parameters: Readonly<Record<string, Range | Choice | string>>;
  readonly edits: readonly StepTemplate[];
  readonly faultClass: Fault['faultClass'];
}

export interface Expectation {
  /** Availability over the hour after onset must be above this (0 to 1). */
  readonly availabilityMin: number;
  readonly recoveryMaxMs: number;
  /** Incidents and actions allowed; 0 and 0 for healthy scenarios, null where unlimited. */
  readonly incidentsMax: number | null;
  readonly actionsMax: number | null;
  /** Asserts the root cause that injection resolves to. */
  readonly rootCause: ComponentId | null;
  /** Required where a limit is laxer than the default. */
  readonly why: string | null;
}

/** A scenario with its draws made for one seed. */
export interface Episode {
  readonly scenario: Scenario;
  readonly seed: number;
  /** The seed of the world it is played in: scenarios of one seed must not share their weather. */
  readonly worldSeed: number;
  readonly faults: readonly Fault[];
  readonly ambient: readonly Fault[];
  readonly remedies: readonly Treatment[];
  readonly traps: readonly Treatment[];
}
