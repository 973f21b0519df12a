import { type Impairment, isAt, type PodPlace } from '../impairments/impairment.ts';
import type { CallGraph, GraphCall } from './call-graph.ts';
import type { TopologyIndex } from './topology-index.ts';

/** Where an impairment acts, in the numbers of one index. */
export interface Places {
  readonly slots: Int32Array;
  readonly pods: Int32Array;
  readonly nodes: Int32Array;
  /** Ways into pods, at [row · pods + pod]. */
  readonly into: Int32Array;
  /** Pods whose ways out are meant. */
  readonly outOf: Int32Array;
  /** Calls, then journeys. */
  readonly links: Int32Array;
  /** −1 where no single service is meant. */
  readonly service: number;
}

const none = new Int32Array(0);

/** Looks up what an impairment's scope means in the present placement. */
export function findPlaces(graph: CallGraph, index: TopologyIndex, { scope }: Impairment): Places {
  const nothing = { slots: none, pods: none, nodes: none, into: none, outOf: none, links: none };
  if (scope.kind === 'calls') {
    return { ...nothing, links: findLinks(graph, scope), service: -1 };
  }
  const { at } = scope;
  const pods = findPods(index, at);
  const service = graph.serviceNumber.get(at.service) ?? -1;
  if (scope.kind === 'work') {
    const slots = findSlots(graph, index, { pods, operation: at.operation });
    return { ...nothing, slots, pods, nodes: findNodes(index, at), service };
  }
  return { ...nothing, pods, ...findWays(graph, index, { pods, zone: at.zone }), service };
}

/** The pods meant, of services that the graph knows. */
function findPods(index: TopologyIndex, at: PodPlace): Int32Array {
  const found: number[] = [];
  index.pods.forEach((pod, p) => {
    if ((index.podService[p] as number) >= 0 && isAt(pod, at)) found.push(p);
  });
  return Int32Array.from(found);
}

function findSlots(
  graph: CallGraph,
  index: TopologyIndex,
  { pods, operation }: { pods: Int32Array; operation: string },
): Int32Array {
  const found: number[] = [];
  for (const p of pods) {
    for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
      const { name } = graph.operations[index.slotOperation[i] as number] as { name: string };
      if (operation === '' || name === operation) found.push(i);
    }
  }
  return Int32Array.from(found);
}

/** The nodes named, or all of a zone; none where a service is meant. */
function findNodes(index: TopologyIndex, at: PodPlace): Int32Array {
  if (at.service !== '') return none;
  const found: number[] = [];
  index.nodes.forEach((node, n) => {
    const isNamed = at.nodes?.includes(node.name) === true;
    if (isNamed || (at.nodes === null && node.zone === at.zone)) found.push(n);
  });
  return Int32Array.from(found);
}

/** Of a zone only the ways that cross its border; of other pods all ways in and out. */
function findWays(
  graph: CallGraph,
  index: TopologyIndex,
  { pods, zone }: { pods: Int32Array; zone: string },
): Pick<Places, 'into' | 'outOf'> {
  const podCount = index.pods.length;
  const inside = new Set(pods);
  const zoneRow = graph.zones.indexOf(zone);
  const into: number[] = [];
  for (let row = 0; row <= graph.zones.length; row += 1) {
    for (let p = 0; p < podCount; p += 1) {
      const crosses = zone === '' ? inside.has(p) : inside.has(p) !== (row === zoneRow);
      if (crosses) into.push(row * podCount + p);
    }
  }
  return { into: Int32Array.from(into), outOf: zone === '' ? pods : none };
}

function findLinks(
  graph: CallGraph,
  { from, to, operation }: { from: string; to: string; operation: string },
): Int32Array {
  const found: number[] = [];
  const nameOf = (o: number): string => {
    return graph.services[graph.operationService[o] as number]?.name ?? '';
  };
  graph.calls.forEach(({ caller, callee, spec }: GraphCall, c) => {
    if (from === 'user' || (from !== '' && nameOf(caller) !== from)) return;
    if (to !== '' && nameOf(callee) !== to) return;
    if (operation === '' || spec.operation === operation) found.push(c);
  });
  graph.journeys.forEach(({ name, service }, j) => {
    if ((from !== 'user' && from !== '') || (to !== '' && to !== service)) return;
    if (operation === '' || name === operation) found.push(graph.calls.length + j);
  });
  return Int32Array.from(found);
}
