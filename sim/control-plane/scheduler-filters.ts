import type { KindMap } from '../../core/observable/index.ts';
import { parseQuantity } from '../../core/tools/index.ts';
import { claimsOf } from './pod-claims.ts';
import { isTolerated, matchesLabels, matchesNodeTerm } from './selectors.ts';
import type { Cluster } from './state.ts';
import { type VolumeDemand, volumeDemand } from './volumes.ts';

type Pod = KindMap['Pod'];
type Affinity = NonNullable<NonNullable<Pod['spec']>['affinity']>;
type NodeAffinity = NonNullable<Affinity['nodeAffinity']>;
type NodeSelectorTerms = NonNullable<
  NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'];

/** A node as the scheduler sees it, with what its pods have reserved. */
export interface NodeLoad {
  readonly name: string;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unschedulable: boolean;
  readonly taints: NonNullable<NonNullable<KindMap['Node']['spec']>['taints']>;
  readonly cpuCapacity: number;
  readonly memoryCapacity: number;
  readonly podCapacity: number;
  cpuCores: number;
  memoryBytes: number;
  pods: number;
  /** Pods per workload; pods on their way out do not count. */
  readonly workloads: Map<string, number>;
  readonly hostPorts: Set<string>;
}

/** What a pod asks of a node. */
export interface PodDemand {
  readonly workload: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly tolerations: NonNullable<NonNullable<Pod['spec']>['tolerations']>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly requiredTerms: NodeSelectorTerms | undefined;
  readonly preferredTerms: NonNullable<
    NodeAffinity['preferredDuringSchedulingIgnoredDuringExecution']
  >;
  readonly volumes: VolumeDemand;
  /** Ports of the node itself, as `TCP/8080`. */
  readonly hostPorts: readonly string[];
}

export function podDemand(cluster: Cluster, pod: Pod): PodDemand {
  const affinity = pod.spec?.affinity?.nodeAffinity;
  const { workload, cpuCores, memoryBytes, hostPorts } = claimsOf(cluster, pod);
  return {
    workload,
    cpuCores,
    memoryBytes,
    tolerations: pod.spec?.tolerations ?? [],
    nodeSelector: pod.spec?.nodeSelector ?? {},
    requiredTerms: affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    preferredTerms: affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
    volumes: volumeDemand(cluster, pod),
    hostPorts,
  };
}

/** A node without pods. */
export function emptyLoad(node: KindMap['Node']): NodeLoad {
  const { cpu = '0', memory = '0', pods = '110' } = node.status?.allocatable ?? {};
  const labels = node.metadata?.labels ?? {};
  return {
    name: node.metadata?.name ?? '',
    zone: labels['topology.kubernetes.io/zone'] ?? '',
    labels,
    unschedulable: node.spec?.unschedulable ?? false,
    taints: node.spec?.taints ?? [],
    cpuCapacity: parseQuantity(cpu),
    memoryCapacity: parseQuantity(memory),
    podCapacity: parseQuantity(pods),
    cpuCores: 0,
    memoryBytes: 0,
    pods: 0,
    workloads: new Map(),
    hostPorts: new Set(),
  };
}

/**
 * Why a node cannot take the pod, in the scheduler's words; empty when it can. As in the scheduler,
 * the first filter that refuses is the only one that speaks.
 */
export function canHost(load: NodeLoad, demand: PodDemand): readonly string[] {
  const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (load.unschedulable && !isTolerated(cordon, demand.tolerations)) {
    return ['node(s) were unschedulable'];
  }
  const repelling = load.taints.find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, demand.tolerations),
  );
  if (repelling)
    return [`node(s) had untolerated taint {${repelling.key}: ${repelling.value ?? ''}}`];
  if (!matchesAffinity(load, demand)) return ["node(s) didn't match Pod's node affinity/selector"];
  if (demand.hostPorts.some((port) => load.hostPorts.has(port)))
    return ["node(s) didn't have free ports for the requested pod ports"];
  const { problem, places } = demand.volumes;
  if (problem !== null) return [problem];
  if (!places.every((terms) => terms.some((term) => matchesNodeTerm(term, load))))
    return ["node(s) didn't match PersistentVolume's node affinity"];
  return resourceReasons(load, demand);
}

function matchesAffinity(load: NodeLoad, { nodeSelector, requiredTerms }: PodDemand): boolean {
  if (!matchesLabels(nodeSelector, load.labels)) return false;
  return requiredTerms === undefined || requiredTerms.some((term) => matchesNodeTerm(term, load));
}

/** Sums of binary fractions may miss a capacity by a rounding error; that much is forgiven. */
const slack = 1e-9;

function resourceReasons(load: NodeLoad, { cpuCores, memoryBytes }: PodDemand): readonly string[] {
  const reasons: string[] = [];
  if (load.pods + 1 > load.podCapacity) reasons.push('Too many pods');
  if (cpuCores > 0 && load.cpuCores + cpuCores > load.cpuCapacity + slack)
    reasons.push('Insufficient cpu');
  if (memoryBytes > 0 && load.memoryBytes + memoryBytes > load.memoryCapacity) {
    reasons.push('Insufficient memory');
  }
  return reasons;
}
