import type { Conditions } from '../conditions.ts';
import type {
  FlowWindow,
  LatencyLaw,
  PodFlow,
  RouteFlow,
  TargetFlow,
} from '../data-plane/flow-state.ts';
import {
  type ImpairSight,
  joinWays,
  type WayView,
  type WorkView,
} from '../data-plane/impair-sight.ts';
import { noTimeOut } from '../data-plane/latency-law.ts';
import type { PodIdentities, PodIdentity } from './pod-identity.ts';
import { isCollectable } from './pod-identity.ts';
import type { WalkOperation, WalkService } from './walk-graph.ts';

/** What a walk needs to know of one operation on one pod. */
export interface OperationLaws {
  readonly ownLatency: LatencyLaw;
  readonly ownErrorRatio: number;
  /** Turned away at the door, part of `ownErrorRatio`. */
  readonly rejectRatio: number;
  /**
   * Share of the pod's own time that is CPU work or waiting for CPU: all but the operation's own
   * waiting for disks and outsiders.
   */
  readonly cpuShare: number;
  /** What is wrong with it; null while nothing is. */
  readonly wrong: WorkView | null;
}

/** A pod as walks meet it. */
export class WalkPod {
  readonly identity: PodIdentity;
  readonly zone: string;
  readonly inFlight: number;
  readonly isCollectable: boolean;
  readonly #flow: PodFlow | undefined;
  readonly #laws: (OperationLaws | undefined)[] = [];
  readonly #impairs: ImpairSight | undefined;
  readonly #uid: string;

  constructor(options: {
    identity: PodIdentity;
    flow: PodFlow | undefined;
    isCollectable: boolean;
    uid: string;
    impairs: ImpairSight | undefined;
  }) {
    this.identity = options.identity;
    this.zone = options.identity.resource.zone;
    this.inFlight = options.flow?.inFlight ?? 0;
    this.isCollectable = options.isCollectable;
    this.#flow = options.flow;
    this.#impairs = options.impairs;
    this.#uid = options.uid;
  }

  operation(operation: WalkOperation): OperationLaws {
    const known = this.#laws[operation.position];
    if (known) return known;
    const { waitMs } = operation.spec;
    const flow = this.#flow?.operationAt(operation.position);
    const ownLatency = flow?.ownLatency ?? idleLatency(operation);
    const laws: OperationLaws = {
      ownLatency,
      ownErrorRatio: flow?.ownErrorRatio ?? operation.spec.errorRatio,
      rejectRatio: flow?.rejectRatio ?? 0,
      wrong: this.#impairs?.work(this.#uid, operation.position) ?? null,
      cpuShare: ownLatency.meanMs > 0 ? Math.max(0, 1 - waitMs / ownLatency.meanMs) : 0,
    };
    this.#laws[operation.position] = laws;
    return laws;
  }
}

/** A pod that had no traffic of this kind yet serves the first request as an idle one does. */
function idleLatency({ spec: { cpuMs, waitMs, scv } }: WalkOperation): LatencyLaw {
  return { meanMs: cpuMs + waitMs, varianceMs2: cpuMs * cpuMs * scv, ...noTimeOut };
}

/** One place a call may land; its pod is looked up when a call does. */
export class WalkTarget {
  readonly flow: TargetFlow;
  readonly #find: (flow: TargetFlow) => WalkPod;
  #pod: WalkPod | undefined;

  constructor(flow: TargetFlow, find: (flow: TargetFlow) => WalkPod) {
    this.flow = flow;
    this.#find = find;
  }

  get pod(): WalkPod {
    this.#pod ??= this.#find(this.flow);
    return this.#pod;
  }
}

/** Where calls land in one window; looked up once per (zone, service). */
export class WalkPlaces {
  readonly #window: FlowWindow;
  readonly #conditions: Conditions;
  readonly #identities: PodIdentities;
  readonly #pods = new Map<string, WalkPod>();
  readonly #routes = new Map<string, RouteFlow | null>();
  readonly #targets = new Map<string, (readonly TargetFlow[] | undefined)[]>();
  readonly #find = (flow: TargetFlow): WalkPod => this.#pod(flow);

  constructor(options: {
    window: FlowWindow;
    conditions: Conditions;
    identities: PodIdentities;
  }) {
    this.#window = options.window;
    this.#conditions = options.conditions;
    this.#identities = options.identities;
  }

  /** What may happen on the way of a call to its target; null while all is well. */
  way(
    fromZone: string,
    caller: WalkTarget | null,
    call: { target: WalkTarget; link: number },
  ): WayView | null {
    const { impairs } = this.#window;
    if (impairs === undefined) return null;
    const leaving = caller === null ? null : impairs.leaving(caller.flow.pod.uid);
    return joinWays(leaving, impairs.way(fromZone, call.target.flow.pod.uid, call.link));
  }

  /** The place behind a target that a call was sent to. */
  at(flow: TargetFlow): WalkTarget {
    return new WalkTarget(flow, this.#find);
  }

  /** The targets of calls from a zone (or `user`) to a service. */
  targets(fromZone: string, { position, spec }: WalkService): readonly TargetFlow[] {
    let byService = this.#targets.get(fromZone);
    if (!byService) {
      byService = [];
      this.#targets.set(fromZone, byService);
    }
    const known = byService[position];
    if (known) return known;
    const targets = this.#window.targets(fromZone, spec.name);
    byService[position] = targets;
    return targets;
  }

  /** Where calls of a service (null: users) to another go instead; null where they go as usual. */
  route(fromZone: string, from: string | null, { spec }: WalkService): RouteFlow | null {
    if (!this.#window.hasRoutes) return null;
    const key = `${fromZone} ${from ?? ''} ${spec.name}`;
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const route = this.#window.route(fromZone, from, spec.name);
    this.#routes.set(key, route);
    return route;
  }

  #pod({ pod }: TargetFlow): WalkPod {
    const known = this.#pods.get(pod.uid);
    if (known) return known;
    const identity = this.#identities.of(pod);
    const offsetMs = this.#window.impairs?.clockOffsetMs(pod.uid) ?? 0;
    const clockLagMs = identity.clockLagMs - offsetMs;
    const walkPod = new WalkPod({
      identity: offsetMs === 0 ? identity : { ...identity, clockLagMs },
      flow: this.#window.flowOf(pod.uid),
      isCollectable: isCollectable(pod, this.#conditions),
      uid: pod.uid,
      impairs: this.#window.impairs,
    });
    this.#pods.set(pod.uid, walkPod);
    return walkPod;
  }
}
