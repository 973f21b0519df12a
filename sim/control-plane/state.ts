import type {
  ChangeEvent,
  ClusterEvent,
  Kind,
  KindMap,
  KubernetesObject,
} from '../../core/observable/index.ts';
import type { NodeSpec, ServiceSpec, TwinSpec } from '../../core/truth/index.ts';
import { pushEvent } from '../kernel/event-heap.ts';
import { type ProbeKind, type TimerEvent, type TimerTask, timerPriorities } from './timer-tasks.ts';

/** How a process ended. */
interface Termination {
  readonly exitCode: number;
  readonly reason: string;
  readonly startedAtUs: number;
  readonly finishedAtUs: number;
}

/** What a kubelet knows of one pod, beyond the API object. */
export interface PodRuntime {
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  /** `namespace/deployment`; empty for a pod without a Deployment. */
  readonly workload: string;
  readonly ordinal: number;
  /** Bytes at which the kernel kills; 0 means no limit. */
  readonly memoryLimitBytes: number;
  node: string;
  phase: 'unbound' | 'pulling' | 'running' | 'stopping' | 'waiting';
  /** Timers of an older epoch are void. */
  epoch: number;
  /** Grows with each change that the API object does not show. */
  revision: number;
  processStartedUs: number;
  listening: boolean;
  /** The startup probe has passed, or there is none. */
  started: boolean;
  ready: boolean;
  /** How long the process now takes to answer a probe. */
  answerMs: number;
  inEndpoints: boolean;
  restartCount: number;
  /** Wait before the last restart; -1 when the container never ended. */
  backOffUs: number;
  lastTermination: Termination | null;
  /** Consecutive outcomes per probe: positive successes, negative failures. */
  probeRuns: Record<ProbeKind, number>;
  /** A timer for the probe is pending. */
  probeArmed: Record<ProbeKind, boolean>;
}

export interface NodeRuntime {
  readonly name: string;
  readonly zone: string;
  powered: boolean;
  /** Renews its lease at this instant and every interval after it. */
  leasePhaseUs: number;
  /** The last renewal before power was lost; meaningful while unpowered. */
  lastRenewalUs: number;
  /** When the node monitor last saw a renewal it had not seen before. */
  observedUs: number;
  observedRenewalUs: number;
  /** Since when it waits in its zone's queue for the NoExecute taint; null when it does not. */
  taintQueuedUs: number | null;
  /** Pod addresses given out so far. */
  podAddresses: number;
}

export type ZoneState = 'normal' | 'partial' | 'full';

export interface ZoneRuntime {
  state: ZoneState;
  /** NoExecute taints per second; 0 stops them. */
  taintsPerSec: number;
  nextTaintUs: number;
  taintTimerArmed: boolean;
}

export interface AutoscalerRuntime {
  readonly uid: string;
  /** Recommendations of the stabilisation windows, oldest first. */
  recommendations: { readonly atUs: number; readonly replicas: number }[];
  /** Scalings of the policy windows, oldest first. */
  scalings: { readonly atUs: number; readonly change: number }[];
}

/** CPU samples of one pod, a ring of one per report. */
interface CpuWindow {
  readonly atUs: number[];
  readonly cores: number[];
  next: number;
}

/** Keys of objects whose controllers have to look again. */
export interface DirtyKeys {
  readonly deployments: Set<string>;
  readonly replicaSets: Set<string>;
  readonly pods: Set<string>;
  readonly nodes: Set<string>;
  readonly services: Set<string>;
  readonly budgets: Set<string>;
  readonly autoscalers: Set<string>;
  scheduler: boolean;
}

/** All that changes in a control plane: plain data. Objects in `objects` are frozen. */
export interface ControlState {
  nowUs: number;
  resourceVersion: number;
  sequence: number;
  /** Version of the view. */
  version: number;
  /** Version of the traffic objects. */
  trafficVersion: number;
  booted: boolean;
  allZonesDown: boolean;
  /** A timer to try unschedulable pods again is pending. */
  retryArmed: boolean;
  readonly objects: Map<string, Map<string, KubernetesObject>>;
  readonly timers: TimerEvent[];
  readonly runtimes: Map<string, PodRuntime>;
  readonly nodes: Map<string, NodeRuntime>;
  readonly zones: Map<string, ZoneRuntime>;
  /** Pods that taints will delete: uid to instant. */
  readonly evictions: Map<string, number>;
  /** Deployments in the middle of a rollout: key to the instant of the progress deadline. */
  readonly deadlines: Map<string, number>;
  readonly ordinals: Map<string, number>;
  readonly autoscalers: Map<string, AutoscalerRuntime>;
  readonly cpuWindows: Map<string, CpuWindow>;
  readonly dirty: DirtyKeys;
  events: ClusterEvent[];
  changes: ChangeEvent[];
}

/** What never changes after construction; forks share it. */
export interface Setup {
  readonly spec: TwinSpec;
  readonly nodeMonitorGraceUs: number;
  readonly nodeMonitorPeriodUs: number;
  /** By `namespace/workload`. */
  readonly services: ReadonlyMap<string, ServiceSpec>;
  readonly nodeSpecs: ReadonlyMap<string, NodeSpec>;
}

/** One control plane, as its controllers pass it around. */
export interface Cluster {
  readonly setup: Setup;
  readonly state: ControlState;
}

export function createState(startUs: number): ControlState {
  return {
    nowUs: startUs,
    resourceVersion: 0,
    sequence: 0,
    version: 1,
    trafficVersion: 1,
    booted: false,
    allZonesDown: false,
    retryArmed: false,
    objects: new Map(),
    timers: [],
    runtimes: new Map(),
    nodes: new Map(),
    zones: new Map(),
    evictions: new Map(),
    deadlines: new Map(),
    ordinals: new Map(),
    autoscalers: new Map(),
    cpuWindows: new Map(),
    dirty: {
      deployments: new Set(),
      replicaSets: new Set(),
      pods: new Set(),
      nodes: new Set(),
      services: new Set(),
      budgets: new Set(),
      autoscalers: new Set(),
      scheduler: false,
    },
    events: [],
    changes: [],
  };
}

/**
 * An independent copy. Frozen objects and timer events are shared, everything mutable is copied.
 */
export function copyState(state: ControlState): ControlState {
  const { dirty } = state;
  return {
    ...state,
    objects: copyMap(state.objects, (objects) => new Map(objects)),
    timers: [...state.timers],
    runtimes: copyMap(state.runtimes, (runtime) => ({
      ...runtime,
      probeRuns: { ...runtime.probeRuns },
      probeArmed: { ...runtime.probeArmed },
    })),
    nodes: copyMap(state.nodes, (node) => ({ ...node })),
    zones: copyMap(state.zones, (zone) => ({ ...zone })),
    evictions: new Map(state.evictions),
    deadlines: new Map(state.deadlines),
    ordinals: new Map(state.ordinals),
    autoscalers: copyMap(state.autoscalers, (autoscaler) => ({
      ...autoscaler,
      recommendations: [...autoscaler.recommendations],
      scalings: [...autoscaler.scalings],
    })),
    cpuWindows: copyMap(state.cpuWindows, (window) => ({
      atUs: [...window.atUs],
      cores: [...window.cores],
      next: window.next,
    })),
    dirty: {
      deployments: new Set(dirty.deployments),
      replicaSets: new Set(dirty.replicaSets),
      pods: new Set(dirty.pods),
      nodes: new Set(dirty.nodes),
      services: new Set(dirty.services),
      budgets: new Set(dirty.budgets),
      autoscalers: new Set(dirty.autoscalers),
      scheduler: dirty.scheduler,
    },
    events: [...state.events],
    changes: [...state.changes],
  };
}

function copyMap<V>(map: ReadonlyMap<string, V>, copy: (value: V) => V): Map<string, V> {
  const result = new Map<string, V>();
  for (const [key, value] of map) result.set(key, copy(value));
  return result;
}

/** Asks for a task at an instant; one in the past is due at once. */
export function setTimer({ state }: Cluster, atUs: number, task: TimerTask): void {
  state.sequence += 1;
  pushEvent(state.timers, {
    atUs: Math.max(atUs, state.nowUs),
    priority: timerPriorities[task.kind],
    sequence: state.sequence,
    task,
  });
}

/** The stored (frozen) object, or undefined. */
export function findObject<K extends Kind>(
  { state }: Cluster,
  kind: K,
  key: string,
): KindMap[K] | undefined {
  return state.objects.get(kind)?.get(key) as KindMap[K] | undefined;
}

const none: ReadonlyMap<string, KubernetesObject> = new Map();

/** All stored (frozen) objects of a kind by key, in order of creation. */
export function objectsOf<K extends Kind>(
  { state }: Cluster,
  kind: K,
): ReadonlyMap<string, KindMap[K]> {
  return (state.objects.get(kind) ?? none) as ReadonlyMap<string, KindMap[K]>;
}
