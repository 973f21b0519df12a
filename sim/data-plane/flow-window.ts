import type { CallGraph } from './call-graph.ts';
import type { CallState } from './call-state.ts';
import { routeFlow, targetsOf } from './call-targets.ts';
import { type Columns, copyColumns, createColumns } from './columns.ts';
import type { FlowPart } from './flow-part.ts';
import type { FlowWindow, NodeFlow } from './flow-state.ts';
import {
  addOutcome,
  addOwn,
  clearFlowSums,
  copyFlowSums,
  createFlowSums,
  errorRatioOf,
  type FlowCounters,
  type FlowSums,
  latencyLawOf,
} from './flow-sums.ts';
import type { ImpairTable } from './impair-table.ts';
import { ImpairView } from './impair-view.ts';
import { ownErrorShare } from './impaired-calls.ts';
import { createOutcome, type Outcome, okShareOf } from './outcome.ts';
import { loadOutcome } from './outcome-rows.ts';
import { readGauges, WindowPod } from './pod-flow.ts';
import type { PodState } from './pod-state.ts';
import type { ReachTable } from './reach-table.ts';
import type { ResponseTable } from './response-table.ts';
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
    services: copyFlowSums(from.services),
    edges: copyFlowSums(from.edges),
    journeys: copyFlowSums(from.journeys),
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
  const nodes = createColumns(nodeFields, now.nodes.length);
  now.nodes.forEach((node, n) => {
    const old = before?.nodes.findIndex((other) => other.name === node.name) ?? -1;
    if (old < 0) return;
    for (const field of nodeFields) nodes[field][n] = sums.nodes[field][old] as number;
  });
  sums.nodes = nodes;
}

export interface TickParts {
  readonly part: FlowPart;
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly state: PodState;
  readonly responses: ResponseTable;
  readonly counters: FlowCounters;
  readonly impairs: ImpairTable | null;
  /** Seconds that the tick stands for. */
  readonly seconds: number;
}

const response: Outcome = createOutcome();
const ownPart = { rejectShare: 0, errorShare: 0, ms: 0, varianceMs2: 0 };

/** Counts a second that ends at `atMs`, whether or not it is played yet. */
export function countSecond(sums: WindowSums, atMs: number): void {
  if (Number.isNaN(sums.fromMs)) sums.fromMs = atMs - 1000;
  sums.ticks += 1;
}

/** Adds what the tick's pods answered, and their gauges, to the window and the counters. */
export function addPodFlows(sums: WindowSums, parts: TickParts): void {
  const { part, graph, index, reachable, state, responses, counters, seconds } = parts;
  const { slot, pod } = state;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    if (!reachable.alive[p]) continue;
    const s = index.podService[p] as number;
    const rejectShare = Math.min(1, pod.rejectShare[p] as number);
    ownPart.rejectShare = rejectShare;
    for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
      loadOutcome(response, responses.outcomes, responses.slots[i] as number);
      const served = slot.served[i] as number;
      const ok = rejectShare < 1 ? Math.min(1, okShareOf(response) / (1 - rejectShare)) : 1;
      counters.done += served * ok;
      counters.failed += served * (1 - ok);
      const arrived = slot.arrivals[i] as number;
      const observedPerExpected = arrived > 0 ? (slot.observed[i] as number) / arrived : 1;
      const answered = (served + (slot.rejected[i] as number)) * observedPerExpected * seconds;
      addOutcome(state.sums, i, answered, response);
      addOutcome(sums.services, s, answered, response);
      const errorRatio = graph.work.errorRatio[index.slotOperation[i] as number] as number;
      ownPart.errorShare = ownErrorShare(parts, i, errorRatio + (pod.addedErrorRatio[p] as number));
      ownPart.ms = slot.ownMs[i] as number;
      ownPart.varianceMs2 = slot.ownVarianceMs2[i] as number;
      addOwn(state.sums, i, answered, ownPart);
    }
  }
  addPodGauges(sums, parts);
}

/** Adds the tick's pod gauges to the window. */
function addPodGauges(sums: WindowSums, { part, index, state, seconds }: TickParts): void {
  const { pod } = state;
  const { cpuCores } = sums.nodes;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    const cores = pod.cpuCores[p] as number;
    const bytes = pod.memoryBytes[p] as number;
    pod.sumTicks[p] = (pod.sumTicks[p] as number) + seconds;
    pod.sumCpuCores[p] = (pod.sumCpuCores[p] as number) + seconds * cores;
    if (bytes > (pod.maxMemoryBytes[p] as number)) pod.maxMemoryBytes[p] = bytes;
    pod.sumThrottledRatio[p] =
      (pod.sumThrottledRatio[p] as number) + seconds * (pod.throttledRatio[p] as number);
    pod.sumInFlight[p] = (pod.sumInFlight[p] as number) + seconds * (pod.inFlight[p] as number);
    const n = index.podNode[p] as number;
    if (n >= 0) cpuCores[n] = (cpuCores[n] as number) + seconds * cores;
  }
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
  const rate = (flow: FlowSums, i: number): number => (flow.requests[i] as number) / seconds;
  const memoryBytes = nodeMemory(index, state);
  const gauges = readGauges(slots, state);
  const pods = index.pods.map((_, p) => new WindowPod(slots, gauges, p));
  const window: FlowWindow = {
    fromMs: Number.isNaN(sums.fromMs) ? untilMs : sums.fromMs,
    untilMs,
    pods,
    flowOf: (uid) => pods[index.numberOf(uid)],
    services: graph.services.map((service, s) => ({
      service: service.name,
      requestsPerSec: rate(sums.services, s),
      errorRatio: errorRatioOf(sums.services, s),
      latency: latencyLawOf(sums.services, s),
    })),
    edges: graph.edges.map((edge, e) => ({
      from: edge.from,
      to: edge.to,
      requestsPerSec: rate(sums.edges, e),
      errorRatio: errorRatioOf(sums.edges, e),
      latency: latencyLawOf(sums.edges, e),
    })),
    journeys: graph.journeys.map((journey, j) => ({
      journey: journey.name,
      offeredPerSec: (sums.offered[j] as number) / seconds,
      errorRatio: errorRatioOf(sums.journeys, j),
      latency: latencyLawOf(sums.journeys, j),
    })),
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
  state.sums = lastClosed?.sums ?? createFlowSums(index.slotOperation.length);
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
  clearFlowSums(state.sums);
  clearFlowSums(sums.services);
  clearFlowSums(sums.edges);
  clearFlowSums(sums.journeys);
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
    const retries = callPolicies[s]?.retries;
    if (retries !== undefined) retriesTo.set(name, retries);
  });
  return retriesTo.size === 0 ? {} : { retriesTo };
}
