import type { Evidence } from '../core/observable/index.ts';

/** The stretches of time a diagnosis compares; each is (from, until], in ms since run start. */
export interface Windows {
  readonly baselineFromMs: number;
  readonly baselineUntilMs: number;
  readonly recentFromMs: number;
  readonly untilMs: number;
}

const minuteMs = 60_000;

/**
 * The half hour of ordinary behaviour up to two minutes before the incident opened, and the
 * present: at most the last five minutes, reaching back to one minute before the incident. The
 * gap keeps the fault's own onset out of the baseline, for detectors open incidents some time
 * after the cause.
 */
export function windowsOf(evidence: Evidence): Windows {
  const openedAtMs = evidence.incident.openedAtMs;
  return {
    baselineFromMs: openedAtMs - 32 * minuteMs,
    baselineUntilMs: openedAtMs - 2 * minuteMs,
    recentFromMs: Math.max(openedAtMs - minuteMs, evidence.atMs - 5 * minuteMs),
    untilMs: evidence.atMs,
  };
}
