import type { NodeView, PodView, ZoneRoute } from '../cluster-view.ts';
import type { ImpairSight } from './impair-sight.ts';

/**
 * A law of response times: with probability `slowShare` exactly `slowMs` (the longest time-outs on
 * the way), with probability `midShare` exactly `midMs` (shorter ones; not above `slowMs`), with
 * probability `failShare` a failure without a time-out, gamma-distributed apart from the rest (0
 * where failures are few: then they count with the rest), otherwise gamma-distributed with this
 * mean and variance. Exponential and Erlang are gammas, so M/M/1 and tandem queues are exact.
 */
export interface LatencyLaw {
  readonly meanMs: number;
  readonly varianceMs2: number;
  readonly midShare: number;
  readonly midMs: number;
  readonly slowShare: number;
  readonly slowMs: number;
  readonly failShare: number;
  readonly failMs: number;
  readonly failVarianceMs2: number;
}

/** A law that is written where it stands, since thousands of them are asked for in a scrape. */
export type MutableLaw = { -readonly [Field in keyof LatencyLaw]: LatencyLaw[Field] };

/** One operation on one pod, averaged over the window. */
export interface OperationFlow {
  readonly operation: string;
  readonly requestsPerSec: number;
  /** Share of requests answered with an error, whatever the reason. */
  readonly errorRatio: number;
  /** Errors the operation makes itself (release, overload rejection), part of `errorRatio`. */
  readonly ownErrorRatio: number;
  /** Requests turned away at the door because the pod had no slot free, part of `ownErrorRatio`. */
  readonly rejectRatio: number;
  /** Time spent in this pod alone: queueing, CPU, own waiting. */
  readonly ownLatency: LatencyLaw;
}

export interface PodFlow {
  readonly pod: PodView;
  readonly cpuCores: number;
  /** At the window's end, as a scraper reads it; 0 without a process. */
  readonly memoryBytes: number;
  /** The most in the window. */
  readonly memoryMaxBytes: number;
  /** Share of CFS periods in which the pod was throttled (0 to 1). */
  readonly throttledRatio: number;
  readonly inFlight: number;
  /** Of all operations together. */
  readonly requestsPerSec: number;
  /** Worked out when asked for, which must be before the next window closes. */
  readonly operations: readonly OperationFlow[];
  /** One of them, by its place among the service's. */
  operationAt(position: number): OperationFlow | undefined;
}

/** How a call attempt from a zone to one pod ends; what walkers draw from. */
export interface TargetFlow {
  readonly pod: PodView;
  /** Of all attempts; what the shares of all targets lack of 1 is stopped by a rate limit. */
  readonly share: number;
  /** False where the pod is dead or cut off: the attempt times out; `refused`: it fails at once. */
  readonly reachable: boolean;
  readonly refused: boolean;
  /** Network delay there and back. */
  readonly networkMs: number;
}

/** Calls of one service to another, averaged over the window, all zones together. */
export interface EdgeFlow {
  readonly from: string;
  readonly to: string;
  readonly requestsPerSec: number;
  readonly errorRatio: number;
  readonly latency: LatencyLaw;
  /** The same law, written to `out`. */
  readLatency(out: MutableLaw): LatencyLaw;
}

export interface ServiceFlow {
  readonly service: string;
  readonly requestsPerSec: number;
  readonly errorRatio: number;
  readonly latency: LatencyLaw;
  /** The same law, written to `out`. */
  readLatency(out: MutableLaw): LatencyLaw;
}

export interface JourneyFlow {
  readonly journey: string;
  /** First attempts by users per second. */
  readonly offeredPerSec: number;
  readonly errorRatio: number;
  readonly latency: LatencyLaw;
  /** The same law, written to `out`. */
  readLatency(out: MutableLaw): LatencyLaw;
}

export interface NodeFlow {
  readonly node: NodeView;
  readonly cpuCores: number;
  /** Of its pods at the window's end. */
  readonly memoryBytes: number;
}

/** The data plane over one scrape window, free of measurement noise. */
export interface FlowWindow {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly pods: readonly PodFlow[];
  readonly services: readonly ServiceFlow[];
  readonly edges: readonly EdgeFlow[];
  readonly journeys: readonly JourneyFlow[];
  readonly nodes: readonly NodeFlow[];
  /** The pod of a uid. */
  flowOf(uid: string): PodFlow | undefined;
  /** Where a call from a zone (or `user`) to a service may land, as of the window's end. */
  targets(fromZone: string, service: string): readonly TargetFlow[];
  /** What is wrong as of the window's end; absent while nothing is. */
  readonly impairs?: ImpairSight;
  /** Retries of calls to a service, where a policy of the network says so instead of the caller. */
  readonly retriesTo?: ReadonlyMap<string, number>;
  /** Whether any edge has ways of its own. */
  readonly hasRoutes: boolean;
  /**
   * Where a call of one service (null: users) to another may land, if that is not where calls
   * usually land.
   */
  route(fromZone: string, from: string | null, service: string): RouteFlow | null;
}

/** An edge with ways of its own; what the shares lack of 1 finds no endpoint. */
export interface RouteFlow {
  readonly targets: readonly TargetFlow[];
  readonly misses: ZoneRoute['misses'];
}

/** User experience of one tick, for truth: per journey in spec order. */
export interface UserTick {
  readonly atMs: number;
  readonly offered: Float64Array;
  /** Good: the final outcome after retries, within the latency SLO. */
  readonly good: Float64Array;
  readonly latencyMsP95: Float64Array;
}

/** Noise-free state per service and tick, for truth: in spec order. */
export interface ServiceTick {
  readonly errorRatio: Float64Array;
  readonly latencyMsMean: Float64Array;
}
