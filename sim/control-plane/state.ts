import type {
  ChangeEvent,
  ClusterEvent,
  ComponentId,
  Kind,
  KindMap,
  KubernetesObject,
  ObjectRef,
  Procedure,
} from '../../core/observable/index.ts';
import type { NodeSpec, ServiceSpec, TwinSpec } from '../../core/truth/index.ts';
import { pushEvent } from '../kernel/event-heap.ts';
import type { Environment } from './environment.ts';
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
  phase: 'unbound' | 'pulling' | 'running' | 'stopping' | 'waiting' | 'finished';
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
  /** The container that ended last, where the others of the pod run on; null: all of them. */
  failing: string | null;
  /** What the last process wrote before it ended by itself; null when it ended otherwise. */
  lastWords: string | null;
  /** What keeps the kubelet from starting the pod's containers; null when nothing does. */
  hold: { readonly container: string; readonly reason: string; readonly message: string } | null;
  /** Wait before the last try to get over what holds the pod up. */
  holdBackOffUs: number;
  /** Init containers that have ended well. */
  initDone: number;
  /** The pod's volumes are attached to its node. */
  isAttached: boolean;
  /** Settings as the process read them, where they are not those of the manifests. */
  settings: Environment | null;
  /** Consecutive outcomes per probe: positive successes, negative failures. */
  probeRuns: Record<ProbeKind, number>;
  /** A timer for the probe is pending. */
  probeArmed: Record<ProbeKind, boolean>;
}

export interface NodeRuntime {
  readonly name: string;
  readonly zone: string;
  powered: boolean;
  /** A kubelet runs, if the node has power. */
  kubeletUp: boolean;
  /** Renews its lease at this instant and every interval after it. */
  leasePhaseUs: number;
  /** The last renewal before power was lost; meaningful while unpowered. */
  lastRenewalUs: number;
  /** When the node monitor last saw a renewal it had not seen before. */
  observedUs: number;
  observedRenewalUs: number;
  /** Condition Ready when the node monitor last looked. */
  observedReady: string;
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

interface PodRequest {
  readonly object: ObjectRef;
  /** A strategic merge patch. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Pods that the API server would not take. */
interface Refusal {
  readonly atUs: number;
  readonly times: number;
  readonly message: string;
}

/** A procedure of the runbook that somebody carried out, and on what. */
export interface DoneProcedure {
  readonly procedure: Procedure;
  readonly target: ComponentId;
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
  readonly claims: Set<string>;
  readonly jobs: Set<string>;
  readonly quotas: Set<string>;
  readonly cronJobs: Set<string>;
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
  /** Version of the ConfigMaps. */
  configVersion: number;
  booted: boolean;
  allZonesDown: boolean;
  /** A timer to try unschedulable pods again is pending. */
  retryArmed: boolean;
  readonly objects: Map<string, Map<string, KubernetesObject>>;
  /** Keys of objects by address; see object-index.ts. */
  readonly index: Map<string, Set<string>>;
  readonly timers: TimerEvent[];
  /** Uids of pods whose labels, ports or settings are not those of the manifests. */
  readonly unusualPods: Set<string>;
  /** Images that releases have published since; the conditions' own set. */
  images: ReadonlySet<string>;
  readonly runtimes: Map<string, PodRuntime>;
  readonly nodes: Map<string, NodeRuntime>;
  readonly zones: Map<string, ZoneRuntime>;
  /** Pods that taints will delete: uid to instant. */
  readonly evictions: Map<string, number>;
  /** Deployments in the middle of a rollout: key to the instant of the progress deadline. */
  readonly deadlines: Map<string, number>;
  readonly ordinals: Map<string, number>;
  /** ReplicaSets whose last pod was refused: when, how many times in a row, and why. */
  readonly refusals: Map<string, Refusal>;
  readonly autoscalers: Map<string, AutoscalerRuntime>;
  readonly cpuWindows: Map<string, CpuWindow>;
  readonly dirty: DirtyKeys;
  /** Per node without a kube-proxy: the endpoints (uid) of each workload when it stopped. */
  readonly frozenEndpoints: Map<string, ReadonlyMap<string, ReadonlySet<string>>>;
  /** Parts of the platform that do not run. */
  down: ReadonlySet<string>;
  events: ClusterEvent[];
  changes: ChangeEvent[];
  /** Patches that pods have sent to the API server. */
  requests: PodRequest[];
  /** Procedures whose Jobs completed, until the twin takes them. */
  procedures: DoneProcedure[];
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
