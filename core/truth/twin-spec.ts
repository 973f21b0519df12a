import type { KubernetesObject } from '../observable/index.ts';

/**
 * Everything the twin is built from: Kubernetes manifests plus the overlay that says how software
 * behaves.
 */
export interface TwinSpec {
  readonly name: string;
  /** Applied in order at boot by the actor `cd-pipeline`. */
  readonly objects: readonly KubernetesObject[];
  readonly nodes: readonly NodeSpec[];
  readonly services: readonly ServiceSpec[];
  readonly journeys: readonly JourneySpec[];
  readonly workload: WorkloadSpec;
  readonly network: NetworkSpec;
}

export interface NodeSpec {
  readonly name: string;
  readonly zone: string;
  readonly region: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkSpec {
  /** Mean one-way delay between pods of one zone, and of two zones. */
  readonly sameZoneMs: number;
  readonly crossZoneMs: number;
}

/** How one service's processes behave; keyed to a Deployment of the manifests. */
export interface ServiceSpec {
  readonly name: string;
  readonly namespace: string;
  readonly kind: 'service' | 'datastore' | 'external';
  readonly workload: string;
  /** From container start until the process listens. */
  readonly startupMs: number;
  /** After start, demand is (1 + coldFactor · e^(−age/coldMs)) times the usual. */
  readonly coldFactor: number;
  readonly coldMs: number;
  /** Requests in flight per pod beyond which it answers 503 at once. */
  readonly concurrencyMax: number;
  /**
   * How requests get CPU: from a pool of workers as wide as the CPU limit, first come first served
   * (absent), or a thread each, all at once on the cores of the node.
   */
  readonly threading?: 'worker_pool' | 'thread_per_request';
  readonly memory: { readonly baseBytes: number; readonly perInFlightBytes: number };
  readonly operations: readonly OperationSpec[];
}

export interface OperationSpec {
  readonly name: string;
  /** CPU time per request, mean; and waiting that uses no CPU (disk, external), mean. */
  readonly cpuMs: number;
  readonly waitMs: number;
  /** Squared coefficient of variation of the CPU demand (1 = exponential). */
  readonly scv: number;
  /** Share of requests that fail on their own account, in good health (0 to 1). */
  readonly errorRatio: number;
  /** What a span of it shows. */
  readonly category: 'cpu' | 'db' | 'external';
  /** For datastores: the statement in spans. */
  readonly statement: string | null;
  readonly calls: readonly CallSpec[];
}

/** One call that an operation makes; calls are made one after the other. */
export interface CallSpec {
  readonly service: string;
  readonly operation: string;
  /** Mean number of such calls per request. */
  readonly count: number;
  readonly timeoutMs: number;
  /** Further attempts after a failure. */
  readonly retries: number;
  /** Wait before the first retry, in ms; it doubles from one to the next. Absent: none. */
  readonly backoffMs?: number;
  /** Retries per call that are let through, on average (0.2 is usual). Absent: all. */
  readonly retryBudget?: number;
  /** Connections that a caller's pod keeps to the callee, one per attempt. Absent: no bound. */
  readonly poolSize?: number;
  /** An optional call's failure is hidden from the caller's own caller. */
  readonly optional: boolean;
}

/** One kind of user request. */
export interface JourneySpec {
  readonly name: string;
  readonly service: string;
  readonly operation: string;
  /** Relative share of the request rate. */
  readonly weight: number;
  /** A request is good when it succeeds within this. */
  readonly latencySloMs: number;
  /** The user's own patience and further attempts. */
  readonly timeoutMs: number;
  readonly retries: number;
  /** `processed_items_total{item_type}`; null when the journey processes nothing. */
  readonly itemType: string | null;
}

export interface WorkloadSpec {
  /** Mean user requests per second over all journeys. */
  readonly requestsPerSec: number;
  /**
   * Share by which the rate swings over a day (0 to 1), and the hour (UTC) around which it peaks.
   */
  readonly dailySwing: number;
  readonly peakHour: number;
  /** Size (sd of the log rate) of the noise over all time scales from a quarter minute to a day. */
  readonly noiseSd: number;
  /** Its power falls as 1/f to this exponent: 1 moves as much on every scale, 2 mostly slowly. */
  readonly noiseSlope: number;
  /** Variance over mean of the number of requests in a second; 1 is Poisson. */
  readonly dispersion: number;
  /**
   * Mean number of crowds a day that come for something outside, on top of the mean rate, and what
   * the largest adds as a share of it; half as large ones are twice as frequent.
   */
  readonly crowdsPerDay: number;
  readonly largestCrowd: number;
  /** Mean number of everyday happenings an hour: replaced pods, pauses, batch jobs, releases … */
  readonly happeningsPerHour: number;
  /**
   * A recorded rate instead of the profile: requests/s at `startMs + i · stepMs`, linearly
   * interpolated; held at the ends.
   */
  readonly recording: {
    readonly startMs: number;
    readonly stepMs: number;
    readonly requestsPerSec: readonly number[];
  } | null;
}
