import type { WorkloadSpec } from '../../core/truth/index.ts';

/** What a window shows; the groups in which real and generated series are compared. */
export const signalGroups = [
  'request rate',
  'latency',
  'error ratio',
  'cpu',
  'host cpu',
  'memory',
] as const;

export type SignalGroup = (typeof signalGroups)[number];

type Range = readonly [low: number, high: number];

/** A stretch of one series on a regular grid. */
export interface Window {
  readonly group: SignalGroup;
  /** Whose series it is; windows of one entity never sit on both sides of a train-test split. */
  readonly entity: string;
  /** NaN where nothing was recorded. */
  readonly values: Float64Array;
}

/** Recordings, and how the twin has to be run and observed to be comparable with them. */
export interface RecordedSet {
  readonly name: string;
  /** The user load as the recording's authors describe it; empty: as each topology has it. */
  readonly load: Partial<WorkloadSpec>;
  /**
   * For request rates that are the demand of whole sites: what one site's door is played under, and
   * between which mean rates sites lie. Set on every second entity, so judged on the others alone.
   */
  readonly demand: { readonly workload: Partial<WorkloadSpec>; readonly perSec: Range } | null;
  /** How long a run has to last. */
  readonly runMs: number;
  readonly stepMs: number;
  /** Points per window. */
  readonly points: number;
  /**
   * Groups whose real values are rates or quantiles over a longer time: trailing points averaged.
   */
  readonly trailing: Readonly<Partial<Record<SignalGroup, number>>>;
  /** Whether request rates are counts per step, which nothing that was not scraped takes from. */
  readonly isCounted: boolean;
  readonly windows: readonly Window[];
}
