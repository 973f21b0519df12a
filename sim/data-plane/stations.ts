import type { OperationSpec, ServiceSpec } from '../../core/truth/index.ts';
import type { PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { CallGraph } from './call-graph.ts';
import type { FlowCounters } from './flow-sums.ts';
import { normalCdf } from './gamma.ts';
import { type PodState, resetProcess } from './pod-state.ts';
import { createStationDelay, relaxationMs, type StationLoad, stationDelay } from './queueing.ts';
import type { ReachTable } from './reach-table.ts';
import type { TopologyIndex } from './topology-index.ts';

/** The stationary formulas go up to here; above, the backlog carries the rest. */
const utilisationMax = 0.98;
/** Garbage collection starts to cost CPU above this share of the memory limit … */
const memoryPressureFrom = 0.85;
/** … and multiplies demand by 1 + this at the limit. */
const memoryPressureCost = 2;
/** Squared coefficient of variation of waiting that uses no CPU. */
const waitScv = 0.5;
/** A CFS period, over which a CPU limit is enforced. */
const quotaPeriodSec = 0.1;

export interface StationParts {
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly reachable: ReachTable;
  readonly conditions: Conditions;
  readonly state: PodState;
  readonly counters: FlowCounters;
  /** Scratch: CPU wanted per node, in cores. */
  readonly nodeDemand: Float64Array;
}

const delay = createStationDelay();
const load: StationLoad = { utilisation: 0, serviceMs: 0, scv: 0, cores: 1 };

/** Resets pods whose process changed, before traffic is spread. */
export function followProcesses(parts: StationParts): void {
  const { index, reachable, state, counters } = parts;
  for (let p = 0; p < index.pods.length; p += 1) {
    const view = index.pods[p] as PodView;
    const startedUs = reachable.alive[p] ? view.processStartedUs : Number.NaN;
    const known = state.pod.startedUs[p] as number;
    if (Object.is(startedUs, known)) continue;
    const fromSlot = index.firstSlot[p] as number;
    const untilSlot = index.firstSlot[p + 1] as number;
    for (let i = fromSlot; i < untilSlot; i += 1) counters.lost += state.slot.backlog[i] as number;
    resetProcess(state, { pod: p, fromSlot, untilSlot, startedUs });
  }
}

/**
 * Plays one second of every pod's CPU: admission, service, backlog, and the own part of response
 * times.
 */
export function playStations(parts: StationParts, atMs: number): void {
  const { index, reachable, nodeDemand, state } = parts;
  nodeDemand.fill(0);
  for (let p = 0; p < index.pods.length; p += 1) {
    if (!reachable.alive[p] || (index.podService[p] as number) < 0) continue;
    setDemandFactor(parts, p, atMs);
    const cores = admit(parts, p);
    const node = index.podNode[p] as number;
    nodeDemand[node] = (nodeDemand[node] as number) + cores;
  }
  for (let p = 0; p < index.pods.length; p += 1) {
    if (!reachable.alive[p] || (index.podService[p] as number) < 0) {
      state.pod.cpuCores[p] = 0;
      state.pod.throttledRatio[p] = 0;
      state.pod.backlogWaitMs[p] = 0;
      continue;
    }
    const node = index.podNode[p] as number;
    const nodeCores = index.nodes[node]?.cpuCores ?? 0;
    const wanted = nodeDemand[node] as number;
    const share = wanted > nodeCores ? nodeCores / wanted : 1;
    state.pod.capacityCores[p] = (index.cpuLimitCores[p] as number) * share;
    serve(parts, p);
    setOwnTimes(parts, p);
  }
}

/** CPU per request relative to the spec: cold process, release, garbage collection. */
function setDemandFactor(parts: StationParts, p: number, atMs: number): void {
  const { graph, index, conditions, state } = parts;
  const service = graph.services[index.podService[p] as number] as ServiceSpec;
  const traits = conditions.releaseTraits.get(index.podRelease[p] as string);
  const startedMs = (state.pod.startedUs[p] as number) / 1000;
  const ageMs = Math.max(0, atMs - startedMs - service.startupMs);
  let factor = traits?.cpuFactor ?? 1;
  if (service.coldFactor > 0 && ageMs < 30 * service.coldMs) {
    factor *= 1 + service.coldFactor * Math.exp(-ageMs / service.coldMs);
  }
  const limitBytes = (index.pods[p] as PodView).memoryLimitBytes;
  const used = limitBytes > 0 ? (state.pod.memoryBytes[p] as number) / limitBytes : 0;
  if (used > memoryPressureFrom) {
    const pressure = Math.min(1, (used - memoryPressureFrom) / (1 - memoryPressureFrom));
    factor *= 1 + memoryPressureCost * pressure * pressure;
  }
  state.pod.demandFactor[p] = factor;
  state.pod.addedErrorRatio[p] = traits?.errorRatio ?? 0;
  state.pod.leakBytes[p] = ((traits?.leakBytesPerSec ?? 0) * ageMs) / 1000;
}

/**
 * How many of the arrivals find a free slot, given how long requests held theirs in the last
 * second; half-way from the last tick's share, or two tiers would swing against each other. Returns
 * the cores that the pod now wants.
 */
function admit(parts: StationParts, p: number): number {
  const { graph, index, state } = parts;
  const { pod, slot } = state;
  const service = graph.services[index.podService[p] as number] as ServiceSpec;
  const until = index.firstSlot[p + 1] as number;
  let held = 0;
  for (let i = index.firstSlot[p] as number; i < until; i += 1) {
    held += ((slot.arrivals[i] as number) * (slot.restMs[i] as number)) / 1000;
  }
  const target = held > service.concurrencyMax ? service.concurrencyMax / held : 1;
  const admitted = 0.5 * ((pod.admitShare[p] as number) + target);
  pod.admitShare[p] = admitted > 0.999999 ? 1 : admitted;
  let workMs = 0;
  for (let i = index.firstSlot[p] as number; i < until; i += 1) {
    const { cpuMs } = graph.operations[index.slotOperation[i] as number] as OperationSpec;
    const requests =
      (slot.backlog[i] as number) + (slot.arrivals[i] as number) * (pod.admitShare[p] as number);
    workMs += requests * cpuMs;
  }
  const cores = (workMs * (pod.demandFactor[p] as number)) / 1000;
  return Math.min(index.cpuLimitCores[p] as number, cores);
}

/**
 * Serves backlog and arrivals alike as far as the CPU goes; what does not fit a slot is rejected.
 */
function serve(parts: StationParts, p: number): void {
  const { graph, index, state, counters } = parts;
  const { pod, slot } = state;
  const from = index.firstSlot[p] as number;
  const until = index.firstSlot[p + 1] as number;
  const admitted = pod.admitShare[p] as number;
  const factor = pod.demandFactor[p] as number;
  let workMs = 0;
  let before = 0;
  let arrivals = 0;
  let held = 0;
  for (let i = from; i < until; i += 1) {
    const { cpuMs } = graph.operations[index.slotOperation[i] as number] as OperationSpec;
    const letIn = (slot.arrivals[i] as number) * admitted;
    before += slot.backlog[i] as number;
    arrivals += slot.arrivals[i] as number;
    workMs += ((slot.backlog[i] as number) + letIn) * cpuMs * factor;
    held += (letIn * (slot.restMs[i] as number)) / 1000;
  }
  const budgetMs = (pod.capacityCores[p] as number) * 1000;
  const servedShare = workMs > budgetMs ? budgetMs / workMs : 1;
  const waiting = (before + arrivals * admitted) * (1 - servedShare);
  const service = graph.services[index.podService[p] as number] as ServiceSpec;
  const room = Math.max(0, service.concurrencyMax - held);
  const excess = Math.min(Math.max(0, waiting - room), arrivals * admitted);
  const keptShare = waiting > 0 ? 1 - excess / waiting : 1;
  let servedTotal = 0;
  for (let i = from; i < until; i += 1) {
    const arrived = slot.arrivals[i] as number;
    const present = (slot.backlog[i] as number) + arrived * admitted;
    const left = present * (1 - servedShare);
    slot.served[i] = present * servedShare;
    slot.backlog[i] = left * keptShare;
    slot.rejected[i] = arrived * (1 - admitted) + left * (1 - keptShare);
    servedTotal += slot.served[i] as number;
    counters.rejected += slot.rejected[i] as number;
  }
  counters.arrived += arrivals;
  pod.servedShare[p] = servedShare;
  pod.rejectShare[p] = arrivals > 0 ? 1 - admitted + excess / arrivals : 0;
  pod.cpuCores[p] = Math.min(workMs, budgetMs) / 1000;
  const after = waiting * keptShare;
  const perSec = Math.max(servedTotal, 1e-9);
  pod.backlogWaitMs[p] = before + after > 0 ? (500 * (before + after)) / perSec : 0;
  const change = (1000 * (after - before)) / perSec;
  pod.backlogVarianceMs2[p] = (change * change) / 12;
}

/** The stationary part of waiting, and the own time of each operation. */
function setOwnTimes(parts: StationParts, p: number): void {
  const { graph, index, state } = parts;
  const { pod, slot } = state;
  const from = index.firstSlot[p] as number;
  const until = index.firstSlot[p + 1] as number;
  const factor = pod.demandFactor[p] as number;
  const served = 1 - (pod.rejectShare[p] as number);
  let requests = 0;
  let workMs = 0;
  let squares = 0;
  for (let i = from; i < until; i += 1) {
    const { cpuMs, scv } = graph.operations[index.slotOperation[i] as number] as OperationSpec;
    const demandMs = cpuMs * factor;
    const arrivals = (slot.arrivals[i] as number) * served;
    requests += arrivals;
    workMs += arrivals * demandMs;
    squares += arrivals * demandMs * demandMs * (1 + scv);
  }
  setStation(pod, p, { requests, workMs, squares });
  pod.throttledRatio[p] = throttledRatio(index.cpuLimitCores[p] as number, {
    workMs: (pod.servedShare[p] as number) < 1 ? Number.POSITIVE_INFINITY : workMs,
    squares,
  });
  const backlogMs = pod.backlogWaitMs[p] as number;
  const waitMs = delay.waitMeanMs + backlogMs;
  const cores = pod.capacityCores[p] as number;
  const backlogNoise =
    requests > 0 ? (backlogMs * squares) / (Math.max(workMs, 1e-9) * Math.max(cores, 1e-3)) : 0;
  const waitVariance = delay.waitVarianceMs2 + (pod.backlogVarianceMs2[p] as number) + backlogNoise;
  for (let i = from; i < until; i += 1) {
    const operation = graph.operations[index.slotOperation[i] as number] as OperationSpec;
    const busyMs = operation.cpuMs * factor * delay.stretch;
    slot.ownMs[i] = busyMs + waitMs + operation.waitMs;
    slot.ownVarianceMs2[i] =
      busyMs * busyMs * (operation.scv + delay.spread) +
      waitVariance +
      waitScv * operation.waitMs * operation.waitMs;
  }
}

/**
 * Moves the pod's effective utilisation towards the present one and reads the queueing formulas
 * there.
 */
function setStation(
  pod: PodState['pod'],
  p: number,
  arrived: { requests: number; workMs: number; squares: number },
): void {
  const { requests, workMs, squares } = arrived;
  load.cores = pod.capacityCores[p] as number;
  if (workMs <= 0 || load.cores <= 0) {
    pod.utilisation[p] = 0;
    delay.waitMeanMs = 0;
    delay.waitVarianceMs2 = 0;
    delay.stretch = 1;
    delay.spread = 0;
    return;
  }
  load.serviceMs = workMs / requests;
  load.scv = Math.max(0, (squares * requests) / (workMs * workMs) - 1);
  load.utilisation = Math.min(utilisationMax, workMs / (load.cores * 1000));
  const timeConstantMs = relaxationMs(load);
  const known = pod.utilisation[p] as number;
  if (timeConstantMs > 40) {
    load.utilisation = known + (load.utilisation - known) * (1 - Math.exp(-1000 / timeConstantMs));
  }
  pod.utilisation[p] = load.utilisation;
  stationDelay(delay, load);
}

/**
 * Share of CFS periods in which the work that arrives exceeds the quota; the work of a period is
 * taken as normal, so it is too low for a few long requests per period.
 */
function throttledRatio(cores: number, arrived: { workMs: number; squares: number }): number {
  const { workMs, squares } = arrived;
  if (workMs === Number.POSITIVE_INFINITY) return 1;
  const sd = Math.sqrt(squares * quotaPeriodSec);
  if (sd <= 0) return 0;
  const z = (quotaPeriodSec * (1000 * cores - workMs)) / sd;
  return z > 8 ? 0 : normalCdf(-z);
}
