import type { OperationSpec, TwinSpec } from '../core/truth/index.ts';
import { callersFirst, callRates, indexOperations, keyOf } from './call-rates.ts';
import { describeTopology } from './describe-topology.ts';
import { findDeployment } from './manifests.ts';

/**
 * The shape of a topology's call graph, at service level. The front (where journeys enter) is left
 * out of the shares and degrees, since traces of large systems do not show it: an entry is called
 * by the front at most, a leaf calls nobody.
 */
export interface GraphStatistics {
  readonly services: number;
  readonly edges: number;
  readonly pods: number;
  /** Shares of services, 0 to 1; they sum up to 1. */
  readonly entryShare: number;
  readonly middleShare: number;
  readonly leafShare: number;
  /** Services on the longest call path below the front, over journeys. */
  readonly depthMean: number;
  readonly depthMax: number;
  /** Different services behind one journey. */
  readonly sizeMedian: number;
  readonly sizeP90: number;
  readonly sizeMax: number;
  /** Share of the services that are no entries with one caller; 1 would be a forest. */
  readonly singleCallerShare: number;
  readonly callersMax: number;
  /** Share of all calls that the busiest twentieth of the services receives. */
  readonly hotCallShare: number;
  /** Calls per user request, the one to the front left out. */
  readonly callsPerRequest: number;
}

/** Reads the statistics off a spec; the cost grows with journeys times edges. */
export function graphStatistics(spec: TwinSpec): GraphStatistics {
  const front = new Set(spec.journeys.map(({ service }) => service));
  const edges = describeTopology(spec).calls;
  const callers = countEdges(edges.filter(({ from }) => !front.has(from)).map(({ to }) => to));
  const callees = countEdges(edges.map(({ from }) => from));
  const inside = spec.services.map(({ name }) => name).filter((name) => !front.has(name));
  const entries = inside.filter((name) => !callers.has(name));
  const leaves = inside.filter((name) => callers.has(name) && !callees.has(name));
  const called = inside.filter((name) => callers.has(name));
  const depths = journeyDepths(spec);
  const sizes = journeySizes(spec).sort((a, b) => a - b);
  const rates = ratesOf(spec, inside);
  const total = rates.reduce((sum, rate) => sum + rate, 0);
  const hot = rates.slice(0, Math.max(1, Math.round(inside.length / 20)));
  return {
    services: spec.services.length,
    edges: edges.length,
    pods: spec.services.reduce((sum, service) => {
      return sum + (findDeployment(spec.objects, service)?.spec?.replicas ?? 0);
    }, 0),
    entryShare: entries.length / inside.length,
    middleShare: (inside.length - entries.length - leaves.length) / inside.length,
    leafShare: leaves.length / inside.length,
    depthMean: depths.reduce((sum, depth) => sum + depth, 0) / depths.length,
    depthMax: Math.max(...depths),
    sizeMedian: sizes[Math.floor(sizes.length / 2)] as number,
    sizeP90: sizes[Math.floor(0.9 * sizes.length)] as number,
    sizeMax: sizes.at(-1) as number,
    singleCallerShare: called.filter((name) => callers.get(name) === 1).length / called.length,
    callersMax: Math.max(...callers.values()),
    hotCallShare: hot.reduce((sum, rate) => sum + rate, 0) / total,
    callsPerRequest: total / spec.workload.requestsPerSec,
  };
}

function countEdges(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Calls per second to each of the services, largest first. */
function ratesOf(spec: TwinSpec, names: readonly string[]): number[] {
  const wanted = new Map(names.map((name) => [name, 0]));
  for (const [key, rate] of callRates(spec)) {
    const name = key.slice(0, key.indexOf('/'));
    const known = wanted.get(name);
    if (known !== undefined) wanted.set(name, known + rate);
  }
  return [...wanted.values()].sort((a, b) => b - a);
}

function journeyDepths(spec: TwinSpec): number[] {
  const operations = indexOperations(spec);
  const depths = new Map<string, number>();
  for (const key of [...callersFirst(operations)].reverse()) {
    const { calls } = operations.get(key) as OperationSpec;
    depths.set(key, 1 + Math.max(0, ...calls.map((call) => depths.get(keyOf(call)) as number)));
  }
  return spec.journeys.map((journey) => (depths.get(keyOf(journey)) as number) - 1);
}

function journeySizes(spec: TwinSpec): number[] {
  const operations = indexOperations(spec);
  return spec.journeys.map((journey) => {
    const seen = new Set<string>();
    const services = new Set<string>();
    const visit = (key: string): void => {
      if (seen.has(key)) return;
      seen.add(key);
      services.add(key.slice(0, key.indexOf('/')));
      for (const call of operations.get(key)?.calls ?? []) visit(keyOf(call));
    };
    visit(keyOf(journey));
    return services.size - 1;
  });
}
