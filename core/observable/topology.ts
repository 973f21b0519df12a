/** What a service catalogue, a mesh and `kubectl get nodes` tell an operator about the system. */
export interface Topology {
  readonly name: string;
  /** The service that takes user traffic. */
  readonly entryService: string;
  readonly services: readonly ServiceEntry[];
  /** Who calls whom, at service level. */
  readonly calls: readonly CallEdge[];
  readonly nodes: readonly NodeEntry[];
}

export interface ServiceEntry {
  readonly name: string;
  readonly namespace: string;
  readonly kind: 'service' | 'datastore' | 'external';
  /** The Deployment behind the service. */
  readonly workload: string;
}

export interface CallEdge {
  readonly from: string;
  readonly to: string;
}

export interface NodeEntry {
  readonly name: string;
  readonly zone: string;
  readonly region: string;
}

/** Where one pod runs now, as `kubectl get pods -o wide` shows it. */
export interface PodPlacement {
  readonly pod: string;
  readonly namespace: string;
  readonly service: string;
  readonly node: string;
  readonly zone: string;
  /** The image tag it runs. */
  readonly release: string;
  readonly ready: boolean;
  readonly restartCount: number;
  /** The last reason a container ended with, e.g. `OOMKilled`; null when none ended. */
  readonly lastTerminationReason: string | null;
}

/** Every zone once, in the order of its first node. */
export function zonesOf({ nodes }: Topology): readonly string[] {
  return [...new Set(nodes.map(({ zone }) => zone))];
}

/** The names of a zone's nodes, in topology order. */
export function nodesOfZone({ nodes }: Topology, zone: string): readonly string[] {
  return nodes.filter((node) => node.zone === zone).map(({ name }) => name);
}
