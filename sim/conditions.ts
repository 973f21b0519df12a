import type { ComponentId } from '../core/observable/index.ts';
import type { Impairment } from './impairments/impairment.ts';

/**
 * The physical state of the world that faults change and everything else obeys. Plain data, so that
 * a fork copies it and undoing a fault restores it exactly.
 */
export interface Conditions {
  /** Nodes without power: nothing on them runs and their kubelet is silent. */
  readonly unpoweredNodes: Set<string>;
  /** Nodes that are restarting, with the instant (ms) at which they are back. */
  readonly rebootingNodes: Map<string, number>;
  /** Parts of the platform that do not run, e.g. `scheduler` or `kubelet on node-a1`. */
  readonly downComponents: Set<string>;
  /** Pods (uid) whose processes are killed at the next instant. */
  readonly doomedProcesses: Set<string>;
  /** Zones cut off from every other zone and from users; traffic inside still flows. */
  readonly isolatedZones: Set<string>;
  /** Added network delay per pod uid, each way into the pod, in ms. */
  readonly podDelayMs: Map<string, number>;
  /** What a release does differently, keyed `workload@tag`. */
  readonly releaseTraits: Map<string, ReleaseTraits>;
  /** Images that releases have published; only undoing a release takes its image back. */
  readonly publishedImages: Set<string>;
  /** Factors on the user request rate. */
  readonly loadFactors: LoadFactor[];
  /** Who calls beside users; entries never change. */
  readonly batchClients: BatchClient[];
  /** What keeps telemetry from its observers; entries never change. */
  readonly telemetryImpairments: TelemetryImpairment[];
  /** What is wrong with machines, software and the network; entries never change. */
  readonly impairments: Impairment[];
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

/** Calls for which nobody waits, as servers count them. */
export interface BatchClient {
  /** `caller->callee`; empty: a client outside the cluster calls. */
  readonly edge: string;
  readonly to: string;
  readonly perSec: number;
  readonly errorRatio: number;
  /** Mean time of a call, ms. */
  readonly latencyMs: number;
}

/** How observers get less than there is; the system itself is not touched. */
export interface TelemetryImpairment {
  /** A zone, node or service, or `telemetry/*` for all. */
  readonly target: ComponentId;
  readonly signal: 'metrics' | 'logs' | 'spans' | 'all';
  /** Lost on the way; late; standing still at their last values; stamped by a clock that is off. */
  readonly mode: 'drop' | 'delay' | 'stale' | 'clock_offset';
  /** Of scrapes, lines or spans: how many are dropped, 0 to 1. */
  readonly share: number;
  readonly delayMs: number;
  /** Positive: the clock is ahead. */
  readonly offsetMs: number;
}

export function createConditions(): Conditions {
  return {
    unpoweredNodes: new Set(),
    rebootingNodes: new Map(),
    downComponents: new Set(),
    doomedProcesses: new Set(),
    isolatedZones: new Set(),
    podDelayMs: new Map(),
    releaseTraits: new Map(),
    publishedImages: new Set(),
    loadFactors: [],
    batchClients: [],
    telemetryImpairments: [],
    impairments: [],
  };
}

/** An independent copy. */
export function copyConditions(conditions: Conditions): Conditions {
  return {
    unpoweredNodes: new Set(conditions.unpoweredNodes),
    rebootingNodes: new Map(conditions.rebootingNodes),
    downComponents: new Set(conditions.downComponents),
    doomedProcesses: new Set(conditions.doomedProcesses),
    isolatedZones: new Set(conditions.isolatedZones),
    podDelayMs: new Map(conditions.podDelayMs),
    releaseTraits: new Map(conditions.releaseTraits),
    publishedImages: new Set(conditions.publishedImages),
    loadFactors: conditions.loadFactors.map((factor) => ({ ...factor })),
    batchClients: [...conditions.batchClients],
    telemetryImpairments: [...conditions.telemetryImpairments],
    impairments: [...conditions.impairments],
  };
}
