import type { ComponentId, FaultClass } from '../observable/index.ts';

/** The effect kinds; one file each in `sim/faults/`. */
export const faultKinds = [
  'network_partition',
  'node_power_loss',
  'network_delay',
  'release',
  'load_factor',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/**
 * One thing that happens to the world: data only. `target` is a zone, node, service or `user/*`.
 * Parameters per kind: network_delay `delayMs`; release `tag`, `errorRatio`, `cpuFactor`,
 * `leakBytesPerSec`; load_factor `factor`, `rampMs`.
 */
export interface Fault {
  readonly kind: FaultKind;
  readonly target: ComponentId;
  readonly startMs: number;
  /** Null: until the end of the run or until remedied. */
  readonly durationMs: number | null;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** What a perfect diagnosis would call it; null for benign happenings. */
  readonly faultClass: FaultClass | null;
}
