import {
  mean,
  median,
  medianAbsoluteDeviation,
  quantile,
  standardDeviation,
} from '../../core/tools/index.ts';
import type { WindowedValues } from './metric-facts.ts';

/** What is known of one service's pods before its work is fitted. */
export interface WorkEvidence {
  readonly operations: readonly {
    readonly key: string;
    readonly requestsPerSec: number;
    readonly byWindow: WindowedValues;
    /** Own time of good responses, ms. */
    readonly selfMs: readonly number[];
  }[];
  /**
   * Requests per second of the service as it counts them itself, per window; null when it does not.
   */
  readonly countedPerSec: WindowedValues | null;
  /** Cores in use by all pods, per window; null when no metric tells. */
  readonly cpuCores: WindowedValues | null;
  /** Per pod; the node's where there is no limit. */
  readonly limitCores: number;
  readonly pods: number;
}

/** How long an operation's requests keep its own process, ms. */
export interface SelfTime {
  readonly count: number;
  readonly meanMs: number;
  readonly varianceMs2: number;
  /** Standard error of the mean. */
  readonly errorMs: number;
}

/** Cores of a process without requests: Sock Shop's idlest take 0.0007, its broker 0.0065. */
const usualIdle = { low: 0.0007, high: 0.0065 } as const;
/** Anything in between is as likely: the middle, and the standard deviation of that. */
const usualIdleCores: number = (usualIdle.low + usualIdle.high) / 2;
const usualIdleError: number = (usualIdle.high - usualIdle.low) / Math.sqrt(12);
/** Minutes whose request rates tell that of the one between them without sharing its chance. */
const instrumentLag = 2;
/** Minutes so many standard deviations off, as after a cold start, do not count. */
const oddFrom = 5;
/** Times above this quantile are taken down to it before their scatter is measured. */
const winsorizedFrom = 0.995;

/** Mean and scatter of own times; a pause of the process must not pass for variable work. */
export function describeSelfTime(selfMs: readonly number[]): SelfTime {
  const count = selfMs.length;
  if (count === 0) return { count, meanMs: 0, varianceMs2: 0, errorMs: Number.POSITIVE_INFINITY };
  const most = quantile(selfMs, winsorizedFrom);
  const sd = standardDeviation(selfMs.map((ms) => Math.min(ms, most)));
  const errorMs = standardDeviation(selfMs) / Math.sqrt(count);
  return { count, meanMs: mean(selfMs), varianceMs2: sd * sd, errorMs };
}

/** What a service's pods use the CPU for. */
export interface CpuUse {
  /** Per request. */
  readonly ms: number;
  readonly errorMs: number;
  /** Of all pods without any request. */
  readonly idleCores: number;
}

/**
 * CPU use over request rate in the minutes that are not out of the ordinary, less what processes
 * use without requests. A steady load cannot tell the two apart; the usual idle use then decides.
 */
export function cpuPerRequest({
  operations,
  countedPerSec,
  cpuCores,
  pods,
}: WorkEvidence): CpuUse | null {
  if (!cpuCores) return null;
  const minutes: Minute[] = [];
  for (let w = 0; w < cpuCores.length; w += 1) {
    let rate = countedPerSec?.[w] ?? 0;
    if (!countedPerSec) for (const { byWindow } of operations) rate += byWindow[w] ?? Number.NaN;
    const cores = cpuCores[w] as number;
    if (Number.isFinite(cores / rate)) minutes.push({ rate, cores });
  }
  if (minutes.length === 0) return null;
  const ratios = minutes.map(({ rate, cores }) => cores / rate);
  const centre = median(ratios);
  const scale = 1.4826 * medianAbsoluteDeviation(ratios, centre);
  const usual = minutes.filter((_, i) => {
    return Math.abs((ratios[i] as number) - centre) <= oddFrom * scale;
  });
  const ms = (1000 * sumOf(usual, ({ cores }) => cores)) / sumOf(usual, ({ rate }) => rate);
  const idle = idleUse(usual, pods, ms / 1000);
  const rate = sumOf(usual, (minute) => minute.rate) / usual.length;
  return {
    ms: Math.max(0.5 * ms, ms - (1000 * idle.cores) / rate),
    errorMs: (1000 * idle.error) / rate,
    idleCores: idle.cores,
  };
}

interface Minute {
  readonly rate: number;
  readonly cores: number;
}

function sumOf<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((sum, item) => sum + read(item), 0);
}

/**
 * CPU without requests: where a line through CPU use and request rate meets a rate of zero, as far
 * as the load moved enough to tell, with the usual idle use as prior and its range as bounds. The
 * number of requests in a minute has a chance of its own, which would flatten the line; the rates
 * of minutes around it have not, and stand in for it (an instrumental variable, Wright 1928).
 */
function idleUse(
  minutes: readonly Minute[],
  pods: number,
  coresPerRequest: number,
): { cores: number; error: number } {
  const noise = noiseVariance(minutes.map(({ rate, cores }) => cores - rate * coresPerRequest));
  const points = minutes.slice(instrumentLag, -instrumentLag).map(({ rate, cores }, i) => {
    const around = [minutes[i], minutes[i + 2 * instrumentLag]] as [Minute, Minute];
    return { rate, cores, instrument: (around[0].rate + around[1].rate) / 2 };
  });
  const n = points.length;
  const means = {
    rate: sumOf(points, ({ rate }) => rate) / n,
    cores: sumOf(points, ({ cores }) => cores) / n,
    instrument: sumOf(points, ({ instrument }) => instrument) / n,
  };
  let own = 0;
  let withRate = 0;
  let withCores = 0;
  for (const { rate, cores, instrument } of points) {
    const moved = instrument - means.instrument;
    own += moved * moved;
    withRate += moved * (rate - means.rate);
    withCores += moved * (cores - means.cores);
  }
  const prior = 1 / (usualIdleError * pods) ** 2;
  const isSeen = noise > 0 && withRate > 0;
  const line = isSeen ? means.cores - (means.rate * withCores) / withRate : 0;
  const lineVariance = isSeen ? noise * (1 / n + (own * means.rate ** 2) / withRate ** 2) : 1;
  const seen = isSeen ? 1 / lineVariance : 0;
  const best = (prior * usualIdleCores * pods + seen * line) / (prior + seen);
  const cores = Math.min(usualIdle.high * pods, Math.max(usualIdle.low * pods, best));
  return { cores, error: 1 / Math.sqrt(prior + seen) };
}

/** Variance per window, enlarged for what neighbouring windows have in common; 0 when unknown. */
export function noiseVariance(residuals: readonly number[]): number {
  if (residuals.length < 8) return 0;
  const scale = 1.4826 * medianAbsoluteDeviation(residuals);
  let products = 0;
  let squares = 0;
  for (let i = 1; i < residuals.length; i += 1) {
    products += (residuals[i] as number) * (residuals[i - 1] as number);
    squares += (residuals[i] as number) ** 2;
  }
  const phi = squares > 0 ? Math.min(0.95, Math.max(0, products / squares)) : 0;
  return (scale * scale * (1 + phi)) / (1 - phi);
}

/** The mean of the values under these weights, which sum to one. */
export function weighted(weights: readonly number[], values: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + (weights[i] as number) * value, 0);
}
