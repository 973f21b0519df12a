import type { StationDelay } from './station-delay.ts';
import { type SelfTime, weighted } from './work-evidence.ts';

/** Squared coefficient of variation of waiting, as the twin has it. */
export const waitScv = 0.5;
/** Own time above CPU and queueing that is smaller than this share is no wait. */
export const noiseShare = 0.04;
/** So much of the queueing delay may be the formulas' error. */
export const delayError = 0.15;
/** It must be so many standard errors; where others could be meant, more. */
export const clearFrom = { single: 2, shared: 2.5 } as const;
/** Fewer responses than this do not show how the own time scatters. */
export const scatterMin = 50;
/** An operation of which this much looks like work is taken not to wait. */
const allWorkFrom = 0.85;
/** Relative trust in an assumed split, against what the mix of requests tells over time. */
const assumedError = 0.2;

/** A guess at each operation's CPU time. */
export interface CpuSplit {
  readonly cpuMs: readonly number[];
  /** Standard errors of the guess. */
  readonly errorsMs: readonly number[];
  readonly hasWait: boolean;
  /**
   * One operation has it all; by own times where nothing but CPU takes time; by the scatter of
   * those, which is an assumption, where some operations wait.
   */
  readonly split: 'single' | 'self time' | 'assumed';
}

/**
 * Shares the CPU time out. When own times are all CPU, each has its own; when there is more, those
 * whose own time scatters less wait more.
 */
export function splitCpu(given: {
  selfTimes: readonly SelfTime[];
  shares: readonly number[];
  busyMs: readonly number[];
  wantedMs: number;
  /** Standard error of what is wanted. */
  wantedErrorMs: number;
  delay: StationDelay;
}): CpuSplit {
  const { selfTimes, shares, busyMs, wantedMs, wantedErrorMs } = given;
  const { stretch, spread } = given.delay;
  const errorsMs = selfTimes.map(({ count, errorMs }) =>
    count > 1 ? errorMs / stretch : wantedMs,
  );
  const busyMeanMs = weighted(shares, busyMs);
  const errorMs = Math.sqrt(
    errorsMs.reduce((sum, error, i) => sum + ((shares[i] as number) * error) ** 2, 0),
  );
  const restMs = busyMeanMs - wantedMs;
  const isSingle = busyMs.length === 1;
  const errors = isSingle ? clearFrom.single : clearFrom.shared;
  const doubtMs = delayError * (given.delay.waitMs + (stretch - 1) * wantedMs);
  const clearMs = errors * Math.hypot(errorMs, wantedErrorMs);
  const hasWait = restMs - doubtMs > Math.max(noiseShare * busyMeanMs, clearMs);
  if (!hasWait) {
    // Own times are all work then, and tell how much as metrics do: each as far as it is certain.
    const trust = wantedErrorMs ** 2 / (wantedErrorMs ** 2 + errorMs ** 2 + doubtMs ** 2 + 1e-12);
    const meanMs = busyMeanMs > 0 ? wantedMs + trust * restMs : wantedMs;
    const cpuMs = busyMs.map((ms) => (busyMeanMs > 0 ? (ms * meanMs) / busyMeanMs : meanMs));
    return { cpuMs, errorsMs, hasWait, split: isSingle ? 'single' : 'self time' };
  }
  if (isSingle) return { cpuMs: [wantedMs], errorsMs, hasWait, split: 'single' };
  const cpuMs = shareWork({
    shares,
    tops: busyMs,
    wanted: wantedMs,
    parts: selfTimes.map((selfTime) => workPart(selfTime, spread)),
  });
  const assumedMs = cpuMs.map((ms) => assumedError * ms);
  return { cpuMs, errorsMs: assumedMs, hasWait, split: 'assumed' };
}

/**
 * The part of an operation's own time that is CPU work, as its scatter shows: work scatters like an
 * exponential (more while it is stretched), waiting less. Without enough responses all of it.
 */
function workPart({ count, meanMs, varianceMs2 }: SelfTime, spread: number): number {
  if (count < scatterMin) return 1;
  const cv2 = varianceMs2 / (meanMs * meanMs);
  // The larger root of x²(1 + spread) + (1 − x)² waitScv = cv².
  const a = 1 + spread + waitScv;
  const root = waitScv * waitScv - a * (waitScv - cv2);
  const part = root > 0 ? (waitScv + Math.sqrt(root)) / a : waitScv / a;
  return part > allWorkFrom ? 1 : part;
}

/** Amounts in proportion to their parts of the tops, none above its top, that weigh as wanted. */
function shareWork(given: {
  shares: readonly number[];
  tops: readonly number[];
  parts: readonly number[];
  wanted: number;
}): readonly number[] {
  const { shares, tops, parts, wanted } = given;
  const at = (factor: number): readonly number[] =>
    tops.map((top, i) => top * Math.min(1, factor * (parts[i] as number)));
  let low = 0;
  let high = 1 / Math.min(...parts);
  for (let step = 0; step < 60; step += 1) {
    const factor = (low + high) / 2;
    if (weighted(shares, at(factor)) < wanted) low = factor;
    else high = factor;
  }
  return at(high);
}
