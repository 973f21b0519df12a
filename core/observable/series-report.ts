import type { ComponentId } from './component.ts';
import type { Incident } from './incident.ts';

/** What was found in a user's own series; instants are ms since 1970. */
export interface SeriesReport {
  readonly schemaVersion: 1;
  readonly file: string;
  readonly detector: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** The usual time between frames. */
  readonly intervalMs: number;
  readonly frames: number;
  /** Instants that an earlier run had seen already, from its saved state. */
  readonly framesSkipped: number;
  readonly series: readonly SeriesSummary[];
  /** Incidents that opened, changed or closed, in order of opening. */
  readonly incidents: readonly Incident[];
}

export interface SeriesSummary {
  /** The name in the file, or what was made of it: `requests` of the counter `requests_total`. */
  readonly signal: string;
  readonly component: ComponentId;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: number;
  readonly anomalies: number;
}

/** A series as a chart shows it, thinned out where it is long; entries run parallel to `atMs`. */
export interface SeriesCurve {
  readonly signal: string;
  readonly component: ComponentId;
  readonly atMs: readonly number[];
  readonly values: readonly (number | null)[];
  /** Three deviations around what was expected; null while there is no opinion. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  readonly anomalies: readonly { readonly atMs: number; readonly value: number }[];
}
