import type { ComponentId } from './component.ts';
import type { Incident } from './incident.ts';
import type { MetricHistory } from './metric-history.ts';
import type { ChangeEvent, ClusterEvent, LogRecord, Span } from './telemetry.ts';
import type { PodPlacement, Topology } from './topology.ts';

/** The kinds of cause a diagnosis can name. */
export const faultClasses = [
  'zone_outage',
  'node_outage',
  'network_partition',
  'network_latency',
  'bad_release',
  'memory_exhaustion',
  'cpu_saturation',
  'load_surge',
  'dependency_failure',
  'misconfiguration',
  'image_failure',
  'probe_failure',
  'scheduling_failure',
  'quota_exceeded',
  'admission_failure',
  'autoscaler_failure',
  'control_plane_failure',
  'storage_failure',
  'disk_exhaustion',
  'network_loss',
  'dns_failure',
  'routing_failure',
  'certificate_expiry',
  'clock_skew',
  'database_contention',
  'connection_exhaustion',
  'cache_failure',
  'queue_backlog',
  'credential_failure',
  'resource_exhaustion',
  'feature_flag',
  'metastable_overload',
  'unknown',
] as const;

export type FaultClass = (typeof faultClasses)[number];

/** What a service's logs say that they did not say before: evidence beside the metrics'. */
export interface LogEvidence {
  readonly atMs: number;
  readonly component: ComponentId;
  /** Which detector: what kind of change it is. */
  readonly detector: string;
  /** The line with `<*>` for what varies. */
  readonly template: string;
  /** In units of the detector's threshold, 1 or more. */
  readonly strength: number;
  readonly count: number;
  readonly expected: number;
}

/** All that a localizer may look at. */
export interface Evidence {
  readonly atMs: number;
  readonly incident: Incident;
  readonly topology: Topology;
  readonly pods: readonly PodPlacement[];
  readonly metrics: MetricHistory;
  /** Logs, spans, events and changes from some minutes before the incident until now. */
  readonly logs: readonly LogRecord[];
  readonly spans: readonly Span[];
  readonly events: readonly ClusterEvent[];
  readonly changes: readonly ChangeEvent[];
  /** What was unusual about the logs in that time, where somebody watches them. */
  readonly logEvidence?: readonly LogEvidence[];
}

/** A candidate root cause; weights of one ranking are in (0, 1] and sorted, highest first. */
export interface Suspect {
  readonly component: ComponentId;
  readonly weight: number;
  readonly faultClass: FaultClass;
  readonly why: string;
  readonly suggestedActions: readonly SuggestedAction[];
}

/** An action in the words of a runbook, for people and for policies. */
export interface SuggestedAction {
  readonly kind: string;
  /** `ns/kind/name` or `kind/name`. */
  readonly target: string;
  readonly reason: string;
}

export interface Diagnosis {
  readonly incidentId: string;
  readonly atMs: number;
  readonly localizer: string;
  /** Best first; empty means "no opinion". */
  readonly suspects: readonly Suspect[];
}

/** Finds root causes. */
export interface Localizer {
  readonly name: string;
  /**
   * Pure; an empty list means "no opinion". Suspects are sorted by weight, ties by component id.
   */
  rank(evidence: Evidence): readonly Suspect[];
}
