import { median } from '../../core/tools/index.ts';
import type { RawSeries } from './read-own-series.ts';

/** What parts of the same series have in common. */
export interface GridForm {
  /** How far apart frames are in the middle. */
  readonly intervalMs: number;
  /** Whether the instants of samples are the frames; else the ends of intervals are. */
  readonly isShared: boolean;
}

/** The instants of frames. */
export interface TimeGrid extends GridForm {
  readonly instantsMs: readonly number[];
  /** The frame that a sample belongs to. */
  readonly instantOf: (atMs: number) => number;
}

/** Series sampled at instants of their own share a frame when they do so in the same interval. */
const ownInstants = 1.5;

/**
 * The frames for series: their own instants where they share them, else the ends of intervals of
 * the series' median step. `form` is that of an earlier part of the same series.
 */
export function timeGrid(series: readonly RawSeries[], form: GridForm | null): TimeGrid {
  const all = new Set<number>();
  let longest = 1;
  const steps: number[] = [];
  for (const { timesMs } of series) {
    for (const atMs of timesMs) all.add(atMs);
    longest = Math.max(longest, timesMs.length);
    const own = timesMs.slice(1).map((atMs, i) => atMs - (timesMs[i] as number));
    const rising = own.filter((step) => step > 0);
    if (rising.length > 0) steps.push(median(rising));
  }
  const step = form?.intervalMs ?? (steps.length > 0 ? median(steps) : 60_000);
  const isShared = form?.isShared ?? all.size <= ownInstants * longest;
  const instantOf = isShared
    ? (atMs: number): number => atMs
    : (atMs: number): number => Math.ceil(atMs / step) * step;
  const instantsMs = [...new Set([...all].map(instantOf))].sort((a, b) => a - b);
  return { intervalMs: step, isShared, instantsMs, instantOf };
}
