import type { ClusterApi } from './kubernetes.ts';
import type { Telemetry } from './telemetry.ts';
import type { Topology } from './topology.ts';

/** The usual distance between two scrapes, in ms; every part that counts in scrapes means these. */
export const scrapeIntervalMs = 15_000;

/** A twin or a real cluster. Times are ms since the run's start; warm-up has negative times. */
export interface World {
  readonly topology: Topology;
  /** The one way to change anything. */
  readonly cluster: ClusterApi;
  readonly nowMs: number;
  readonly scrapeIntervalMs: number;
  /** Goes on to `untilMs` and tells what an observer could have seen since the last call. */
  advance(untilMs: number): Promise<Telemetry>;
}
