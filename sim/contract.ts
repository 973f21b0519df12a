import type { World } from '../core/observable/index.ts';
import type { Fault } from '../core/truth/index.ts';
import type { ServiceTick, UserTick } from './data-plane/flow-state.ts';

/** What the twin remembers of each tick for the lab's truth; arrays grow by one entry per tick. */
export interface TruthLog {
  readonly journeys: readonly string[];
  readonly services: readonly string[];
  readonly user: UserTick[];
  readonly service: ServiceTick[];
}

/** The digital twin: a World that can also be forked and broken. Only the lab holds this type. */
export interface Twin extends World {
  /** An independent copy of the whole state; immutable specs are shared. */
  fork(): Twin;
  /** Faults and ambient happenings to start (and end) by themselves at their times; times may not lie in the past. */
  schedule(faults: readonly Fault[]): void;
  /** Undoes every fault that is in force and forgets those that have not started. */
  rollBack(): void;
  /** Turns telemetry generation off: for counterfactual runs, which only need truth. */
  readonly truth: TruthLog;
  setTelemetry(enabled: boolean): void;
  /** Digest of every exogenous draw so far. */
  exogenousDigest(): string;
}
