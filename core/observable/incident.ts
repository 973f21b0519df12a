import type { ComponentId } from './component.ts';
import type { SignalName } from './signals.ts';

/** One column of one frame that a detector calls abnormal. */
export interface Anomaly {
  readonly atMs: number;
  readonly component: ComponentId;
  readonly signal: SignalName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** The value the detector expected. */
  readonly expected: number;
  /** Signed deviation from the expected value in (robust) standard deviations. */
  readonly zScore: number;
  readonly detector: string;
}

/** Least grave first. */
export const severities = ['info', 'warning', 'critical'] as const;

export type Severity = (typeof severities)[number];

/** Anomalies that belong together, by service and topology. */
export interface Incident {
  readonly id: string;
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  readonly closedAtMs: number | null;
  readonly severity: Severity;
  /** The component the incident is filed under. */
  readonly component: ComponentId;
  readonly components: readonly ComponentId[];
  /** The strongest anomaly per (component, signal), strongest first. */
  readonly anomalies: readonly Anomaly[];
  /** One line per anomaly: `metric: value (z-score)`. */
  readonly summary: readonly string[];
}
