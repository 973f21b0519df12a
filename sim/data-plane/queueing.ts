/** Queueing theory in closed form; all of it is tested against known results in test/theory. */

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
 * A station's load: `utilisation` in [0, 1), `cores` > 0, mean demand and its scv over all
 * requests.
 */
export interface StationLoad {
  utilisation: number;
  serviceMs: number;
  scv: number;
  cores: number;
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
function waitingMoments(out: Moments, load: StationLoad, servers: number): void {
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
 * Processor sharing at a speed of `cores` <= 1 under a CFS quota: a lone request runs at full
 * speed, queueing is that of M/G/1-PS at the limited speed, so the mean is S + (S/c)·ρ/(1 − ρ),
 * whatever the scv. With one core this is M/G/1-PS; the variance is exact for exponential demand
 * (Coffman, Muntz, Trotter 1970) and an approximation otherwise.
 */
export function sharingDelay(out: StationDelay, utilisation: number, cores: number): void {
  out.waitMeanMs = 0;
  out.waitVarianceMs2 = 0;
  out.stretch = 1 + utilisation / (cores * (1 - utilisation));
  out.spread = (2 * utilisation) / (2 - utilisation);
}

const below: Moments = { meanMs: 0, varianceMs2: 0 };
const above: Moments = { meanMs: 0, varianceMs2: 0 };

/**
 * The delay of a pod with a CPU limit: first come first served from one core up (between whole
 * numbers of cores linear at equal utilisation), processor sharing below one core.
 */
export function stationDelay(out: StationDelay, load: StationLoad): void {
  const { cores } = load;
  if (cores < 1) {
    sharingDelay(out, load.utilisation, cores);
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
  stationDelay(delay, {
    utilisation: (arrivalsPerSec * serviceMs) / (1000 * cores),
    serviceMs,
    scv,
    cores,
  });
  const busyMs = serviceMs * delay.stretch;
  return {
    meanMs: busyMs + delay.waitMeanMs,
    varianceMs2: busyMs * busyMs * (scv + delay.spread) + delay.waitVarianceMs2,
  };
}

/**
 * How long a station needs to come near its stationary state, in ms: the relaxation time of M/M/1,
 * S / (c (1 − √ρ)²) (Abate and Whitt 1987).
 */
export function relaxationMs(load: StationLoad): number {
  const gap = 1 - Math.sqrt(load.utilisation);
  return load.serviceMs / (load.cores * gap * gap);
}
