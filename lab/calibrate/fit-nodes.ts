import { median } from '../../core/tools/index.ts';
import type { NodeSpec } from '../../core/truth/index.ts';
import type { Assume } from './assumptions.ts';
import type { ClusterFacts } from './cluster-facts.ts';
import type { MetricFacts, NodeFacts } from './metric-facts.ts';
import { safeName } from './safe-names.ts';
import type { TraceStatistics } from './trace-statistics.ts';

const usualCores = 4;
const usualBytes = 16 * 1024 ** 3;

/** The cluster's nodes by zone and name, from manifests, metrics and where spans come from. */
export function fitNodes(
  {
    cluster,
    metrics,
    traces,
  }: { cluster: ClusterFacts; metrics: MetricFacts; traces: TraceStatistics },
  assume: Assume,
): NodeSpec[] {
  const found = new Map<string, NodeFacts>();
  const learn = (name: string, facts: Partial<NodeFacts>): void => {
    const known = found.get(name) ?? {
      zone: null,
      region: null,
      cpuCores: null,
      memoryBytes: null,
    };
    found.set(name, {
      zone: known.zone ?? facts.zone ?? null,
      region: known.region ?? facts.region ?? null,
      cpuCores: known.cpuCores ?? facts.cpuCores ?? null,
      memoryBytes: known.memoryBytes ?? facts.memoryBytes ?? null,
    });
  };
  for (const [name, facts] of cluster.nodes) learn(name, facts);
  for (const [name, facts] of metrics.nodes) learn(name, facts);
  for (const { node, zone } of traces.places) if (node) learn(node, { zone });
  for (const node of metrics.podNode.values()) learn(node, {});
  if (found.size === 0) {
    assume('cluster', 'nodes', '3 in 3 zones', 'no file names a node');
    for (const letter of ['a', 'b', 'c']) learn(`node-${letter}`, { zone: `zone-${letter}` });
  }
  const facts = [...found.values()];
  const cpuCores = sizeOf(facts.map((one) => one.cpuCores));
  const memoryBytes = sizeOf(facts.map((one) => one.memoryBytes));
  const why = 'no Node object and no kube_node_status_capacity';
  if (cpuCores === null) assume('cluster', 'node.cpuCores', `${usualCores}`, why);
  if (memoryBytes === null) assume('cluster', 'node.memory', '16Gi', why);
  const region = facts.find((one) => one.region !== null)?.region ?? null;
  const nodes = [...found].map(([name, one]) => {
    const zone = safeName(one.zone ?? 'zone-1');
    return toNode(safeName(name), zone, {
      region: safeName(region ?? zone.replace(/-?[a-z]$/, '')),
      cpuCores: cpuCores ?? usualCores,
      memoryBytes: memoryBytes ?? usualBytes,
    });
  });
  if (facts.some((one) => one.zone === null)) {
    assume('cluster', 'zones', 'zone-1 for some nodes', 'no topology.kubernetes.io/zone of theirs');
  }
  return nodes.sort((a, b) => compare(a.zone, b.zone) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sizeOf(sizes: readonly (number | null)[]): number | null {
  const known = sizes.filter((size) => size !== null);
  return known.length > 0 ? median(known) : null;
}

function toNode(
  name: string,
  zone: string,
  size: { region: string; cpuCores: number; memoryBytes: number },
): NodeSpec {
  return {
    name,
    zone,
    ...size,
    labels: {
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/region': size.region,
      'topology.kubernetes.io/zone': zone,
    },
  };
}
