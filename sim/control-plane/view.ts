import type { KindMap, PodPlacement } from '../../core/observable/index.ts';
import { imageTag } from '../../core/tools/index.ts';
import type { ClusterView, NodeView, TrafficView, WorkloadView } from '../cluster-view.ts';
import { outdatedServices } from './frozen-endpoints.ts';
import { objectKey } from './kinds.ts';
import { readyStatus } from './node-taints.ts';
import { runtimeOf } from './pod-runtime.ts';
import { isPodReady } from './pod-status.ts';
import { PodViews } from './pod-views.ts';
import { renderRoutes, unusualServices } from './route-view.ts';
import { type Cluster, objectsOf } from './state.ts';
import { renderTraffic } from './traffic-view.ts';

type Pod = KindMap['Pod'];

interface CachedNode {
  readonly node: KindMap['Node'] | undefined;
  readonly view: NodeView;
}

interface CachedWorkload {
  readonly key: string;
  /** None where there is no Deployment. */
  readonly views: readonly WorkloadView[];
}

/**
 * Renders views of a cluster and keeps what has not changed. Not part of the state: a fork starts
 * a new one.
 */
export class ViewCache {
  #view: ClusterView | undefined;
  readonly #pods = new PodViews();
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
    const pods = this.#pods.follow(cluster);
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

  #renderWorkloads(cluster: Cluster): readonly WorkloadView[] {
    const deployments = objectsOf(cluster, 'Deployment');
    const changed = this.#changedDeployments(deployments);
    if (changed !== null && changed.size === 0) return this.#workloadViews;
    const known = this.#workloads;
    this.#workloads = cluster.setup.spec.services.map((service, s) => {
      const before = known[s];
      if (before && changed !== null && !changed.has(before.key)) return before;
      const { name, namespace, workload } = service;
      const key = before?.key ?? objectKey(namespace, workload);
      const deployment = deployments.get(key);
      if (deployment === undefined) return { key, views: [] };
      const desired = deployment.spec?.replicas ?? 1;
      const ready = deployment.status?.readyReplicas ?? 0;
      return { key, views: [{ service: name, namespace, workload, desired, ready }] };
    });
    this.#deployments = [...deployments.values()];
    this.#workloadViews = this.#workloads.flatMap(({ views }) => views);
    return this.#workloadViews;
  }

  /** Keys of Deployments that have changed since workloads were rendered last; null: of any. */
  #changedDeployments(
    deployments: ReadonlyMap<string, KindMap['Deployment']>,
  ): ReadonlySet<string> | null {
    const known = this.#deployments;
    if (this.#workloads.length === 0 || deployments.size !== known.length) return null;
    const changed = new Set<string>();
    let k = 0;
    for (const [key, deployment] of deployments) {
      const before = known[k] as KindMap['Deployment'];
      k += 1;
      if (before === deployment) continue;
      if (before.metadata?.uid !== deployment.metadata?.uid) return null;
      changed.add(key);
    }
    return changed;
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
