import type {
  ChangeEvent,
  ClusterApi,
  ClusterEvent,
  PodPlacement,
} from '../../core/observable/index.ts';
import { assert } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView, PodVitals } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import { createApi } from './api.ts';
import { apiOutage } from './api-outage.ts';
import { bootCluster } from './boot.ts';
import { objectKey } from './kinds.ts';
import { setPower } from './node-kubelet.ts';
import { killProcesses, setComponents } from './platform.ts';
import { reconcile, runUntil } from './reconcile.ts';
import type { Cluster, DoneProcedure, Setup } from './state.ts';
import { copyState, createState } from './state-copy.ts';
import { ViewCache } from './view.ts';
import { takeVitals, WatchedPods } from './vitals.ts';

export interface ControlPlaneOptions {
  readonly spec: TwinSpec;
  readonly conditions: Conditions;
  /** Virtual instant of the boot, ms since the run's start. */
  readonly startMs: number;
  /** Silence after which a node is Unknown, default 50,000 ms as in Kubernetes 1.34. */
  readonly nodeMonitorGraceMs?: number;
  /** How often that is checked, default 5,000 ms. */
  readonly nodeMonitorPeriodMs?: number;
}

/** A small Kubernetes 1.34 in virtual time: API server, scheduler, controllers and kubelets. */
export class ControlPlane {
  /** Answers at once; controllers act on a write at the next `advance`. */
  readonly api: ClusterApi;
  readonly #cluster: Cluster;
  readonly #conditions: Conditions;
  readonly #views = new ViewCache();
  /** Of the lists of vital signs that come: all pods, and those that something happened to. */
  #watched: WatchedPods | null = null;
  #watchedPart: WatchedPods | null = null;

  constructor(
    options: ControlPlaneOptions | { readonly cluster: Cluster; readonly conditions: Conditions },
  ) {
    this.#conditions = options.conditions;
    this.#cluster = 'cluster' in options ? options.cluster : createCluster(options);
    this.#cluster.state.images = options.conditions.publishedImages;
    this.api = createApi(
      () => this.#cluster,
      () => apiOutage(this.#conditions.downComponents),
    );
  }

  /** Goes on to `untilMs`: due timers, and after each instant the controllers until quiescent. */
  advance(untilMs: number): void {
    const untilUs = Math.round(untilMs * 1000);
    const { nowUs } = this.#cluster.state;
    assert(untilUs >= nowUs, `cannot advance to ${untilUs} us, it is ${nowUs} us already`);
    runUntil(this.#cluster, untilUs);
  }

  /** What runs where; the same object until something changed. */
  get view(): ClusterView {
    return this.#views.view(this.#cluster);
  }

  /** Another number after every change of a ConfigMap. */
  get configVersion(): number {
    return this.#cluster.state.configVersion;
  }

  /**
   * To be called after nodes, platform components or doomed processes of the conditions changed.
   */
  refreshConditions(): void {
    const { unpoweredNodes, rebootingNodes, downComponents, doomedProcesses } = this.#conditions;
    setPower(this.#cluster, (name) => unpoweredNodes.has(name) || rebootingNodes.has(name));
    setComponents(this.#cluster, downComponents);
    killProcesses(this.#cluster, doomedProcesses);
    doomedProcesses.clear();
  }

  /** What the data plane measured in the tick that ends now. */
  reportVitals(vitals: readonly PodVitals[]): void {
    if (vitals.length === 0) return;
    const watched = this.#watch(vitals);
    watched.follow(this.#cluster);
    takeVitals(this.#cluster, watched);
  }

  #watch(vitals: readonly PodVitals[]): WatchedPods {
    const [all, part] = [this.#watched, this.#watchedPart];
    if (all?.vitals === vitals) return all;
    if (part?.vitals === vitals) return part;
    const created = new WatchedPods(this.#cluster, vitals, all);
    // A guess that only speed hangs on: any list takes over what `all` knows of its pods and looks
    // the others up. A part of half of the pods or more is not much less than the whole.
    if (all && 2 * vitals.length < all.vitals.length) this.#watchedPart = created;
    else this.#watched = created;
    return created;
  }

  /** Cluster events since the last call, oldest first. */
  drainEvents(): ClusterEvent[] {
    const { state } = this.#cluster;
    const { events } = state;
    state.events = [];
    return events;
  }

  /** Changes of desired state since the last call, oldest first. */
  drainChanges(): ChangeEvent[] {
    const { state } = this.#cluster;
    const { changes } = state;
    state.changes = [];
    return changes;
  }

  /** Procedures of the runbook completed since the last call, oldest first. */
  drainProcedures(): readonly DoneProcedure[] {
    const { state } = this.#cluster;
    const { procedures } = state;
    if (procedures.length > 0) state.procedures = [];
    return procedures;
  }

  /**
   * All pods, also those without a service and those not scheduled yet (`node` and `zone` empty).
   */
  pods(): readonly PodPlacement[] {
    return this.#views.placements(this.#cluster);
  }

  /** An independent copy that obeys other conditions; the spec is shared. */
  fork(conditions: Conditions): ControlPlane {
    const { setup, state } = this.#cluster;
    return new ControlPlane({ cluster: { setup, state: copyState(state) }, conditions });
  }
}

function createCluster(options: ControlPlaneOptions): Cluster {
  const { spec, startMs, nodeMonitorGraceMs = 50_000, nodeMonitorPeriodMs = 5_000 } = options;
  const setup: Setup = {
    spec,
    nodeMonitorGraceUs: Math.round(nodeMonitorGraceMs * 1000),
    nodeMonitorPeriodUs: Math.round(nodeMonitorPeriodMs * 1000),
    services: new Map(
      spec.services.map((service) => [objectKey(service.namespace, service.workload), service]),
    ),
    nodeSpecs: new Map(spec.nodes.map((node) => [node.name, node])),
  };
  const cluster: Cluster = { setup, state: createState(Math.round(startMs * 1000)) };
  bootCluster(cluster);
  setPower(cluster, (name) => options.conditions.unpoweredNodes.has(name));
  reconcile(cluster);
  return cluster;
}
