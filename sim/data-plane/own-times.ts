import { normalCdf } from '../../core/tools/index.ts';
import { createThrottling, periodMs } from './cfs-quota.ts';
import { createStationDelay, relaxationMs, type StationLoad, stationDelay } from './queueing.ts';
import {
  addedWaitMs,
  addOffered,
  createOffered,
  isShared,
  type StationParts,
  slotCpuMs,
} from './station-parts.ts';

/** The stationary formulas go up to here; above, the backlog carries the rest. */
const utilisationMax = 0.98;
/** Squared coefficient of variation of waiting that uses no CPU. */
const waitScv = 0.5;

const delay = createStationDelay();
const throttling = createThrottling();
const offered = createOffered();
const load: StationLoad = {
  utilisation: 0,
  serviceMs: 0,
  scv: 0,
  cores: 1,
  workers: 1,
  shared: false,
};

/** The stationary part of waiting, and the own time of each operation. */
export function setOwnTimes(parts: StationParts, p: number): void {
  const { graph, index, state } = parts;
  const { pod, slot } = state;
  addOffered(offered, parts, p);
  setStation(parts, p);
  pod.throttledRatio[p] = throttledRatio(parts, p);
  const { requests, workMs, squares } = offered;
  const factor = pod.demandFactor[p] as number;
  const backlogMs = pod.backlogWaitMs[p] as number;
  const waitMs = delay.waitMeanMs + backlogMs;
  const cores = pod.capacityCores[p] as number;
  const backlogNoise =
    requests > 0 ? (backlogMs * squares) / (Math.max(workMs, 1e-9) * Math.max(cores, 1e-3)) : 0;
  const waitVariance = delay.waitVarianceMs2 + (pod.backlogVarianceMs2[p] as number) + backlogNoise;
  const { scv, waitMs: ownWaitMs } = graph.work;
  const from = index.firstSlot[p] as number;
  for (let i = from; i < (index.firstSlot[p + 1] as number); i += 1) {
    const o = index.slotOperation[i] as number;
    const idleMs = (ownWaitMs[o] as number) + addedWaitMs(parts, i);
    const busyMs = slotCpuMs(parts, i) * factor * delay.stretch;
    slot.ownMs[i] = busyMs + waitMs + idleMs;
    slot.ownVarianceMs2[i] =
      busyMs * busyMs * ((scv[o] as number) + delay.spread) +
      waitVariance +
      waitScv * idleMs * idleMs;
  }
}

/**
 * Moves the pod's effective utilisation towards the present one and reads the queueing formulas
 * there. Above saturation, what chance adds to the backlog is the queue of the inverse utilisation
 * (the M/M/1 queue and its dual).
 */
function setStation(parts: StationParts, p: number): void {
  const { pod } = parts.state;
  const { requests, workMs } = offered;
  load.cores = pod.capacityCores[p] as number;
  if (workMs <= 0 || load.cores <= 0) {
    pod.utilisation[p] = 0;
    pod.standing[p] = 0;
    pod.memoryMs[p] = 0;
    delay.waitMeanMs = 0;
    delay.waitVarianceMs2 = 0;
    delay.stretch = 1;
    delay.spread = 0;
    throttling.ratio = 0;
    known.utilisation = Number.NaN;
    return;
  }
  load.serviceMs = workMs / requests;
  load.scv = offered.scv;
  load.shared = isShared(parts, p);
  load.workers = load.shared ? nodeCores(parts, p) : Math.max(1, load.cores);
  const present = workMs / (load.cores * 1000);
  load.utilisation = Math.min(utilisationMax, present > 1 ? 1 / present : present);
  const timeConstantMs = relaxationMs(load);
  pod.memoryMs[p] = timeConstantMs;
  const before = pod.utilisation[p] as number;
  if (timeConstantMs > 40) {
    load.utilisation =
      before +
      (load.utilisation - before) * (1 - Math.exp((-1000 * parts.seconds) / timeConstantMs));
  }
  pod.utilisation[p] = load.utilisation;
  setDelay();
  boundDelay(pod.waitFactor[p] as number, pod.waitFactor2[p] as number);
  const perMs = Math.min(requests / 1000, load.cores / load.serviceMs);
  pod.standing[p] = perMs * (load.serviceMs * delay.stretch + delay.waitMeanMs);
}

/** The load that `delay` and `throttling` were worked out for; NaN: for none, or changed since. */
const known: StationLoad = { ...load, utilisation: Number.NaN };

/** Pods of a service mostly have the same load to the bit, one after the other. */
function setDelay(): void {
  const isKnown =
    load.utilisation === known.utilisation &&
    load.serviceMs === known.serviceMs &&
    load.scv === known.scv &&
    load.cores === known.cores &&
    load.workers === known.workers &&
    load.shared === known.shared;
  if (isKnown) return;
  stationDelay(delay, throttling, load);
  known.utilisation = load.utilisation;
  known.serviceMs = load.serviceMs;
  known.scv = load.scv;
  known.cores = load.cores;
  known.workers = load.workers;
  known.shared = load.shared;
}

function nodeCores({ index }: StationParts, p: number): number {
  return index.nodes[index.podNode[p] as number]?.cpuCores ?? 1;
}

/** Who is let in where places are few waits behind fewer. */
function boundDelay(factor: number, factor2: number): void {
  if (factor === 1) return;
  known.utilisation = Number.NaN;
  const mean = delay.waitMeanMs;
  const second = delay.waitVarianceMs2 + mean * mean;
  delay.waitMeanMs = mean * factor;
  delay.waitVarianceMs2 = Math.max(0, second * factor2 - delay.waitMeanMs * delay.waitMeanMs);
  delay.stretch = 1 + (delay.stretch - 1) * factor;
}

/**
 * Share of CFS periods that run out. Pools of whole cores hardly ever run out by their own threads;
 * what a runtime does beside them makes it the share in which the work that arrives exceeds the
 * quota, taken as normal.
 */
function throttledRatio({ index, state }: StationParts, p: number): number {
  const { workMs, squares } = offered;
  if ((state.pod.servedShare[p] as number) < 1 && workMs > 0) return 1;
  if (load.cores < load.workers && workMs > 0) return throttling.ratio;
  const sd = Math.sqrt((squares * periodMs) / 1000);
  if (sd <= 0) return 0;
  const z = (periodMs * ((index.cpuLimitCores[p] as number) - workMs / 1000)) / sd;
  return z > 8 ? 0 : normalCdf(-z);
}
