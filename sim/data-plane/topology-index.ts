import { assert } from '../../core/tools/index.ts';
import type { CallPolicy, ClusterView, NodeView, PodView } from '../cluster-view.ts';
import type { CallGraph } from './call-graph.ts';
import { createRoutes, type Routes } from './routes.ts';

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
  /** How many of a service's endpoints are in a zone, and the first of them, at [s · zones + z]. */
  readonly endpointsInZone: Int32Array;
  readonly firstInZone: Int32Array;
  /** Requests per second let through to each service; infinite without a limit. */
  readonly rateLimits: Float64Array;
  /** What callers of each service are told to do. */
  readonly callPolicies: readonly (CallPolicy | undefined)[];
  /** Edges with ways of their own; null where there are none. */
  readonly routes: Routes | null;
  #numbers: ReadonlyMap<string, number> | undefined;

  /** What `before` knows of pods that are the same is taken over. */
  constructor(graph: CallGraph, view: ClusterView, before: TopologyIndex | null = null) {
    const { pods, nodes } = view;
    this.version = view.version;
    this.pods = pods;
    this.nodes = nodes;
    this.podService = new Int32Array(pods.length);
    this.podZone = new Int32Array(pods.length);
    this.podNode = new Int32Array(pods.length);
    this.cpuLimitCores = new Float64Array(pods.length);
    this.podRelease = this.#numberPods(graph, before);
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
    this.routes = createRoutes(graph, view);
    this.callPolicies = graph.services.map(({ name }) => view.traffic.callPolicies?.get(name));
    this.endpointsInZone = new Int32Array(this.podsInZone.length);
    this.firstInZone = new Int32Array(this.podsInZone.length);
    this.#countEndpoints(graph.zones.length);
    this.rateLimits = Float64Array.from(
      graph.services,
      (service) => view.traffic.rateLimits.get(service.name) ?? Number.POSITIVE_INFINITY,
    );
  }

  /** A pod's number by its uid; −1 where it is unknown. */
  numberOf(uid: string): number {
    this.#numbers ??= new Map(this.pods.map((pod, p) => [pod.uid, p]));
    return this.#numbers.get(uid) ?? -1;
  }

  /** Fills the pods' columns; answers their releases. */
  #numberPods(graph: CallGraph, before: TopologyIndex | null): string[] {
    const { pods, nodes } = this;
    const podRelease: string[] = [];
    const nodeNumber = new Map(nodes.map((node, n) => [node.name, n]));
    const known = before !== null && hasSameNodes(before.nodes, nodes) ? before : null;
    let k = 0;
    for (let p = 0; p < pods.length; p += 1) {
      const pod = pods[p] as PodView;
      // Views keep their order, so that a pod gone leaves its neighbours where they were.
      if (known && known.pods[k] !== pod && known.pods[k + 1] === pod) k += 1;
      if (known?.pods[k] === pod) {
        this.podService[p] = known.podService[k] as number;
        this.podZone[p] = known.podZone[k] as number;
        this.podNode[p] = known.podNode[k] as number;
        this.cpuLimitCores[p] = known.cpuLimitCores[k] as number;
        podRelease.push(known.podRelease[k] as string);
      } else {
        const n = nodeNumber.get(pod.node) ?? -1;
        const nodeCores = nodes[n]?.cpuCores ?? Number.POSITIVE_INFINITY;
        this.podService[p] = graph.serviceNumber.get(pod.service) ?? -1;
        this.podZone[p] = graph.zones.indexOf(pod.zone);
        this.podNode[p] = n;
        this.cpuLimitCores[p] = Math.min(
          nodeCores,
          pod.cpuLimitCores > 0 ? pod.cpuLimitCores : nodeCores,
        );
        podRelease.push(`${pod.workload}@${pod.release}`);
      }
      k += 1;
    }
    return podRelease;
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

  #countEndpoints(zones: number): void {
    this.endpoints.forEach((endpoints, s) => {
      for (const p of endpoints) {
        const at = s * zones + (this.podZone[p] as number);
        if (this.endpointsInZone[at] === 0) this.firstInZone[at] = p;
        this.endpointsInZone[at] = (this.endpointsInZone[at] as number) + 1;
      }
    });
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

function hasSameNodes(before: readonly NodeView[], now: readonly NodeView[]): boolean {
  return (
    before.length === now.length &&
    before.every(({ name, cpuCores }, n) => name === now[n]?.name && cpuCores === now[n].cpuCores)
  );
}
