import { sojournMoments } from '../../sim/index.ts';

/** What a pod's CPU does to a request of demand S: it takes `stretch` · S + `waitMs`. */
export interface StationDelay {
  readonly waitMs: number;
  readonly waitVarianceMs2: number;
  readonly stretch: number;
  /** Added to the demand's squared coefficient of variation while it is stretched. */
  readonly spread: number;
}

/** By how much, per service of a spec, the twin's queueing differs from what its formulas say. */
export type DelayFactors = ReadonlyMap<string, number>;

const none: StationDelay = { waitMs: 0, waitVarianceMs2: 0, stretch: 1, spread: 0 };

/**
 * The twin's own queueing at this load, told apart into what is the same for every request and what
 * grows with its demand. A queue's wait grows with the variability of the others' demands, as
 * (1 + scv); sharing a processor does not depend on it. Fails, by taking all for a wait, where a
 * model depends on variability in another way.
 */
export function splitDelay(load: {
  readonly utilization: number;
  readonly serviceMs: number;
  readonly scv: number;
  readonly cores: number;
}): StationDelay {
  const { utilization, serviceMs, cores } = load;
  if (!(serviceMs > 0) || !(utilization > 0)) return none;
  const arrivalsPerSec = (1000 * cores * utilization) / serviceMs;
  const momentsAt = (scv: number): { meanMs: number; varianceMs2: number } =>
    sojournMoments({ arrivalsPerSec, serviceMs, scv, cores });
  const { meanMs, varianceMs2 } = momentsAt(load.scv);
  const delayMs = Math.max(0, meanMs - serviceMs);
  const [constantMs, exponentialMs] = [momentsAt(0).meanMs, momentsAt(1).meanMs].map(
    (ms) => ms - serviceMs,
  ) as [number, number];
  const rise = exponentialMs > 0 ? 1 - constantMs / exponentialMs : 0;
  const waitShare = Math.min(1, Math.max(0, 2 * rise));
  const stretch = 1 + ((1 - waitShare) * delayMs) / serviceMs;
  const busyMs = stretch * serviceMs;
  const excess = Math.max(0, varianceMs2 - load.scv * busyMs * busyMs);
  return {
    waitMs: waitShare * delayMs,
    waitVarianceMs2: waitShare * excess,
    stretch,
    spread: ((1 - waitShare) * excess) / (busyMs * busyMs),
  };
}

/** For a request of mean demand. */
export function meanDelay({ waitMs, stretch }: StationDelay, serviceMs: number): number {
  return waitMs + (stretch - 1) * serviceMs;
}

/** The delay, made smaller where it and the mean demand are more than was seen of both. */
export function limitDelay(delay: StationDelay, serviceMs: number, seenMs: number): StationDelay {
  const delayMs = meanDelay(delay, serviceMs);
  const factor = delayMs > 0 ? Math.min(1, Math.max(0, seenMs - serviceMs) / delayMs) : 1;
  return scaleDelay(delay, factor);
}

/** So many times the delay, and its scatter with it. */
export function scaleDelay(delay: StationDelay, factor: number): StationDelay {
  return {
    waitMs: factor * delay.waitMs,
    waitVarianceMs2: factor * factor * delay.waitVarianceMs2,
    stretch: 1 + factor * (delay.stretch - 1),
    spread: factor * delay.spread,
  };
}
