import { addUpExcess, carryOver, createExcess } from '../core/tools/index.ts';

/** A CFS period, over which a CPU limit is enforced, in ms. */
const periodMs = 100;

/**
 * Mean and variance of the wait for the only worker of a pod whose CPU limit is below one core: the
 * M/G/1 queue at full speed, and what CFS periods of 100 ms carry over (the Lindley recursion of
 * their budgets, work taken as compound Poisson with exponential parts), as the twin has it. Within
 * 10 % of a request-level simulation in the mean.
 */
export function quotaWait(load: {
  utilization: number;
  serviceMs: number;
  scv: number;
  cores: number;
}): { meanMs: number; varianceMs2: number } {
  const { utilization, serviceMs, scv, cores } = load;
  const partMs = 0.5 * serviceMs * (1 + scv);
  const quotaMs = cores * periodMs;
  const busy = utilization * cores;
  const freeMs = (busy * partMs) / (1 - busy);
  const freeMs2 =
    freeMs * freeMs + (busy * serviceMs * serviceMs * (1 + scv) * (1 + 2 * scv)) / (3 * (1 - busy));
  const excess = createExcess();
  addUpExcess(excess, utilization * quotaMs, partMs, quotaMs);
  if (excess.over <= 0) return { meanMs: freeMs, varianceMs2: freeMs2 };
  const carry = { carriedMs: 0, ratio: 0 };
  carryOver(
    carry,
    excess,
    utilization * quotaMs,
    2 * utilization * quotaMs * partMs,
    partMs,
    quotaMs,
  );
  const { carriedMs, ratio } = carry;
  const slackMs = (1 - utilization) * quotaMs;
  const decay = slackMs / partMs;
  const closed = -Math.expm1(-decay * (1 - cores)) / decay;
  const open = 0.5 * cores * (1 + Math.exp(-decay * (1 - cores)));
  const kept = Math.max(0, 1 - freeMs / carriedMs);
  const waiting =
    (carriedMs * (closed + kept * open)) / serviceMs + ratio * closed * (0.5 - 0.5 * scv);
  const delayMs = Math.max(0, (waiting * serviceMs) / busy);
  const stopped = (-Math.expm1(-quotaMs / serviceMs) * ratio * serviceMs) / (utilization * quotaMs);
  const hitShare = Math.min(1, Math.max(stopped, ratio * (closed + kept * open)));
  return {
    meanMs: freeMs + delayMs,
    varianceMs2: freeMs2 + Math.max(0, (1 + scv) / hitShare - 1) * delayMs * delayMs,
  };
}
