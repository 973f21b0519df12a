import type { ActionKind } from '../core/observable/index.ts';
import { virtualEpochMs } from '../core/tools/index.ts';
import type { PolicySet } from './policy-set.ts';

/**
 * How much the healer may do alone. L1: it recommends, a person acts; L2: low-risk actions alone,
 * in business hours; L3: everything alone, within the limits.
 */
export type AutonomyLevel = 'L1' | 'L2' | 'L3';

/** Bounds on what all healers together may do. */
export interface GuardLimits {
  /** Allowed actions in any 60 minutes, and for one incident. */
  readonly actionsPerHourMax: number;
  readonly actionsPerIncidentMax: number;
  /** Least time between two actions of one kind by one rule on one target, unless the rule says. */
  readonly cooldownMs: number;
  /** Restarts of one deployment in 24 hours, unless the action says `restart_count_limit`. */
  readonly restartsPerDayMax: number;
  /**
   * Share of all nodes (rounded up) that may be cordoned or drained in 24 hours, all in one zone.
   */
  readonly nodeShareMax: number;
  /** Share of all services (rounded up) that may be restarted, rolled back or shrunk in an hour. */
  readonly disruptedServiceShareMax: number;
  /**
   * Weight from which a diagnosis of a lost zone lets the whole zone be emptied, whatever its
   * share.
   */
  readonly deadZoneWeightMin: number;
}

export interface GuardOptions {
  /** Where rules' cooldowns come from. */
  readonly policies?: PolicySet;
  readonly limits?: Partial<GuardLimits>;
  /** One level for all actions, and exceptions per action. */
  readonly autonomy?: AutonomyLevel;
  readonly autonomyByAction?: Partial<Record<ActionKind, AutonomyLevel>>;
  /** Least weight of the incident's top suspect for an action kind (0 to 1). */
  readonly confidenceMin?: Partial<Record<ActionKind, number>>;
  /** Starts with the kill switch on: nothing is allowed. */
  readonly killSwitch?: boolean;
  /** The wall-clock reading, in UTC, that time 0 stands for; tells business hours. */
  readonly epochMs?: number;
}

export const defaultLimits: GuardLimits = {
  actionsPerHourMax: 60,
  actionsPerIncidentMax: 30,
  cooldownMs: 60_000,
  restartsPerDayMax: 5,
  nodeShareMax: 1 / 3,
  disruptedServiceShareMax: 1 / 3,
  deadZoneWeightMin: 0.3,
};

/** Actions that add capacity or only keep new pods away: easily undone, hurting nobody. */
export const lowRiskActions: readonly ActionKind[] = ['scale_up', 'cordon', 'restart'];

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Monday to Friday, 09:00 to 17:00 UTC. */
export function isBusinessTime(atMs: number, epochMs: number = virtualEpochMs): boolean {
  const wallMs = epochMs + atMs;
  // 1970-01-01 was a Thursday; Monday is 0.
  const weekday = (Math.floor(wallMs / dayMs) + 3) % 7;
  const hour = (wallMs % dayMs) / hourMs;
  return weekday < 5 && hour >= 9 && hour < 17;
}
