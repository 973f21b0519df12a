import type { KindMap, PodPlacement } from '../../core/observable/index.ts';
import { imageTag } from '../../core/tools/index.ts';
import type { ClusterView, NodeView, PodView, TrafficView, WorkloadView } from '../cluster-view.ts';
import { outdatedServices } from './frozen-endpoints.ts';
import { objectKey } from './kinds.ts';
import { readyStatus } from './node-taints.ts';
import { isRunning, processLimit, runtimeOf } from './pod-runtime.ts';
import { isPodReady } from './pod-status.ts';
import { renderRoutes, unusualServices } from './route-view.ts';
import { type Cluster, findObject, objectsOf, type PodRuntime } from './state.ts';
import { renderTraffic } from './traffic-view.ts';

type Pod = KindMap['Pod'];

interface CachedPod {
  readonly pod: Pod;
  readonly revision: number;
  readonly running: boolean;
  readonly view: PodView;
}

/**
 * Renders views of a cluster and keeps what has not changed. Not part of the state: a fork starts
 * a new one.
 */
export class ViewCache {
  #view: ClusterView | undefined;
  #pods = new Map<string, CachedPod>();
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
      nodes: renderNodes(cluster),
      workloads: renderWorkloads(cluster),
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
    const next = new Map<string, CachedPod>();
    const views: PodView[] = [];
    for (const pod of objectsOf(cluster, 'Pod').values()) {
      const runtime = runtimeOf(cluster, pod);
      if (!runtime.node || !cluster.setup.services.has(runtime.workload)) continue;
      const running = isRunning(cluster, runtime);
      const before = known.get(runtime.uid);
      const isSame =
        before?.pod === pod && before.revision === runtime.revision && before.running === running;
      const cached = isSame
        ? before
        : { pod, revision: runtime.revision, running, view: renderPod(cluster, pod, runtime) };
      next.set(runtime.uid, cached);
      views.push(cached.view);
    }
    this.#pods = next;
    return views;
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

function renderNodes(cluster: Cluster): NodeView[] {
  return cluster.setup.spec.nodes.map(({ name, zone, region, cpuCores, memoryBytes }) => {
    const node = findObject(cluster, 'Node', name);
    const powered = cluster.state.nodes.get(name)?.powered ?? false;
    const ready = node !== undefined && readyStatus(node) === 'True';
    return { name, zone, region, cpuCores, memoryBytes, powered, ready };
  });
}

function renderWorkloads(cluster: Cluster): WorkloadView[] {
  return cluster.setup.spec.services.flatMap(({ name, namespace, workload }) => {
    const deployment = findObject(cluster, 'Deployment', objectKey(namespace, workload));
    if (deployment === undefined) return [];
    const desired = deployment.spec?.replicas ?? 1;
    return [
      { service: name, namespace, workload, desired, ready: deployment.status?.readyReplicas ?? 0 },
    ];
  });
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
