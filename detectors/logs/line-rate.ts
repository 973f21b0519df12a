/** How many lines a template has per window, and how unevenly. */
export interface LineRate {
  /** Windows since the template was first seen. */
  readonly windows: number;
  /** Lines per window. */
  readonly mean: number;
  /** Variance of lines per window. */
  readonly variance: number;
}

export const noLines: LineRate = { windows: 0, mean: 0, variance: 0 };

/** Weight of the newest window once there are many: half an hour of 15 s scrapes. */
const gainMin = 1 / 120;

/** A window's count is learnt as if it were at most so many standard deviations above the mean. */
const clipDeviations = 6;

/** The rate after one more window. */
export function learnRate(rate: LineRate, count: number): LineRate {
  const gain = Math.max(gainMin, 1 / (rate.windows + 1));
  const most = rate.mean + clipDeviations * Math.sqrt(Math.max(1, rate.variance));
  const learnt = rate.windows > 1 / gainMin ? Math.min(count, most) : count;
  const change = learnt - rate.mean;
  return {
    windows: rate.windows + 1,
    mean: rate.mean + gain * change,
    variance: (1 - gain) * (rate.variance + gain * change * change),
  };
}

/** Variance over mean, 1 or more: 1 for a Poisson process, more where lines come in bursts. */
export function dispersion({ mean, variance }: LineRate): number {
  return mean > 0 ? Math.max(1, variance / mean) : 1;
}

/** The rate of two templates that are one: as if their lines were independent. */
export function addRates(one: LineRate, other: LineRate): LineRate {
  return {
    windows: Math.max(one.windows, other.windows),
    mean: one.mean + other.mean,
    variance: one.variance + other.variance,
  };
}
