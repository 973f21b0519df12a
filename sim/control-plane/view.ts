import type { KindMap, PodPlacement } from '../../core/observable/index.ts';
import { imageTag } from '../../core/tools/index.ts';
import type { ClusterView, NodeView, PodView, TrafficView, WorkloadView } from '../cluster-view.ts';
import { outdatedServices } from './frozen-endpoints.ts';
import { objectKey } from './kinds.ts';
import { readyStatus } from './node-taints.ts';
import { isRunning, processLimit, runtimeOf } from './pod-runtime.ts';
import { isPodReady } from './pod-status.ts';
import { renderRoutes, unusualServices } from './route-view.ts';
import { type Cluster, objectsOf, type PodRuntime } from './state.ts';
import { renderTraffic } from './traffic-view.ts';

type Pod = KindMap['Pod'];

interface CachedPod {
  readonly pod: Pod;
  readonly runtime: PodRuntime;
  readonly revision: number;
  readonly running: boolean;
  /** Null where it is nowhere yet, or belongs to no service. */
  readonly view: PodView | null;
}

interface CachedNode {
  readonly node: KindMap['Node'] | undefined;
  readonly view: NodeView;
}

interface CachedWorkload {
  readonly key: string;
  readonly deployment: KindMap['Deployment'] | undefined;
  /** None where there is no Deployment. */
  readonly views: readonly WorkloadView[];
}

/**
 * Renders views of a cluster and keeps what has not changed. Not part of the state: a fork starts
 * a new one.
 */
export class ViewCache {
  #view: ClusterView | undefined;
  /** In order of creation. */
  #pods: readonly CachedPod[] = [];
  #workloads: readonly CachedWorkload[] = [];
  #workloadViews: readonly WorkloadView[] = [];
  /** All of them, in order of creation. */
  #deployments: readonly KindMap['Deployment'][] = [];
  #nodes: readonly CachedNode[] = [];
  #traffic: { readonly version: number; readonly view: TrafficView } | undefined;
  #unusual: { readonly version: number; readonly keys: ReadonlySet<string> } | undefined;
  #placements: { readonly version: number; readonly pods: readonly PodPlacement[] } | undefined;

  view(cluster: Cluster): ClusterView {
    const { version } = cluster.state;
    if (this.#view?.version === version) return this.#view;
    const pods = this.#renderPods(cluster);
    const outdated = outdatedServices(cluster);
    const unusual = this.#unusualServices(cluster);
    const services = outdated.size === 0 ? unusual : new Set([...outdated, ...unusual]);
    const routes = renderRoutes(cluster, pods, services);
    this.#view = {
      version,
      pods,
      nodes: this.#renderNodes(cluster),
      workloads: this.#renderWorkloads(cluster),
      traffic: this.#renderTraffic(cluster),
      ...(routes === undefined ? {} : { routes }),
    };
    return this.#view;
  }

  placements(cluster: Cluster): readonly PodPlacement[] {
    const { version } = cluster.state;
    if (this.#placements?.version !== version) {
      const pods = [...objectsOf(cluster, 'Pod').values()].map((pod) =>
        renderPlacement(cluster, pod),
      );
      this.#placements = { version, pods };
    }
    return this.#placements.pods;
  }

  #renderPods(cluster: Cluster): PodView[] {
    const known = this.#pods;
    const next: CachedPod[] = [];
    const views: PodView[] = [];
    const hasPower = hasPowerEverywhere(cluster);
    let k = 0;
    for (const pod of objectsOf(cluster, 'Pod').values()) {
      if (known[k]?.pod !== pod) k = placeOf(known, k, pod.metadata?.uid);
      const before = known[k];
      const isSame = before?.pod === pod;
      if (isSame || before?.runtime.uid === pod.metadata?.uid) k += 1;
      const cached =
        isSame && isUnchanged(cluster, before, hasPower) ? before : cachePod(cluster, pod);
      next.push(cached);
      if (cached.view) views.push(cached.view);
    }
    this.#pods = next;
    return views;
  }

  #renderWorkloads(cluster: Cluster): readonly WorkloadView[] {
    const deployments = objectsOf(cluster, 'Deployment');
    if (!this.#hasNewDeployments(deployments)) return this.#workloadViews;
    const known = this.#workloads;
    this.#workloads = cluster.setup.spec.services.map((service, s) => {
      const { name, namespace, workload } = service;
      const before = known[s];
      const key = before?.key ?? objectKey(namespace, workload);
      const deployment = deployments.get(key);
      if (before && before.deployment === deployment) return before;
      if (deployment === undefined) return { key, deployment, views: [] };
      const desired = deployment.spec?.replicas ?? 1;
      const ready = deployment.status?.readyReplicas ?? 0;
      return { key, deployment, views: [{ service: name, namespace, workload, desired, ready }] };
    });
    this.#deployments = [...deployments.values()];
    this.#workloadViews = this.#workloads.flatMap(({ views }) => views);
    return this.#workloadViews;
  }

  /** Whether some Deployment has changed since workloads were rendered last. */
  #hasNewDeployments(deployments: ReadonlyMap<string, KindMap['Deployment']>): boolean {
    if (this.#workloads.length === 0 || deployments.size !== this.#deployments.length) return true;
    let k = 0;
    for (const deployment of deployments.values()) {
      if (this.#deployments[k] !== deployment) return true;
      k += 1;
    }
    return false;
  }

  #renderNodes({ setup, state }: Cluster): NodeView[] {
    const objects = objectsOf({ setup, state }, 'Node');
    this.#nodes = setup.spec.nodes.map((spec, n) => {
      const { name, zone, region, cpuCores, memoryBytes } = spec;
      const node = objects.get(name);
      const powered = state.nodes.get(name)?.powered ?? false;
      const before = this.#nodes[n];
      if (before && before.node === node && before.view.powered === powered) return before;
      const ready = node !== undefined && readyStatus(node) === 'True';
      return { node, view: { name, zone, region, cpuCores, memoryBytes, powered, ready } };
    });
    return this.#nodes.map(({ view }) => view);
  }

  #unusualServices(cluster: Cluster): ReadonlySet<string> {
    const version = cluster.state.trafficVersion;
    if (this.#unusual?.version !== version)
      this.#unusual = { version, keys: unusualServices(cluster) };
    return this.#unusual.keys;
  }

  #renderTraffic(cluster: Cluster): TrafficView {
    const version = cluster.state.trafficVersion;
    if (this.#traffic?.version !== version)
      this.#traffic = { version, view: renderTraffic(cluster) };
    return this.#traffic.view;
  }
}

/** Where a pod is known from number `from` on; there as well where it is not known. */
function placeOf(known: readonly CachedPod[], from: number, uid: string | undefined): number {
  // Pods keep their order, so that those passed over are gone.
  for (let k = from; k < known.length; k += 1) if (known[k]?.runtime.uid === uid) return k;
  return from;
}

function hasPowerEverywhere({ setup, state }: Cluster): boolean {
  if (state.nodes.size !== setup.nodeSpecs.size) return false;
  for (const { powered } of state.nodes.values()) if (!powered) return false;
  return true;
}

/** Whether a pod whose object is the same looks the same. */
function isUnchanged(
  cluster: Cluster,
  { runtime, revision, running }: CachedPod,
  hasPower: boolean,
): boolean {
  if (revision !== runtime.revision) return false;
  if (hasPower && running) return runtime.phase === 'running' || runtime.phase === 'stopping';
  return running === isRunning(cluster, runtime);
}

function cachePod(cluster: Cluster, pod: Pod): CachedPod {
  const runtime = runtimeOf(cluster, pod);
  const { revision } = runtime;
  const isShown = runtime.node !== '' && cluster.setup.services.has(runtime.workload);
  const running = isRunning(cluster, runtime);
  return {
    pod,
    runtime,
    revision,
    running,
    view: isShown ? renderPod(cluster, pod, runtime) : null,
  };
}

function renderPod(cluster: Cluster, pod: Pod, runtime: PodRuntime): PodView {
  const service = cluster.setup.services.get(runtime.workload);
  const node = cluster.setup.nodeSpecs.get(runtime.node);
  const running = isRunning(cluster, runtime);
  return {
    uid: runtime.uid,
    name: pod.metadata?.name ?? '',
    namespace: pod.metadata?.namespace ?? '',
    service: service?.name ?? '',
    workload: service?.workload ?? '',
    node: runtime.node,
    zone: node?.zone ?? '',
    region: node?.region ?? '',
    release: imageTag(pod.spec?.containers[0]?.image ?? ''),
    ordinal: runtime.ordinal,
    cpuLimitCores: processLimit(pod, 'cpu') ?? node?.cpuCores ?? 0,
    memoryLimitBytes: processLimit(pod, 'memory') ?? node?.memoryBytes ?? 0,
    running,
    processStartedUs: runtime.processStartedUs,
    listening: running && runtime.listening,
    inEndpoints: runtime.inEndpoints,
    restartCount: runtime.restartCount,
    ...(runtime.lastWords && runtime.lastTermination
      ? { lastWords: { atUs: runtime.lastTermination.finishedAtUs, text: runtime.lastWords } }
      : {}),
  };
}

function renderPlacement(cluster: Cluster, pod: Pod): PodPlacement {
  const runtime = runtimeOf(cluster, pod);
  const node = pod.spec?.nodeName ?? '';
  return {
    pod: pod.metadata?.name ?? '',
    namespace: pod.metadata?.namespace ?? '',
    service: cluster.setup.services.get(runtime.workload)?.name ?? '',
    node,
    zone: cluster.setup.nodeSpecs.get(node)?.zone ?? '',
    release: imageTag(pod.spec?.containers[0]?.image ?? ''),
    ready: isPodReady(pod),
    restartCount: runtime.restartCount,
    lastTerminationReason: runtime.lastTermination?.reason ?? null,
  };
}
