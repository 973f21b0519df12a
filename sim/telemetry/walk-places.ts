import type { Conditions } from '../conditions.ts';
import type {
  FlowWindow,
  LatencyLaw,
  OperationFlow,
  PodFlow,
  TargetFlow,
} from '../data-plane/flow-state.ts';
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
}

/** A pod as walks meet it. */
export class WalkPod {
  readonly identity: PodIdentity;
  readonly zone: string;
  readonly inFlight: number;
  readonly isCollectable: boolean;
  readonly #flows: readonly OperationFlow[];
  readonly #laws: (OperationLaws | undefined)[] = [];

  constructor(options: {
    identity: PodIdentity;
    flow: PodFlow | undefined;
    isCollectable: boolean;
  }) {
    this.identity = options.identity;
    this.zone = options.identity.resource.zone;
    this.inFlight = options.flow?.inFlight ?? 0;
    this.isCollectable = options.isCollectable;
    this.#flows = options.flow?.operations ?? [];
  }

  operation(operation: WalkOperation): OperationLaws {
    const known = this.#laws[operation.position];
    if (known) return known;
    const { name, waitMs } = operation.spec;
    const flow = this.#flows.find((one) => one.operation === name);
    const ownLatency = flow?.ownLatency ?? idleLatency(operation);
    const laws: OperationLaws = {
      ownLatency,
      ownErrorRatio: flow?.ownErrorRatio ?? operation.spec.errorRatio,
      rejectRatio: flow?.rejectRatio ?? 0,
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

/** One place a call may land. */
export interface WalkTarget {
  readonly flow: TargetFlow;
  readonly pod: WalkPod;
}

/** Where calls land in one window; looked up once per (zone, service). */
export class WalkPlaces {
  readonly #window: FlowWindow;
  readonly #conditions: Conditions;
  readonly #identities: PodIdentities;
  readonly #flows: ReadonlyMap<string, PodFlow>;
  readonly #pods = new Map<string, WalkPod>();
  readonly #targets = new Map<string, (readonly WalkTarget[] | undefined)[]>();

  constructor(options: {
    window: FlowWindow;
    conditions: Conditions;
    identities: PodIdentities;
  }) {
    this.#window = options.window;
    this.#conditions = options.conditions;
    this.#identities = options.identities;
    this.#flows = new Map(options.window.pods.map((flow) => [flow.pod.uid, flow]));
  }

  /** The targets of calls from a zone (or `user`) to a service. */
  targets(fromZone: string, { position, spec }: WalkService): readonly WalkTarget[] {
    let byService = this.#targets.get(fromZone);
    if (!byService) {
      byService = [];
      this.#targets.set(fromZone, byService);
    }
    const known = byService[position];
    if (known) return known;
    const targets = this.#window
      .targets(fromZone, spec.name)
      .map((flow) => ({ flow, pod: this.#pod(flow) }));
    byService[position] = targets;
    return targets;
  }

  #pod({ pod }: TargetFlow): WalkPod {
    const known = this.#pods.get(pod.uid);
    if (known) return known;
    const walkPod = new WalkPod({
      identity: this.#identities.of(pod),
      flow: this.#flows.get(pod.uid),
      isCollectable: isCollectable(pod, this.#conditions),
    });
    this.#pods.set(pod.uid, walkPod);
    return walkPod;
  }
}
