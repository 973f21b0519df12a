import { addUpExcess, carryOver, createExcess } from '../../core/tools/index.ts';
import { type Truncated, truncate } from './latency-law.ts';

/** A CFS period, over which a CPU limit is enforced, in ms. */
export const periodMs = 100;

/** What a CPU limit below the CPU at hand does to those who run under it. */
export interface Throttling {
  /** Mean work left over when a period ends, in core-ms. */
  carriedMs: number;
  /** Share of periods that run out (0 to 1). */
  ratio: number;
  /** Share of the time spent throttled with work at hand (0 to 1). */
  timeShare: number;
  /** Share of requests that are stopped at least once (0 to 1). */
  hitShare: number;
  /** Mean of the carried work over the instants of a period at which it waits, in core-ms. */
  waitingMs: number;
}

export function createThrottling(): Throttling {
  return { carriedMs: 0, ratio: 0, timeShare: 0, hitShare: 0, waitingMs: 0 };
}

/** Poisson arrivals of work under a quota; `workers` is how many cores they may use at once. */
export interface QuotaLoad {
  /** Share of the quota that is used, in [0, 1). */
  readonly utilisation: number;
  readonly serviceMs: number;
  readonly scv: number;
  /** The quota, in cores. */
  readonly cores: number;
  readonly workers: number;
}

/** From so many parts of work in a budget on, a period's work is taken as gamma. */
const partsMax = 600;

/** A period that runs out with a probability below e^−this never does. */
const neverBelow = 14;

const excess = createExcess();

const cut: Truncated = { share: 1, first: 0, second: 0 };

function fitExcess(meanMs: number, varianceMs2: number, quotaMs: number): void {
  truncate(cut, meanMs, varianceMs2, quotaMs);
  const restMs = meanMs - cut.first;
  const restMs2 = varianceMs2 + meanMs * meanMs - cut.second;
  excess.above = 1 - cut.share;
  excess.over = restMs - quotaMs * excess.above;
  excess.overMs2 = restMs2 - 2 * quotaMs * restMs + quotaMs * quotaMs * excess.above;
}

/**
 * Periods of 100 ms with a budget of work each: what does not fit of compound-Poisson work is
 * carried over, see `carryOver`; the tail is that of the M/G/1 at the limited speed, so the backlog
 * t before a period's end is e^(−θct) of the one at its end. Mean times within 8 % of a
 * request-level simulation for exponential demand and quotas of a tenth of a core up, 12 % for scv
 * 2. Costs a pass over the requests of a period, nothing far from the limit.
 */
export function throttle(out: Throttling, load: QuotaLoad): void {
  const { utilisation, serviceMs, scv, cores, workers } = load;
  const quotaMs = cores * periodMs;
  const meanMs = utilisation * quotaMs;
  const varianceMs2 = meanMs * serviceMs * (1 + scv);
  const partMs = 0.5 * serviceMs * (1 + scv);
  // Chernoff's bound for compound Poisson work with exponential parts.
  const gap = Math.sqrt(quotaMs / partMs) - Math.sqrt(meanMs / partMs);
  if (workers <= cores || gap * gap > neverBelow) {
    out.carriedMs = 0;
    out.ratio = 0;
    out.timeShare = 0;
    out.hitShare = 0;
    out.waitingMs = 0;
    return;
  }
  const requests = meanMs / serviceMs;
  if (quotaMs < partsMax * partMs) addUpExcess(excess, meanMs, partMs, quotaMs);
  else fitExcess(meanMs, varianceMs2, quotaMs);
  carryOver(out, excess, meanMs, varianceMs2, partMs, quotaMs);
  const decay = (2 * (1 - utilisation) * quotaMs) / (serviceMs * (1 + scv));
  // So many workers need this share of the period to use the budget up; only then is there a wait.
  const open = 1 - Math.min(1, cores / workers);
  const part = -Math.expm1(-decay * open) / decay;
  out.waitingMs = out.carriedMs * part;
  out.timeShare = Math.min(1, out.ratio * part);
  // Each period that runs out stops at least one request; long ones are stopped more than once.
  const stopped = (-Math.expm1(-quotaMs / serviceMs) * out.ratio) / requests;
  out.hitShare = Math.min(1, Math.max(out.timeShare, stopped));
}
