import type { StatePart } from '../checkpoint/checkpoint.ts';

/** Lines of one service and template in a window. */
export interface TemplateCount {
  readonly service: string;
  /** Id of the template. */
  readonly template: number;
  readonly count: number;
}

/** What one pod wrote in a window. */
export interface PodLines {
  readonly service: string;
  readonly pod: string;
  /** Template and count, in the order of each template's first line. */
  readonly counts: readonly (readonly [template: number, count: number])[];
}

/** The lines of one scrape window, counted. */
export interface LogWindow {
  readonly untilMs: number;
  readonly counts: readonly TemplateCount[];
  /** The same by pod, in the order of their first line. */
  readonly pods: readonly PodLines[];
  /** The template that an id of an earlier window stands for by now; undefined when forgotten. */
  readonly current: (template: number) => number | undefined;
}

/** A service's template that does not behave as it did. */
export interface LogAnomaly {
  readonly service: string;
  readonly template: number;
  /** -log10 of the chance of this where nothing is wrong. */
  readonly score: number;
  /** Lines in the window. */
  readonly count: number;
  /** Lines that were expected in it. */
  readonly expected: number;
}

/**
 * A streaming detector over counted log lines. `score` gives what is at or above `threshold` and
 * never changes what the detector knows; the caller calls `learn` with the same window afterwards.
 * Its state can be written and read back to the byte.
 */
export interface LogDetector extends StatePart {
  readonly name: string;
  /** In -log10 p. */
  readonly threshold: number;
  score(window: LogWindow): readonly LogAnomaly[];
  learn(window: LogWindow): void;
}

/**
 * The default threshold: at 15 s scrapes and 200 templates, a million scores a day, one day in a
 * hundred has a false one if they are calibrated.
 */
export const logThreshold = 8;

/** Windows of a service or template before there is an opinion on it: ten minutes of scrapes. */
export const warmUpWindows = 40;
