import type { OperationSpec } from '../../core/truth/index.ts';
import type { PodView } from '../cluster-view.ts';
import type { CallGraph } from './call-graph.ts';
import type { CallState } from './call-state.ts';
import { type Columns, copyColumns, createColumns } from './columns.ts';
import type { FlowWindow, NodeFlow, OperationFlow, PodFlow, TargetFlow } from './flow-state.ts';
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
  ownErrorRatioOf,
  ownLawOf,
  rejectRatioOf,
} from './flow-sums.ts';
import { type Outcome, okShareOf } from './outcome.ts';
import type { PodState } from './pod-state.ts';
import { type ReachTable, reach } from './reach-table.ts';
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
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly state: PodState;
  readonly responses: readonly Outcome[];
  readonly counters: FlowCounters;
}

const ownPart = { rejectShare: 0, errorShare: 0, ms: 0, varianceMs2: 0 };

/** Adds what the tick's pods answered, and their gauges, to the window and the counters. */
export function addPodFlows(sums: WindowSums, parts: TickParts): void {
  const { graph, index, reachable, state, responses, counters } = parts;
  const { slot, pod } = state;
  for (let p = 0; p < index.pods.length; p += 1) {
    if (!reachable.alive[p]) continue;
    const s = index.podService[p] as number;
    const rejectShare = Math.min(1, pod.rejectShare[p] as number);
    ownPart.rejectShare = rejectShare;
    for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
      const response = responses[i] as Outcome;
      const served = slot.served[i] as number;
      const ok = rejectShare < 1 ? Math.min(1, okShareOf(response) / (1 - rejectShare)) : 1;
      counters.done += served * ok;
      counters.failed += served * (1 - ok);
      const arrived = slot.arrivals[i] as number;
      const observedPerExpected = arrived > 0 ? (slot.observed[i] as number) / arrived : 1;
      const answered = (served + (slot.rejected[i] as number)) * observedPerExpected;
      addOutcome(state.sums, i, answered, response);
      addOutcome(sums.services, s, answered, response);
      const { errorRatio } = graph.operations[index.slotOperation[i] as number] as OperationSpec;
      ownPart.errorShare = Math.min(1, errorRatio + (pod.addedErrorRatio[p] as number));
      ownPart.ms = slot.ownMs[i] as number;
      ownPart.varianceMs2 = slot.ownVarianceMs2[i] as number;
      addOwn(state.sums, i, answered, ownPart);
    }
  }
  addPodGauges(sums, index, state);
  sums.ticks += 1;
}

/** Adds the tick's pod gauges to the window. */
function addPodGauges(sums: WindowSums, index: TopologyIndex, state: PodState): void {
  const { pod } = state;
  const { cpuCores } = sums.nodes;
  for (let p = 0; p < index.pods.length; p += 1) {
    const cores = pod.cpuCores[p] as number;
    const bytes = pod.memoryBytes[p] as number;
    pod.sumTicks[p] = (pod.sumTicks[p] as number) + 1;
    pod.sumCpuCores[p] = (pod.sumCpuCores[p] as number) + cores;
    if (bytes > (pod.maxMemoryBytes[p] as number)) pod.maxMemoryBytes[p] = bytes;
    pod.sumThrottledRatio[p] =
      (pod.sumThrottledRatio[p] as number) + (pod.throttledRatio[p] as number);
    pod.sumInFlight[p] = (pod.sumInFlight[p] as number) + (pod.inFlight[p] as number);
    const n = index.podNode[p] as number;
    if (n >= 0) cpuCores[n] = (cpuCores[n] as number) + cores;
  }
}

export interface WindowParts {
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly state: PodState;
  readonly calls: CallState;
  readonly sums: WindowSums;
}

/** Averages the sums into a flow window and starts the next one. */
export function closeFlowWindow(parts: WindowParts, untilMs: number): FlowWindow {
  const { graph, index, state, sums } = parts;
  const seconds = Math.max(1, sums.ticks);
  const rate = (flow: FlowSums, i: number): number => (flow.requests[i] as number) / seconds;
  const memoryBytes = nodeMemory(index, state);
  const window: FlowWindow = {
    fromMs: Number.isNaN(sums.fromMs) ? untilMs : sums.fromMs,
    untilMs,
    pods: index.pods.map((pod, p) => podFlow(parts, pod, p)),
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
  };
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

function podFlow(parts: WindowParts, view: PodView, p: number): PodFlow {
  const { graph, index, state } = parts;
  const { pod, sums } = state;
  const ticks = Math.max(1, pod.sumTicks[p] as number);
  const windowTicks = Math.max(1, parts.sums.ticks);
  const operations: OperationFlow[] = [];
  for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
    operations.push({
      operation: (graph.operations[index.slotOperation[i] as number] as OperationSpec).name,
      requestsPerSec: (sums.requests[i] as number) / windowTicks,
      errorRatio: errorRatioOf(sums, i),
      ownErrorRatio: ownErrorRatioOf(sums, i),
      rejectRatio: rejectRatioOf(sums, i),
      ownLatency: ownLawOf(sums, i),
      latency: latencyLawOf(sums, i),
    });
  }
  return {
    pod: view,
    cpuCores: (pod.sumCpuCores[p] as number) / ticks,
    memoryBytes: pod.memoryBytes[p] as number,
    memoryMaxBytes: pod.maxMemoryBytes[p] as number,
    throttledRatio: (pod.sumThrottledRatio[p] as number) / ticks,
    inFlight: (pod.sumInFlight[p] as number) / ticks,
    operations,
  };
}

function targetsOf(
  { graph, index, reachable, calls }: WindowParts,
  fromZone: string,
  service: string,
): readonly TargetFlow[] {
  const zone = graph.zones.indexOf(fromZone);
  const row = zone < 0 ? graph.zones.length : zone;
  const s = graph.serviceNumber.get(service) ?? -1;
  const endpoints = index.endpoints[s] ?? new Int32Array(0);
  const share = (calls.limitShare[s] ?? 1) / endpoints.length;
  return Array.from(endpoints, (p) => {
    const at = row * reachable.podCount + p;
    return {
      pod: index.pods[p] as PodView,
      share,
      reachable: reachable.kind[at] === reach.answers,
      refused: reachable.kind[at] === reach.refused,
      networkMs: reachable.networkMs[at] as number,
    };
  });
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
