import { refineCpu } from './refine-cpu.ts';
import {
  type CpuSplit,
  clearFrom,
  delayError,
  noiseShare,
  scatterMin,
  splitCpu,
  waitScv,
} from './split-cpu.ts';
import {
  limitDelay,
  meanDelay,
  type StationDelay,
  scaleDelay,
  splitDelay,
} from './station-delay.ts';
import {
  cpuPerRequest,
  describeSelfTime,
  type SelfTime,
  type WorkEvidence,
  weighted,
} from './work-evidence.ts';

export interface FittedWork {
  readonly cpuMs: number;
  readonly waitMs: number;
  readonly scv: number;
}

export interface ServiceWork {
  readonly operations: readonly FittedWork[];
  /** CPU time per request over all operations, and its standard error, ms; null when not seen. */
  readonly meanCpuMs: number | null;
  readonly cpuErrorMs: number | null;
  /** Of all pods without requests; the twin has no such use, so it is left out. */
  readonly idleCores: number;
  /** CPU use as a share of the limits. */
  readonly utilization: number;
  /** Of queueing, per request. */
  readonly delayMs: number;
  readonly split: CpuSplit['split'];
  /** Whether enough responses show how the work scatters. */
  readonly scatterSeen: boolean;
}

const utilizationMax = 0.95;
/** Without CPU metrics, services are taken to use this much of their limits at most. */
const unseenUtilizationMax = 0.5;
/** Work that scatters less or more than this has not been seen. */
const scvRange = { low: 0.05, high: 5 } as const;
/** An exponential's. */
const usualScv = 1;
const searchSteps = 12;

/** What does not depend on how the work scatters. */
interface Station {
  readonly evidence: WorkEvidence;
  readonly selfTimes: readonly SelfTime[];
  readonly shares: readonly number[];
  readonly wantedMs: number;
  readonly wantedErrorMs: number;
  readonly utilization: number;
  /** By which queueing differs from the formulas. */
  readonly delayFactor: number;
}

/**
 * CPU time, waiting and variability of a service's operations. The CPU time per request is CPU use
 * over request rate; own times less queueing, from the twin's own formulas, say how operations
 * share it and how long they wait. How much the work scatters, on which queueing depends, is the
 * value at which the model's variance of own times is the one seen. What the mix of requests adds
 * over time comes in by non-negative least squares.
 */
export function fitWork(evidence: WorkEvidence, delayFactor = 1): ServiceWork {
  const { operations, pods, limitCores } = evidence;
  const rate = operations.reduce((sum, { requestsPerSec }) => sum + requestsPerSec, 0);
  const shares = operations.map(({ requestsPerSec }) =>
    rate > 0 ? requestsPerSec / rate : 1 / operations.length,
  );
  const selfTimes = operations.map(({ selfMs }) => describeSelfTime(selfMs));
  const selfMeanMs = weighted(
    shares,
    selfTimes.map(({ meanMs }) => meanMs),
  );
  const seen = cpuPerRequest(evidence);
  const capMs = rate > 0 ? (1000 * unseenUtilizationMax * pods * limitCores) / rate : Infinity;
  // Whoever works on one request at a time cannot use more CPU than time.
  const wantedMs = Math.min(seen?.ms ?? capMs, selfMeanMs > 0 ? selfMeanMs : Infinity);
  const utilization = Math.min(utilizationMax, (rate * wantedMs) / (1000 * pods * limitCores));
  const idleCores = seen?.idleCores ?? 0;
  const cpuCores = evidence.cpuCores?.map((cores) => cores - idleCores) ?? null;
  const station = {
    evidence: { ...evidence, cpuCores },
    selfTimes,
    shares,
    wantedMs,
    wantedErrorMs: seen?.errorMs ?? 0,
    utilization,
    delayFactor,
  };
  const scatterSeen = selfTimes.some(({ count }) => count >= scatterMin) && wantedMs > 0;
  const { fitted, split, delayMs } = fitAt(
    station,
    scatterSeen ? findScv(station) : usualScv,
    true,
  );
  return {
    operations: fitted,
    meanCpuMs: seen?.ms ?? null,
    cpuErrorMs: seen?.errorMs ?? null,
    idleCores,
    utilization,
    delayMs,
    split,
    scatterSeen,
  };
}

interface Trial {
  readonly fitted: readonly FittedWork[];
  readonly split: CpuSplit['split'];
  readonly delayMs: number;
  /** The model's queues alone would make own times longer than those seen. */
  readonly isTooLong: boolean;
  /** The model's variance of own times over the one seen, by traffic. */
  readonly varianceRatio: number;
}

/** Bisection: the more the work scatters, the more its own times do, and the longer they are. */
function findScv(station: Station): number {
  let { low, high } = scvRange as { low: number; high: number };
  for (let step = 0; step < searchSteps; step += 1) {
    const middle = (low + high) / 2;
    const { varianceRatio, isTooLong } = fitAt(station, middle, false);
    if (varianceRatio < 1 && !isTooLong) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The fit when all operations' work has this squared coefficient of variation. */
function fitAt(station: Station, scv: number, isFinal: boolean): Trial {
  const { evidence, selfTimes, shares, wantedMs, wantedErrorMs, utilization } = station;
  const means = selfTimes.map(({ meanMs }) => meanMs);
  const selfMeanMs = weighted(shares, means);
  let cpuMs: readonly number[] = means.map((ms) =>
    selfMeanMs > 0 ? (wantedMs * ms) / selfMeanMs : wantedMs,
  );
  let fitted: readonly FittedWork[] = [];
  let split: CpuSplit['split'] = 'single';
  let delay: StationDelay | null = null;
  let isTooLong = false;
  const errorsMs = selfTimes.map(({ errorMs }) => (Number.isFinite(errorMs) ? errorMs : 0));
  const leftMs = selfMeanMs + 2 * Math.hypot(...errorsMs.map((ms, i) => ms * (shares[i] ?? 0)));
  // Queueing depends on how operations share the CPU, which depends on what queueing leaves.
  for (let round = 0; round < 2; round += 1) {
    const load = { utilization, serviceMs: wantedMs, cores: evidence.limitCores };
    const predicted = splitDelay({ ...load, scv: stationScv(shares, cpuMs, scv) });
    const scaled = scaleDelay(predicted, station.delayFactor);
    isTooLong = meanDelay(scaled, wantedMs) + wantedMs > leftMs;
    const limited = limitDelay(scaled, wantedMs, selfMeanMs);
    const busyMs = means.map((ms) => Math.max(0, ms - limited.waitMs) / limited.stretch);
    const guess = splitCpu({ selfTimes, shares, busyMs, wantedMs, wantedErrorMs, delay: limited });
    const isRefined = isFinal && guess.split !== 'single';
    cpuMs = isRefined ? refineCpu(evidence, guess, busyMs) : guess.cpuMs;
    split = guess.split;
    delay = limited;
    fitted = cpuMs.map((ms, i) => ({
      cpuMs: ms,
      waitMs: guess.hasWait ? waitOf(selfTimes[i] as SelfTime, ms, limited) : 0,
      scv: Number(scv.toFixed(2)),
    }));
  }
  const model = fitted.map((one) => (delay ? ownVariance(one, scv, delay) : 0));
  const seen = selfTimes.map(({ varianceMs2 }) => varianceMs2);
  const varianceRatio = weighted(shares, model) / weighted(shares, seen);
  const delayMs = delay ? meanDelay(delay, wantedMs) : 0;
  return { fitted, split, delayMs, isTooLong, varianceRatio };
}

/** What CPU time and queueing leave of the own time, when it is clear. */
function waitOf({ meanMs, errorMs }: SelfTime, cpuMs: number, delay: StationDelay): number {
  const busyMs = cpuMs * delay.stretch;
  const restMs = meanMs - busyMs - delay.waitMs;
  const doubtMs = delayError * (delay.waitMs + busyMs - cpuMs);
  const clearMs = Math.max(clearFrom.single * errorMs, noiseShare * busyMs);
  return restMs - doubtMs > clearMs ? restMs : 0;
}

function ownVariance({ cpuMs, waitMs }: FittedWork, scv: number, delay: StationDelay): number {
  const busyMs = cpuMs * delay.stretch;
  return busyMs * busyMs * (scv + delay.spread) + delay.waitVarianceMs2 + waitScv * waitMs * waitMs;
}

/** Squared coefficient of variation of the CPU time of all requests together. */
function stationScv(shares: readonly number[], cpuMs: readonly number[], scv: number): number {
  const first = weighted(shares, cpuMs);
  const second = weighted(
    shares,
    cpuMs.map((ms) => ms * ms * (1 + scv)),
  );
  return first > 0 ? Math.max(0, second / (first * first) - 1) : scv;
}
