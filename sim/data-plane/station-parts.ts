import type { Conditions } from '../conditions.ts';
import type { CallGraph } from './call-graph.ts';
import type { FlowPart } from './flow-part.ts';
import type { FlowCounters } from './flow-sums.ts';
import type { ImpairTable } from './impair-table.ts';
import type { PodState } from './pod-state.ts';
import type { ReachTable } from './reach-table.ts';
import type { TopologyIndex } from './topology-index.ts';

/**
 * What stations are made of. Whatever admission, service or own times come to read of it must be
 * compared where pods are taken for alike (`like-pods.ts`) and stations for known (`own-times.ts`).
 */
export interface StationParts {
  /** Whose pods are played. */
  readonly part: FlowPart;
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly conditions: Conditions;
  readonly state: PodState;
  readonly counters: FlowCounters;
  /** Scratch: CPU wanted per node, in cores. */
  readonly nodeDemand: Float64Array;
  /** Scratch: the pod that one's station is like (`findLikePods`); −1 where it is worked out. */
  readonly likePods: Int32Array;
  readonly impairs: ImpairTable | null;
  /** Seconds that the tick stands for. */
  readonly seconds: number;
}

/** CPU time of one request of a slot, in ms, before what holds for the whole pod. */
export function slotCpuMs({ graph, index, impairs }: StationParts, i: number): number {
  const cpuMs = graph.work.cpuMs[index.slotOperation[i] as number] as number;
  return impairs === null ? cpuMs : cpuMs * (impairs.slot.cpuFactor[i] as number);
}

/** Waiting that requests of a slot do beyond their own. */
export function addedWaitMs({ impairs }: StationParts, i: number): number {
  return impairs === null ? 0 : (impairs.slot.waitMs[i] as number);
}

/** Requests that a pod holds at most. */
export function slotsOf({ graph, index, impairs }: StationParts, p: number): number {
  const concurrencyMax = graph.concurrencyMax[index.podService[p] as number] as number;
  if (impairs === null) return concurrencyMax;
  return Math.max(1, concurrencyMax * (1 - (impairs.pod.takenShare[p] as number)));
}

/** Cores of the node that a pod runs on; 0 when it is gone. */
export function nodeCoresOf({ index }: StationParts, p: number): number {
  return index.nodes[index.podNode[p] as number]?.cpuCores ?? 0;
}

/** Whether a thread per request runs them all at once, in place of a pool as wide as the cores. */
export function isShared({ graph, index }: StationParts, p: number): boolean {
  return graph.isShared[index.podService[p] as number] === 1;
}

/** What is offered to a pod in a second, turned away or not. */
export interface Offered {
  requests: number;
  /** Their CPU demand and the sum of its squares. */
  workMs: number;
  squares: number;
  /** Squared coefficient of variation of the demand. */
  scv: number;
  /** Requests that would wait elsewhere: disks, callees. */
  elsewhere: number;
  /** CPU time of one request of each of the pod's slots. */
  readonly slotMs: number[];
}

export function createOffered(): Offered {
  return { requests: 0, workMs: 0, squares: 0, scv: 1, elsewhere: 0, slotMs: [] };
}

/** Sums up what arrived at a pod. */
export function addOffered(out: Offered, parts: StationParts, p: number): void {
  const { graph, index, state } = parts;
  const { slot } = state;
  const { scv, waitMs } = graph.work;
  const factor = state.pod.demandFactor[p] as number;
  const from = index.firstSlot[p] as number;
  const until = index.firstSlot[p + 1] as number;
  let requests = 0;
  let workMs = 0;
  let squares = 0;
  let awayMs = 0;
  for (let i = from; i < until; i += 1) {
    const o = index.slotOperation[i] as number;
    const demandMs = slotCpuMs(parts, i) * factor;
    const arrivals = slot.arrivals[i] as number;
    out.slotMs[i - from] = demandMs;
    requests += arrivals;
    workMs += arrivals * demandMs;
    squares += arrivals * demandMs * demandMs * (1 + (scv[o] as number));
    const elsewhereMs = (waitMs[o] as number) + addedWaitMs(parts, i);
    awayMs += arrivals * (elsewhereMs + (slot.callMs[i] as number));
  }
  out.requests = requests;
  out.workMs = workMs;
  out.squares = squares;
  out.scv = workMs > 0 ? Math.max(0, (squares * requests) / (workMs * workMs) - 1) : 1;
  out.elsewhere = awayMs / 1000;
}
