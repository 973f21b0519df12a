import type { NodeEntry, Topology } from '../core/observable/index.ts';
import { renderYaml } from '../core/tools/index.ts';

/** The cluster's name, and hence the beginning of its container names, unless told otherwise. */
export const defaultClusterName = 'firedrill';

/** A zone of the topology and the kind worker that stands for all of its nodes. */
export interface ZoneWorker {
  readonly zone: string;
  readonly region: string;
  /** The container's name, e.g. `firedrill-worker2`. */
  readonly container: string;
}

/** One worker per zone, in order of first appearance; kind numbers them from the second on. */
export function workersByZone(topology: Topology, clusterName: string): readonly ZoneWorker[] {
  const first = new Map<string, NodeEntry>();
  for (const node of topology.nodes) if (!first.has(node.zone)) first.set(node.zone, node);
  return [...first.values()].map(({ zone, region }, i) => ({
    zone,
    region,
    container: `${clusterName}-worker${i === 0 ? '' : i + 1}`,
  }));
}

/**
 * The configuration of a kind cluster with a control plane and one worker per zone of the topology,
 * labelled with zone and region.
 */
export function renderKindConfig(topology: Topology): string {
  const workers = workersByZone(topology, defaultClusterName).map(({ zone, region }) => ({
    role: 'worker',
    labels: { 'topology.kubernetes.io/zone': zone, 'topology.kubernetes.io/region': region },
  }));
  return renderYaml({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name: defaultClusterName,
    nodes: [{ role: 'control-plane' }, ...workers],
  });
}
