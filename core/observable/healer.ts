import type { ActionOutcome, Plan } from './action.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Incident } from './incident.ts';
import type { MetricHistory } from './metric-history.ts';
import type { PodPlacement, Topology } from './topology.ts';

/** All that a healer may look at when it decides; one call per scrape. */
export interface HealerContext {
  readonly atMs: number;
  readonly topology: Topology;
  readonly pods: readonly PodPlacement[];
  readonly metrics: MetricHistory;
  readonly incidents: readonly Incident[];
  /** The newest diagnosis per open incident. */
  readonly diagnoses: readonly Diagnosis[];
}

/** Decides what to do; whether it happens is the guard's decision. */
export interface Healer {
  readonly name: string;
  decide(context: HealerContext): readonly Plan[];
  /** Told of every action that was played, and of what the guard refused. */
  observe(outcome: ActionOutcome): void;
}
