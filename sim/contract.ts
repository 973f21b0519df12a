import type { World } from '../core/observable/index.ts';
import type { Fault } from '../core/truth/index.ts';
import type { ServiceTick, UserTick } from './data-plane/flow-state.ts';

/** What the twin remembers of each tick for the lab's truth; arrays grow by one entry per tick. */
export interface TruthLog {
  readonly journeys: readonly string[];
  readonly services: readonly string[];
  /** Tick i ends at startMs + (i + 1) · 1 s. */
  readonly startMs: number;
  readonly user: UserTick[];
  readonly service: ServiceTick[];
}

/** The digital twin: a World that can also be forked and broken. Only the lab holds this type. */
export interface Twin extends World {
  /** Grows by one entry per tick, telemetry or not. */
  readonly truth: TruthLog;
  /**
   * An independent copy of the whole state; immutable specs are shared. `faults: 'drop'` leaves out
   * every scheduled fault and keeps benign happenings; none may be in force yet.
   */
  fork(options: { faults: 'keep' | 'drop'; telemetry: boolean }): Twin;
  /** Faults and benign happenings to start and end by themselves; times may not lie in the past. */
  schedule(faults: readonly Fault[]): void;
  /** Undoes every fault that is in force and forgets those that have not started. */
  rollBack(): Promise<void>;
  /** Digest of every exogenous draw so far. */
  exogenousDigest(): string;
}
