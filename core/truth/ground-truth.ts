import type { ComponentId, FaultClass } from '../observable/index.ts';

/** What really happened, from the pair of runs with and without the faults, no healer in either. */
export interface GroundTruth {
  /** When the first fault was injected; null in a healthy scenario. */
  readonly injectedAtMs: number | null;
  /** When user SLIs first differed for three ticks; null when they never did. */
  readonly onsetMs: number | null;
  /**
   * When the unhealed run's user SLIs were back in the band for good; null when they never were.
   */
  readonly unhealedRecoveryMs: number | null;
  /** Accepted names of the root cause, widest first (zone, then its nodes…). */
  readonly rootCauses: readonly ComponentId[];
  readonly faultClass: FaultClass | null;
  /** Faulty, but no user could notice. */
  readonly silent: boolean;
  /** Components whose own signals differed, in order of first difference. */
  readonly affected: readonly { readonly component: ComponentId; readonly atMs: number }[];
  /** User requests lost without a healer. */
  readonly unhealedLostRequests: number;
}
