import type { ComponentId } from '../observable/index.ts';
import type { Fault } from './fault.ts';

export type ScenarioEnd = 'remedied' | 'self' | 'silent' | 'metastable' | 'healthy';

/** A number drawn per seed, uniform in [low, high]; equal bounds mean a fixed value. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A scenario as its author wrote it: a family of runs, one per seed. */
export interface Scenario {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly topology: string;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly ends: ScenarioEnd;
  readonly faults: readonly FaultTemplate[];
  /** Benign happenings (a good release, …): never a reason for an incident. */
  readonly ambient: readonly FaultTemplate[];
  readonly expect: Expectation;
  /** Overrides of the topology's workload. */
  readonly workload: { readonly requestsPerSec?: number; readonly dailySwing?: number };
  /** SHA-256 of the file's bytes. */
  readonly sourceHash: string;
}

/** A fault whose numbers are drawn per seed. Templates with one `startGroup` share their start. */
export interface FaultTemplate {
  readonly kind: Fault['kind'];
  readonly target: ComponentId;
  readonly startMs: Range;
  readonly startGroup: string | null;
  readonly durationMs: Range | null;
  readonly parameters: Readonly<Record<string, Range | string>>;
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
  readonly faults: readonly Fault[];
  readonly ambient: readonly Fault[];
}
