import type { CallEdge, Topology } from '../core/observable/index.ts';
import { InvariantError } from '../core/tools/index.ts';
import type { TwinSpec } from '../core/truth/index.ts';

/** What an operator can see of a twin's plan: no service times, no error ratios, no load. */
export function describeTopology(spec: TwinSpec): Topology {
  const entry = spec.journeys[0];
  if (!entry) throw new InvariantError(`topology ${spec.name} has no journeys`);
  return {
    name: spec.name,
    entryService: entry.service,
    services: spec.services.map(({ name, namespace, kind, workload }) => {
      return { name, namespace, kind, workload };
    }),
    calls: serviceEdges(spec),
    nodes: spec.nodes.map(({ name, zone, region }) => ({ name, zone, region })),
  };
}

/** Who calls whom, each pair once, in order of first mention. */
function serviceEdges(spec: TwinSpec): CallEdge[] {
  const edges = new Map<string, CallEdge>();
  for (const { name: from, operations } of spec.services) {
    for (const { service: to } of operations.flatMap(({ calls }) => calls)) {
      edges.set(`${from}->${to}`, { from, to });
    }
  }
  return [...edges.values()];
}
