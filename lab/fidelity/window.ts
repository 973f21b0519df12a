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
  /** The user load as the recording's authors describe it; null: as each topology has it. */
  readonly load: { readonly requestsPerSec: number; readonly dailySwing: number } | null;
  /** How long a run has to last. */
  readonly runMs: number;
  readonly stepMs: number;
  /** Points per window. */
  readonly points: number;
  /** Groups whose real values are rates or quantiles over a longer time: trailing points averaged. */
  readonly trailing: Readonly<Partial<Record<SignalGroup, number>>>;
  readonly windows: readonly Window[];
}
