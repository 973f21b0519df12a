import { normalCdf } from '../../core/tools/index.ts';
import { createThrottling, periodMs } from './cfs-quota.ts';
import { createStationDelay, relaxationMs, type StationLoad, stationDelay } from './queueing.ts';
import {
  addedWaitMs,
  addOffered,
  createOffered,
  isShared,
  nodeCoresOf,
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
  if (!isKnown(parts, p)) setStation(parts, p);
  pod.utilisation[p] = station.utilisation;
  pod.memoryMs[p] = station.memoryMs;
  pod.standing[p] = station.standing;
  pod.throttledRatio[p] = station.throttledRatio;
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

/** What a station was worked out from, and what of it is the pod's; NaN: none yet. */
const station = {
  isShared: false,
  seconds: 0,
  requests: Number.NaN,
  workMs: Number.NaN,
  squares: Number.NaN,
  cores: Number.NaN,
  limit: Number.NaN,
  nodeCores: Number.NaN,
  servedShare: Number.NaN,
  waitFactor: Number.NaN,
  waitFactor2: Number.NaN,
  before: Number.NaN,
  utilisation: Number.NaN,
  memoryMs: Number.NaN,
  standing: Number.NaN,
  throttledRatio: Number.NaN,
};

/**
 * Whether the pod's station is the one that was worked out last, to the bit: pods of a service
 * mostly have the same load, one after the other.
 */
function isKnown(parts: StationParts, p: number): boolean {
  const { index, state, seconds } = parts;
  const { pod } = state;
  return (
    offered.workMs === station.workMs &&
    offered.requests === station.requests &&
    offered.squares === station.squares &&
    isShared(parts, p) === station.isShared &&
    pod.utilisation[p] === station.before &&
    pod.capacityCores[p] === station.cores &&
    index.cpuLimitCores[p] === station.limit &&
    pod.servedShare[p] === station.servedShare &&
    pod.waitFactor[p] === station.waitFactor &&
    pod.waitFactor2[p] === station.waitFactor2 &&
    nodeCoresOf(parts, p) === station.nodeCores &&
    seconds === station.seconds
  );
}

function setStation(parts: StationParts, p: number): void {
  const { index, state } = parts;
  const { pod } = state;
  station.isShared = isShared(parts, p);
  station.seconds = parts.seconds;
  station.requests = offered.requests;
  station.workMs = offered.workMs;
  station.squares = offered.squares;
  station.cores = pod.capacityCores[p] as number;
  station.limit = index.cpuLimitCores[p] as number;
  station.nodeCores = nodeCoresOf(parts, p);
  station.servedShare = pod.servedShare[p] as number;
  station.waitFactor = pod.waitFactor[p] as number;
  station.waitFactor2 = pod.waitFactor2[p] as number;
  station.before = pod.utilisation[p] as number;
  setDelay(parts.seconds);
  station.throttledRatio = throttledRatio();
}

/**
 * Moves the station's effective utilisation towards the present one and reads the queueing formulas
 * there. Above saturation, what chance adds to the backlog is the queue of the inverse utilisation
 * (the M/M/1 queue and its dual).
 */
function setDelay(seconds: number): void {
  const { requests, workMs } = offered;
  load.cores = station.cores;
  if (workMs <= 0 || load.cores <= 0) {
    station.utilisation = 0;
    station.standing = 0;
    station.memoryMs = 0;
    delay.waitMeanMs = 0;
    delay.waitVarianceMs2 = 0;
    delay.stretch = 1;
    delay.spread = 0;
    throttling.ratio = 0;
    return;
  }
  load.serviceMs = workMs / requests;
  load.scv = offered.scv;
  load.shared = station.isShared;
  load.workers = load.shared ? station.nodeCores || 1 : Math.max(1, load.cores);
  const present = workMs / (load.cores * 1000);
  load.utilisation = Math.min(utilisationMax, present > 1 ? 1 / present : present);
  const timeConstantMs = relaxationMs(load);
  station.memoryMs = timeConstantMs;
  const { before } = station;
  if (timeConstantMs > 40) {
    load.utilisation =
      before + (load.utilisation - before) * (1 - Math.exp((-1000 * seconds) / timeConstantMs));
  }
  station.utilisation = load.utilisation;
  stationDelay(delay, throttling, load);
  boundDelay(station.waitFactor, station.waitFactor2);
  const perMs = Math.min(requests / 1000, load.cores / load.serviceMs);
  station.standing = perMs * (load.serviceMs * delay.stretch + delay.waitMeanMs);
}

/** Who is let in where places are few waits behind fewer. */
function boundDelay(factor: number, factor2: number): void {
  if (factor === 1) return;
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
function throttledRatio(): number {
  const { workMs, squares } = offered;
  if (station.servedShare < 1 && workMs > 0) return 1;
  if (load.cores < load.workers && workMs > 0) return throttling.ratio;
  const sd = Math.sqrt((squares * periodMs) / 1000);
  if (sd <= 0) return 0;
  const z = (periodMs * (station.limit - workMs / 1000)) / sd;
  return z > 8 ? 0 : normalCdf(-z);
}
