/** Queueing theory in closed form; all of it is tested against known results in test/theory. */
import { createThrottling, periodMs, type Throttling, throttle } from './cfs-quota.ts';

/** Mean and variance of a time. */
export interface Moments {
  meanMs: number;
  varianceMs2: number;
}

/** What a station does to every request, whatever its own demand. */
export interface StationDelay {
  /** Waiting before service starts. */
  waitMeanMs: number;
  waitVarianceMs2: number;
  /** Service takes this many times its CPU demand (processor sharing, CFS throttling); >= 1. */
  stretch: number;
  /** Added to the demand's squared coefficient of variation while it is stretched. */
  spread: number;
}

/**
 * A station's load: `utilisation` in [0, 1) of `cores` > 0, mean demand and its scv over all
 * requests. Either a pool of workers as wide as the cores, first come first served, or a thread per
 * request, `shared`: all run at once on the `workers` cores of a node.
 */
export interface StationLoad {
  utilisation: number;
  serviceMs: number;
  scv: number;
  cores: number;
  workers: number;
  shared: boolean;
}

export function createStationDelay(): StationDelay {
  return { waitMeanMs: 0, waitVarianceMs2: 0, stretch: 1, spread: 0 };
}

/**
 * P(wait > 0) in M/M/c (Erlang's C formula, by the stable recursion for Erlang B). `servers` is a
 * whole number, `utilisation` in [0, 1). Cost: one division per server.
 */
export function erlangC(servers: number, utilisation: number): number {
  const offered = servers * utilisation;
  let blocked = 1;
  for (let k = 1; k <= servers; k += 1) blocked = (offered * blocked) / (k + offered * blocked);
  return blocked / (1 - utilisation * (1 - blocked));
}

/**
 * First-come-first-served wait in M/G/c with whole c: Erlang C times Allen-Cunneen's (1 + scv)/2.
 * Exact for M/M/c, for the mean of M/G/1 (Pollaczek-Khinchine) and, with gamma service, for its
 * variance (Takács). Off by some percent for c > 1 and scv far from 1.
 */
function waitingMoments(
  out: Moments,
  load: Pick<StationLoad, 'utilisation' | 'serviceMs' | 'scv'>,
  servers: number,
): void {
  const { utilisation, serviceMs, scv } = load;
  const waits = erlangC(servers, utilisation);
  const whenWaitingMs = (serviceMs * (1 + scv)) / (2 * servers * (1 - utilisation));
  const mean = waits * whenWaitingMs;
  const second =
    servers === 1
      ? 2 * mean * mean +
        (utilisation * serviceMs * serviceMs * (1 + scv) * (1 + 2 * scv)) / (3 * (1 - utilisation))
      : 2 * waits * whenWaitingMs * whenWaitingMs;
  out.meanMs = mean;
  out.varianceMs2 = second - mean * mean;
}

/**
 * Processor sharing on whole `cores`: the mean of M/M/c whatever the scv (exact for one core,
 * M/G/1-PS); the variance is exact for exponential demand on one core (Coffman, Muntz, Trotter
 * 1970) and an approximation otherwise.
 */
export function sharingDelay(out: StationDelay, utilisation: number, cores: number): void {
  const waits = erlangC(cores, utilisation);
  out.waitMeanMs = 0;
  out.waitVarianceMs2 = 0;
  out.stretch = 1 + waits / (cores * (1 - utilisation));
  out.spread = (2 * waits) / (2 - waits);
}

const below: Moments = { meanMs: 0, varianceMs2: 0 };
const unthrottled = { utilisation: 0, serviceMs: 0, scv: 0 };
const above: Moments = { meanMs: 0, varianceMs2: 0 };

/**
 * The delay of a pod with a CPU limit. A pool is first come first served (between whole numbers of
 * cores linear at equal utilisation); below one core a CFS quota stops its only worker. Threads
 * share the cores of the node, or a quota of them.
 */
export function stationDelay(out: StationDelay, throttling: Throttling, load: StationLoad): void {
  const { cores, workers, shared } = load;
  throttle(throttling, load);
  if (shared) {
    if (cores < workers) sharedQuotaDelay(out, throttling, load);
    else sharingDelay(out, load.utilisation, Math.max(1, Math.floor(cores)));
    return;
  }
  if (cores < 1) {
    pooledQuotaDelay(out, throttling, load);
    return;
  }
  const whole = Math.floor(cores);
  const part = cores - whole;
  waitingMoments(below, load, whole);
  if (part > 0) waitingMoments(above, load, whole + 1);
  out.waitMeanMs = part > 0 ? below.meanMs * (1 - part) + above.meanMs * part : below.meanMs;
  out.waitVarianceMs2 =
    part > 0 ? below.varianceMs2 * (1 - part) + above.varianceMs2 * part : below.varianceMs2;
  out.stretch = 1;
  out.spread = 0;
}

/**
 * Threads under a quota: by Little's law the delay is the number that waits, each with its residual
 * demand, over the rate. Short requests wait for the next period; where more than a period's budget
 * waits they share it, and the delay grows with the demand.
 */
function sharedQuotaDelay(out: StationDelay, throttling: Throttling, load: StationLoad): void {
  const { utilisation, serviceMs, scv, cores } = load;
  const residualMs = 0.5 * serviceMs * (1 + scv);
  const delayMs = (throttling.waitingMs * serviceMs) / (utilisation * cores * residualMs);
  const square = delayMs * delayMs;
  const carried = throttling.carriedMs;
  const part = carried > 0 ? carried / (carried + cores * periodMs) : 0;
  out.stretch = 1 + (part * delayMs) / serviceMs;
  out.spread = 0;
  out.waitMeanMs = (1 - part) * delayMs;
  // Who is stopped waits about exponentially long, longer with more demand; sharing spreads it.
  const varianceMs2 =
    scv * serviceMs * serviceMs +
    2 * serviceMs * delayMs +
    (throttling.hitShare > 0 ? ((1 + scv) * square) / throttling.hitShare - square : 0) +
    (square * 2 * utilisation) / (2 - utilisation);
  const busyMs = serviceMs * out.stretch;
  out.waitVarianceMs2 = Math.max(0, varianceMs2 - scv * busyMs * busyMs);
}

/**
 * One worker under a quota below one core: M/G/1 at full speed, and beyond it what periods carry
 * over; it waits while throttled and falls about linearly while not.
 */
function pooledQuotaDelay(out: StationDelay, throttling: Throttling, load: StationLoad): void {
  const { utilisation, serviceMs, scv, cores } = load;
  unthrottled.utilisation = utilisation * cores;
  unthrottled.serviceMs = serviceMs;
  unthrottled.scv = scv;
  waitingMoments(below, unthrottled, 1);
  out.stretch = 1;
  out.spread = 0;
  out.waitMeanMs = below.meanMs;
  out.waitVarianceMs2 = below.varianceMs2;
  const { carriedMs, waitingMs, timeShare, ratio } = throttling;
  if (ratio <= 0) return;
  const kept = Math.max(0, 1 - below.meanMs / carriedMs);
  const decay = (2 * (1 - utilisation) * cores * periodMs) / (serviceMs * (1 + scv));
  const open = 0.5 * cores * (1 + Math.exp(-decay * (1 - cores)));
  const workMs = waitingMs + kept * carriedMs * open;
  const waiting = workMs / serviceMs + timeShare * (0.5 - 0.5 * scv);
  const delayMs = Math.max(0, (waiting * serviceMs) / (utilisation * cores));
  out.waitMeanMs += delayMs;
  // A delay is about exponential for those who meet one, and follows the demand's law.
  const hitShare = Math.min(1, Math.max(throttling.hitShare, timeShare + kept * ratio * open));
  out.waitVarianceMs2 += Math.max(0, ((1 + scv) / hitShare - 1) * delayMs * delayMs);
}

/**
 * Mean and variance of the time in a stable station (utilisation below 1) for one class of
 * requests.
 */
export function sojournMoments(options: {
  arrivalsPerSec: number;
  serviceMs: number;
  scv: number;
  cores: number;
}): Moments {
  const { arrivalsPerSec, serviceMs, scv, cores } = options;
  const delay = createStationDelay();
  stationDelay(delay, createThrottling(), {
    utilisation: (arrivalsPerSec * serviceMs) / (1000 * cores),
    serviceMs,
    scv,
    cores,
    workers: Math.max(1, cores),
    shared: false,
  });
  const busyMs = serviceMs * delay.stretch;
  return {
    meanMs: busyMs + delay.waitMeanMs,
    varianceMs2: busyMs * busyMs * (scv + delay.spread) + delay.waitVarianceMs2,
  };
}

/**
 * The ratio of the geometric tail of the number in M/G/1 that gives its mean (in M/M/1 and under
 * processor sharing the utilisation itself); `utilisation` in (0, 1).
 */
export function queueRatioOf(utilisation: number, scv: number, shared: boolean): number {
  if (shared) return utilisation;
  const odds = (0.5 * (1 + scv) * utilisation) / (1 - utilisation);
  return odds / (1 + odds);
}

/**
 * How long a station needs to come near its stationary state, in ms: the relaxation time of M/M/1,
 * S / (c (1 − √ρ)²) (Abate and Whitt 1987).
 */
export function relaxationMs(load: StationLoad): number {
  const gap = 1 - Math.sqrt(load.utilisation);
  return load.serviceMs / (load.cores * gap * gap);
}
