import type { ComponentId, FaultClass } from '../observable/index.ts';
import type { ObjectEdit } from './object-edit.ts';

/** The effect kinds; one file each in `sim/faults/`. */
export const faultKinds = [
  'network_partition',
  'node_power_loss',
  'network_delay',
  'release',
  'load_factor',
  'batch_traffic',
  'object_edit',
  'slow_work',
  'failing_work',
  'pod_pressure',
  'node_pressure',
  'network_impairment',
  'call_failure',
  'cache_misses',
  'hostile_traffic',
  'retry_policy',
  'clock_offset',
  'consumer_lag',
  'component_down',
  'pod_kill',
  'node_drain',
  'telemetry_impairment',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/**
 * One thing that happens to the world: data only. What `target` may be and which parameters there
 * are depends on the kind (`scenarios/fault-shapes/`).
 */
export interface Fault {
  readonly kind: FaultKind;
  readonly target: ComponentId;
  readonly startMs: number;
  /** Null: until the end of the run or until remedied. */
  readonly durationMs: number | null;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** The API calls of an `object_edit`, in order. */
  readonly edits?: readonly ObjectEdit[];
  /** What a perfect diagnosis would call it; null for benign happenings. */
  readonly faultClass: FaultClass | null;
}
