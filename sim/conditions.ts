/**
 * The physical state of the world that faults change and everything else obeys. Plain data, so that
 * a fork copies it and undoing a fault restores it exactly.
 */
export interface Conditions {
  /** Nodes without power: nothing on them runs and their kubelet is silent. */
  readonly unpoweredNodes: Set<string>;
  /** Zones cut off from every other zone and from users; traffic inside still flows. */
  readonly isolatedZones: Set<string>;
  /** Added network delay per pod uid, each way into the pod, in ms. */
  readonly podDelayMs: Map<string, number>;
  /** What a release does differently, keyed `workload@tag`. */
  readonly releaseTraits: Map<string, ReleaseTraits>;
  /** Factors on the user request rate. */
  readonly loadFactors: LoadFactor[];
}

export interface ReleaseTraits {
  /** Added to each operation's own error ratio. */
  readonly errorRatio: number;
  readonly cpuFactor: number;
  readonly leakBytesPerSec: number;
}

/**
 * Rises linearly from 1 to `factor` over `rampMs`, from `startMs`; falls the same way after
 * `endMs`.
 */
export interface LoadFactor {
  /** A journey's name, or `*` for all. */
  readonly journey: string;
  readonly factor: number;
  readonly startMs: number;
  readonly rampMs: number;
  endMs: number | null;
}

export function createConditions(): Conditions {
  return {
    unpoweredNodes: new Set(),
    isolatedZones: new Set(),
    podDelayMs: new Map(),
    releaseTraits: new Map(),
    loadFactors: [],
  };
}

/** An independent copy. */
export function copyConditions(conditions: Conditions): Conditions {
  return {
    unpoweredNodes: new Set(conditions.unpoweredNodes),
    isolatedZones: new Set(conditions.isolatedZones),
    podDelayMs: new Map(conditions.podDelayMs),
    releaseTraits: new Map(conditions.releaseTraits),
    loadFactors: conditions.loadFactors.map((factor) => ({ ...factor })),
  };
}
