import type { NodeView } from '../cluster-view.ts';
import { readCallFlows } from './call-flows.ts';
import type { CallGraph } from './call-graph.ts';
import type { CallState } from './call-state.ts';
import { routeFlow, targetsOf } from './call-targets.ts';
import { type Columns, copyColumns, createColumns } from './columns.ts';
import type { FlowWindow, NodeFlow } from './flow-state.ts';
import { createFlowSums, type FlowSums } from './flow-sums.ts';
import type { ImpairTable } from './impair-table.ts';
import { ImpairView } from './impair-view.ts';
import { createOwnSums, reuseOwnSums } from './own-sums.ts';
import { readGauges, WindowPod } from './pod-flow.ts';
import type { PodState } from './pod-state.ts';
import type { ReachTable } from './reach-table.ts';
import type { SlotSums } from './slot-sums.ts';
import type { TopologyIndex } from './topology-index.ts';

const nodeFields = ['cpuCores'] as const;

/** What accumulates between two scrapes beside the per-pod sums, which travel with the pods. */
export interface WindowSums {
  readonly services: FlowSums;
  readonly edges: FlowSums;
  readonly journeys: FlowSums;
  /** First attempts by users, per journey. */
  readonly offered: Float64Array;
  /** Per node of the present index. */
  nodes: Columns<(typeof nodeFields)[number]>;
  fromMs: number;
  ticks: number;
}

export function createWindowSums(graph: CallGraph): WindowSums {
  return {
    services: createFlowSums(graph.services.length),
    edges: createFlowSums(graph.edges.length),
    journeys: createFlowSums(graph.journeys.length),
    offered: new Float64Array(graph.journeys.length),
    nodes: createColumns(nodeFields, 0),
    fromMs: Number.NaN,
    ticks: 0,
  };
}

export function copyWindowSums(from: WindowSums): WindowSums {
  return {
    services: from.services.slice(),
    edges: from.edges.slice(),
    journeys: from.journeys.slice(),
    offered: from.offered.slice(),
    nodes: copyColumns(nodeFields, from.nodes),
    fromMs: from.fromMs,
    ticks: from.ticks,
  };
}

/** Makes room for the nodes of a new index; a node keeps its sums under its name. */
export function followNodes(
  sums: WindowSums,
  before: TopologyIndex | null,
  now: TopologyIndex,
): void {
  if (before && hasSameNames(before.nodes, now.nodes)) return;
  const nodes = createColumns(nodeFields, now.nodes.length);
  now.nodes.forEach((node, n) => {
    const old = before?.nodes.findIndex((other) => other.name === node.name) ?? -1;
    if (old < 0) return;
    for (const field of nodeFields) nodes[field][n] = sums.nodes[field][old] as number;
  });
  sums.nodes = nodes;
}

function hasSameNames(before: readonly NodeView[], now: readonly NodeView[]): boolean {
  return before.length === now.length && now.every(({ name }, n) => name === before[n]?.name);
}

/** Counts a second that ends at `atMs`, whether or not it is played yet. */
export function countSecond(sums: WindowSums, atMs: number): void {
  if (Number.isNaN(sums.fromMs)) sums.fromMs = atMs - 1000;
  sums.ticks += 1;
}

export interface WindowParts {
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly state: PodState;
  readonly calls: CallState;
  readonly sums: WindowSums;
  readonly impairs: ImpairTable | null;
}

/** Averages the sums into a flow window and starts the next one. */
export function closeFlowWindow(parts: WindowParts, untilMs: number): FlowWindow {
  const { graph, index, state, sums, impairs } = parts;
  const seconds = Math.max(1, sums.ticks);
  const slots: SlotSums = { graph, index, sums: state.sums, seconds, isOver: false };
  const memoryBytes = nodeMemory(index, state);
  const gauges = readGauges(slots, state);
  const pods = index.pods.map((_, p) => new WindowPod(slots, gauges, p));
  const window: FlowWindow = {
    fromMs: Number.isNaN(sums.fromMs) ? untilMs : sums.fromMs,
    untilMs,
    pods,
    flowOf: (uid) => pods[index.numberOf(uid)],
    ...readCallFlows(graph, sums, seconds),
    nodes: index.nodes.map(
      (node, n): NodeFlow => ({
        node,
        cpuCores: (sums.nodes.cpuCores[n] as number) / seconds,
        memoryBytes: memoryBytes[n] as number,
      }),
    ),
    targets: (fromZone, service) => targetsOf(parts, fromZone, service),
    ...(impairs === null ? {} : { impairs: new ImpairView(impairs, index, graph) }),
    ...retriesTold(index, graph),
    hasRoutes: index.routes !== null,
    route: (fromZone, from, service) => routeFlow(parts, fromZone, { from, to: service }),
  };
  // The pods' operations are worked out from them later, if at all; the next but one writes there.
  const { lastClosed } = state;
  if (lastClosed) lastClosed.isOver = true;
  const count = index.slotOperation.length;
  state.sums = lastClosed ? reuseOwnSums(lastClosed.sums, count) : createOwnSums(count);
  state.lastClosed = slots;
  clearWindow(state, sums, untilMs);
  return window;
}

/** What the pods of each node use now. */
function nodeMemory(index: TopologyIndex, { pod }: PodState): Float64Array {
  const bytes = new Float64Array(index.nodes.length);
  for (let p = 0; p < index.pods.length; p += 1) {
    const n = index.podNode[p] as number;
    if (n >= 0) bytes[n] = (bytes[n] as number) + (pod.memoryBytes[p] as number);
  }
  return bytes;
}

/** Starts a window at `untilMs` with nothing in it. */
export function clearWindow(state: PodState, sums: WindowSums, untilMs: number): void {
  const { pod } = state;
  pod.sumTicks.fill(0);
  pod.sumCpuCores.fill(0);
  pod.sumThrottledRatio.fill(0);
  pod.sumInFlight.fill(0);
  pod.maxMemoryBytes.fill(0);
  state.sums.fill(0);
  sums.services.fill(0);
  sums.edges.fill(0);
  sums.journeys.fill(0);
  sums.offered.fill(0);
  for (const field of nodeFields) sums.nodes[field].fill(0);
  sums.fromMs = untilMs;
  sums.ticks = 0;
}

function retriesTold(
  { callPolicies }: TopologyIndex,
  { services }: CallGraph,
): Pick<FlowWindow, 'retriesTo'> {
  const retriesTo = new Map<string, number>();
  services.forEach(({ name }, s) => {
    const retries = callPolicies?.[s]?.retries;
    if (retries !== undefined) retriesTo.set(name, retries);
  });
  return retriesTo.size === 0 ? {} : { retriesTo };
}
