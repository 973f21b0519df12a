import { assert } from '../../core/tools/index.ts';
import type { ClusterView, NodeView, PodView } from '../cluster-view.ts';
import type { CallGraph } from './call-graph.ts';

const noPods = new Int32Array(0);

/**
 * Dense numbers for one version of the cluster view; built when the version changes, then constant.
 * A slot is one operation on one pod.
 */
export class TopologyIndex {
  readonly version: number;
  readonly pods: readonly PodView[];
  readonly nodes: readonly NodeView[];
  /** −1 where a pod belongs to no service of the spec. */
  readonly podService: Int32Array;
  readonly podZone: Int32Array;
  /** −1 where a pod's node is gone. */
  readonly podNode: Int32Array;
  readonly cpuLimitCores: Float64Array;
  /** `workload@release`, the key of release traits. */
  readonly podRelease: readonly string[];
  /** A pod's slots are `firstSlot[p] … firstSlot[p + 1] − 1`, in the service's operation order. */
  readonly firstSlot: Int32Array;
  readonly slotOperation: Int32Array;
  /** Pods of service s in zone z, at [s · zones + z]. */
  readonly podsInZone: readonly Int32Array[];
  /** Pods that clients of a service send to, drained zones left out. */
  readonly endpoints: readonly Int32Array[];
  /** Requests per second let through to each service; infinite without a limit. */
  readonly rateLimits: Float64Array;

  constructor(graph: CallGraph, view: ClusterView) {
    const { pods, nodes } = view;
    this.version = view.version;
    this.pods = pods;
    this.nodes = nodes;
    const nodeNumber = new Map(nodes.map((node, n) => [node.name, n]));
    this.podService = Int32Array.from(pods, (pod) => graph.serviceNumber.get(pod.service) ?? -1);
    this.podZone = Int32Array.from(pods, (pod) => graph.zones.indexOf(pod.zone));
    this.podNode = Int32Array.from(pods, (pod) => nodeNumber.get(pod.node) ?? -1);
    this.podRelease = pods.map((pod) => `${pod.workload}@${pod.release}`);
    this.cpuLimitCores = Float64Array.from(pods, (pod, p) => {
      const nodeCores = nodes[this.podNode[p] as number]?.cpuCores ?? Number.POSITIVE_INFINITY;
      return Math.min(nodeCores, pod.cpuLimitCores > 0 ? pod.cpuLimitCores : nodeCores);
    });
    this.firstSlot = new Int32Array(pods.length + 1);
    const slotOperation: number[] = [];
    pods.forEach((pod, p) => {
      const s = this.podService[p] as number;
      if (s >= 0) {
        assert((this.podZone[p] as number) >= 0, `pod ${pod.name}: zone "${pod.zone}" has no node`);
        for (
          let o = graph.firstOperation[s] as number;
          o < (graph.firstOperation[s + 1] as number);
          o += 1
        ) {
          slotOperation.push(o);
        }
      }
      this.firstSlot[p + 1] = slotOperation.length;
    });
    this.slotOperation = Int32Array.from(slotOperation);
    this.podsInZone = this.#groupByZone(graph);
    this.endpoints = this.#groupEndpoints(graph, view);
    this.rateLimits = Float64Array.from(
      graph.services,
      (service) => view.traffic.rateLimits.get(service.name) ?? Number.POSITIVE_INFINITY,
    );
  }

  #groupByZone(graph: CallGraph): Int32Array[] {
    const zoneCount = graph.zones.length;
    const groups: number[][] = Array.from({ length: graph.services.length * zoneCount }, () => []);
    for (let p = 0; p < this.pods.length; p += 1) {
      const s = this.podService[p] as number;
      if (s >= 0) groups[s * zoneCount + (this.podZone[p] as number)]?.push(p);
    }
    return groups.map((group) => (group.length === 0 ? noPods : Int32Array.from(group)));
  }

  #groupEndpoints(graph: CallGraph, view: ClusterView): Int32Array[] {
    const groups: number[][] = graph.services.map(() => []);
    this.pods.forEach((pod, p) => {
      if (!pod.inEndpoints || view.traffic.drainedZones.get(pod.service)?.has(pod.zone)) return;
      groups[this.podService[p] as number]?.push(p);
    });
    return groups.map((group) => (group.length === 0 ? noPods : Int32Array.from(group)));
  }
}
