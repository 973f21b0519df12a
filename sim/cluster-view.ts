/**
 * The seam between control plane and data plane. The control plane offers a view of what runs
 * where; the data plane reports vital signs back. Neither reads the other's state directly.
 */

/** One pod as the data plane needs it. A view object is rebuilt whenever the pod changes. */
export interface PodView {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Name of the ServiceSpec whose workload owns the pod. */
  readonly service: string;
  readonly workload: string;
  readonly node: string;
  readonly zone: string;
  readonly region: string;
  /** The image tag of its first container; `latest` where the manifest gives none. */
  readonly release: string;
  /** Counts the pods ever made for the workload; addresses the pod's own random draws. */
  readonly ordinal: number;
  readonly cpuLimitCores: number;
  readonly memoryLimitBytes: number;
  /** A process exists and its node has power. */
  readonly running: boolean;
  /** When the present process started; meaningful while `running`. */
  readonly processStartedUs: number;
  /** Start-up is over: the process answers. */
  readonly listening: boolean;
  /** Clients may send to it: it is in the EndpointSlice, whether or not it still answers. */
  readonly inEndpoints: boolean;
  readonly restartCount: number;
  /** What its last process wrote before it ended by itself; absent when none did. */
  readonly lastWords?: { readonly atUs: number; readonly text: string };
}

export interface NodeView {
  readonly name: string;
  readonly zone: string;
  readonly region: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly powered: boolean;
  /** Condition Ready as the API shows it. */
  readonly ready: boolean;
}

/** Replica counts of a workload as its Deployment's status shows them. */
export interface WorkloadView {
  readonly service: string;
  readonly namespace: string;
  readonly workload: string;
  readonly desired: number;
  readonly ready: number;
}

/** Traffic objects (BackendTrafficPolicy, DestinationRule) resolved per service. */
export interface TrafficView {
  /** Requests per second let through to a service, all pods together; absent: no limit. */
  readonly rateLimits: ReadonlyMap<string, number>;
  /** Zones a service's endpoints take no traffic in (locality weight 0). */
  readonly drainedZones: ReadonlyMap<string, ReadonlySet<string>>;
  /** What callers of a service are told to do; absent: as their own code has it. */
  readonly callPolicies?: ReadonlyMap<string, CallPolicy>;
}

/** How the proxies of a service's callers guard and repeat calls; what is absent stays as it is. */
export interface CallPolicy {
  /** Requests that one calling pod has under way at most, and those that may wait (0). */
  readonly maxRequests?: number;
  readonly maxPending?: number;
  readonly retries?: number;
  /** Wait before the first retry, in ms; doubles from one to the next. */
  readonly backoffMs?: number;
  /** Retries per call that are let through, on average. */
  readonly retryBudget?: number;
}

/** Why a call never reaches a process of its callee. */
export const missReasons = ['refused', 'unresolved', 'blocked', 'misrouted', 'denied'] as const;

/**
 * `refused`: nothing listens there; `unresolved`: no such name; `blocked`: packets are dropped, so
 * only a time-out tells; `misrouted`: another service answers; `denied`: wrong credentials.
 */
export type MissReason = (typeof missReasons)[number];

/** Where the calls of one edge go that do not simply reach every ready pod of the callee alike. */
export interface RouteView {
  /** The calling service; null for users. */
  readonly from: string | null;
  readonly to: string;
  /** By the zone of the callers; the one entry of users is `user`. */
  readonly byZone: ReadonlyMap<string, ZoneRoute>;
}

/** Shares of the attempts; what they lack of 1 finds no endpoint at all. */
export interface ZoneRoute {
  /** By the uid of the pod they reach. */
  readonly pods: ReadonlyMap<string, number>;
  readonly misses: Readonly<Partial<Record<MissReason, number>>>;
}

export interface ClusterView {
  /** Grows whenever anything below changed. */
  readonly version: number;
  /** In order of creation. */
  readonly pods: readonly PodView[];
  readonly nodes: readonly NodeView[];
  readonly workloads: readonly WorkloadView[];
  readonly traffic: TrafficView;
  /** Only the edges whose calls go other ways than usual; absent where there are none. */
  readonly routes?: readonly RouteView[];
}

/** What the data plane knows of one pod after a tick. */
export interface PodVitals {
  readonly uid: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /**
   * How long a probe has to wait for its answer: behind the backlog; infinite without a process.
   */
  readonly answerMs: number;
}
