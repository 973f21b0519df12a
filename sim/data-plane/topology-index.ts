import { assert } from '../../core/tools/index.ts';
import type { CallPolicy, ClusterView, NodeView, PodView, TrafficView } from '../cluster-view.ts';
import type { CallGraph } from './call-graph.ts';
import { groupPods, type PodGroups } from './pod-groups.ts';
import { eachRun, type PodMatch } from './pod-match.ts';
import { createRoutes, type Routes } from './routes.ts';

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
  readonly memoryLimitBytes: Float64Array;
  readonly startedUs: Float64Array;
  /** 1 where a process runs; where it also listens; and where clients send to. */
  readonly isRunning: Uint8Array;
  readonly isUp: Uint8Array;
  readonly inEndpoints: Uint8Array;
  /** `workload@release`, the key of release traits. */
  readonly podRelease: readonly string[];
  /** A pod's slots are `firstSlot[p] … firstSlot[p + 1] − 1`, in the service's operation order. */
  readonly firstSlot: Int32Array;
  readonly slotOperation: Int32Array;
  /** Pods of service s in zone z, at [s · zones + z]. */
  readonly podsInZone: PodGroups;
  /** Pods that clients of a service send to, drained zones left out. */
  readonly endpoints: PodGroups;
  /** How many of a service's endpoints are in a zone, at [s · zones + z]. */
  readonly endpointsInZone: Int32Array;
  /** Requests per second let through to each service; infinite without a limit. */
  readonly rateLimits: Float64Array;
  /** What callers of each service are told to do; null where none is told anything. */
  readonly callPolicies: readonly (CallPolicy | undefined)[] | null;
  /** Edges with ways of their own; null where there are none. */
  readonly routes: Routes | null;
  readonly #traffic: TrafficView;
  #numbers: ReadonlyMap<string, number> | undefined;

  /** What is known of an earlier view's pods that are the same is taken over. */
  constructor(graph: CallGraph, view: ClusterView, earlier: Earlier | null = null) {
    const { pods, nodes, traffic } = view;
    this.version = view.version;
    this.pods = pods;
    this.nodes = nodes;
    this.podService = new Int32Array(pods.length);
    this.podZone = new Int32Array(pods.length);
    this.podNode = new Int32Array(pods.length);
    this.cpuLimitCores = new Float64Array(pods.length);
    this.memoryLimitBytes = new Float64Array(pods.length);
    this.startedUs = new Float64Array(pods.length);
    this.isRunning = new Uint8Array(pods.length);
    this.isUp = new Uint8Array(pods.length);
    this.inEndpoints = new Uint8Array(pods.length);
    const podRelease = new Array<string>(pods.length).fill('');
    this.podRelease = podRelease;
    const known = earlier !== null && hasSameNodes(earlier.index.nodes, nodes) ? earlier : null;
    if (known) this.#takeOver(known, podRelease);
    if (known?.match.isInPlace) this.#numbers = known.index.#numbers;
    const nodeNumber = new Map(nodes.map((node, n) => [node.name, n]));
    for (const p of known?.match.changed ?? pods.keys()) {
      this.#numberPod(graph, p, nodeNumber);
      const { workload, release } = pods[p] as PodView;
      podRelease[p] = `${workload}@${release}`;
    }
    const inPlace = known?.match.isInPlace && this.#isPlacedAs(known) ? known.index : null;
    this.firstSlot = inPlace?.firstSlot ?? this.#numberSlots(graph);
    this.slotOperation = inPlace?.slotOperation ?? this.#findOperations(graph);
    this.podsInZone = inPlace?.podsInZone ?? this.#groupByZone(graph);
    this.endpoints = this.#groupEndpoints(graph, view);
    this.endpointsInZone = new Int32Array(graph.services.length * graph.zones.length);
    this.#countEndpoints(graph.zones.length);
    this.routes = createRoutes(graph, view);
    const rules = earlier && earlier.index.#traffic === traffic ? earlier.index : null;
    this.#traffic = traffic;
    this.callPolicies = rules ? rules.callPolicies : callPoliciesOf(graph, traffic);
    this.rateLimits = rules ? rules.rateLimits : rateLimitsOf(graph, traffic);
  }

  /** A pod's number by its uid; −1 where it is unknown. */
  numberOf(uid: string): number {
    this.#numbers ??= new Map(this.pods.map((pod, p) => [pod.uid, p]));
    return this.#numbers.get(uid) ?? -1;
  }

  #takeOver({ index, match: { before } }: Earlier, podRelease: string[]): void {
    eachRun(before, ({ first, to, count }) => {
      if (first < 0) return;
      const until = first + count;
      this.podService.set(index.podService.subarray(first, until), to);
      this.podZone.set(index.podZone.subarray(first, until), to);
      this.podNode.set(index.podNode.subarray(first, until), to);
      this.cpuLimitCores.set(index.cpuLimitCores.subarray(first, until), to);
      this.memoryLimitBytes.set(index.memoryLimitBytes.subarray(first, until), to);
      this.startedUs.set(index.startedUs.subarray(first, until), to);
      this.isRunning.set(index.isRunning.subarray(first, until), to);
      this.isUp.set(index.isUp.subarray(first, until), to);
      this.inEndpoints.set(index.inEndpoints.subarray(first, until), to);
      for (let k = 0; k < count; k += 1) podRelease[to + k] = index.podRelease[first + k] as string;
    });
  }

  #numberPod(graph: CallGraph, p: number, nodeNumber: ReadonlyMap<string, number>): void {
    const pod = this.pods[p] as PodView;
    const { name, zone, cpuLimitCores } = pod;
    const n = nodeNumber.get(pod.node) ?? -1;
    const nodeCores = this.nodes[n]?.cpuCores ?? Number.POSITIVE_INFINITY;
    const s = graph.serviceNumber.get(pod.service) ?? -1;
    const z = graph.zones.indexOf(zone);
    assert(s < 0 || z >= 0, `pod ${name}: zone "${zone}" has no node`);
    this.podService[p] = s;
    this.podZone[p] = z;
    this.podNode[p] = n;
    this.cpuLimitCores[p] = Math.min(nodeCores, cpuLimitCores > 0 ? cpuLimitCores : nodeCores);
    this.memoryLimitBytes[p] = pod.memoryLimitBytes;
    this.startedUs[p] = pod.processStartedUs;
    this.isRunning[p] = pod.running ? 1 : 0;
    this.isUp[p] = pod.running && pod.listening ? 1 : 0;
    this.inEndpoints[p] = pod.inEndpoints ? 1 : 0;
  }

  /** Whether pods that look different belong where they did. */
  #isPlacedAs({ index, match: { changed } }: Earlier): boolean {
    for (const p of changed) {
      const isSame =
        index.podService[p] === this.podService[p] && index.podZone[p] === this.podZone[p];
      if (!isSame) return false;
    }
    return true;
  }

  #numberSlots({ firstOperation }: CallGraph): Int32Array {
    const { podService } = this;
    const firstSlot = new Int32Array(podService.length + 1);
    for (let p = 0; p < podService.length; p += 1) {
      const s = podService[p] as number;
      const count = s < 0 ? 0 : (firstOperation[s + 1] as number) - (firstOperation[s] as number);
      firstSlot[p + 1] = (firstSlot[p] as number) + count;
    }
    return firstSlot;
  }

  #findOperations({ firstOperation }: CallGraph): Int32Array {
    const { firstSlot, podService } = this;
    const slotOperation = new Int32Array(firstSlot[podService.length] as number);
    for (let p = 0; p < podService.length; p += 1) {
      const from = firstSlot[p] as number;
      const until = firstSlot[p + 1] as number;
      if (from === until) continue;
      const first = firstOperation[podService[p] as number] as number;
      for (let i = from; i < until; i += 1) slotOperation[i] = first + i - from;
    }
    return slotOperation;
  }

  #groupByZone({ services, zones }: CallGraph): PodGroups {
    const { podService, podZone } = this;
    const groupOf = new Int32Array(podService.length);
    for (let p = 0; p < groupOf.length; p += 1) {
      const s = podService[p] as number;
      groupOf[p] = s < 0 ? -1 : s * zones.length + (podZone[p] as number);
    }
    return groupPods(groupOf, services.length * zones.length);
  }

  #groupEndpoints({ services }: CallGraph, { traffic: { drainedZones } }: ClusterView): PodGroups {
    const { podService, inEndpoints } = this;
    const groupOf = new Int32Array(podService.length);
    for (let p = 0; p < groupOf.length; p += 1) {
      groupOf[p] = inEndpoints[p] === 1 ? (podService[p] as number) : -1;
    }
    if (drainedZones.size > 0) {
      this.pods.forEach(({ service, zone }, p) => {
        if (drainedZones.get(service)?.has(zone)) groupOf[p] = -1;
      });
    }
    return groupPods(groupOf, services.length);
  }

  #countEndpoints(zones: number): void {
    const { endpoints, endpointsInZone, podService, podZone } = this;
    for (const p of endpoints.pods) {
      const at = (podService[p] as number) * zones + (podZone[p] as number);
      endpointsInZone[at] = (endpointsInZone[at] as number) + 1;
    }
  }
}

function callPoliciesOf(
  { services }: CallGraph,
  { callPolicies }: TrafficView,
): (CallPolicy | undefined)[] | null {
  return callPolicies ? services.map(({ name }) => callPolicies.get(name)) : null;
}

function rateLimitsOf({ services }: CallGraph, { rateLimits }: TrafficView): Float64Array {
  return Float64Array.from(
    services,
    ({ name }) => rateLimits.get(name) ?? Number.POSITIVE_INFINITY,
  );
}

/** An index of an earlier view, and which of the pods are the same. */
export interface Earlier {
  readonly index: TopologyIndex;
  readonly match: PodMatch;
}

function hasSameNodes(before: readonly NodeView[], now: readonly NodeView[]): boolean {
  return (
    before.length === now.length &&
    before.every(({ name, cpuCores }, n) => name === now[n]?.name && cpuCores === now[n].cpuCores)
  );
}
