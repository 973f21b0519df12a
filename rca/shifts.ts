import type {
  ComponentId,
  MetricHistory,
  SignalName,
  SignalSpec,
} from '../core/observable/index.ts';
import { signalSpec } from '../core/observable/index.ts';
import type { Windows } from './windows.ts';

/** How far a signal of a component has moved from its baseline. */
export interface Shift {
  /** Median over the baseline window. */
  readonly baseline: number;
  /** The highest mean of two neighbouring scrapes in the recent window (the last, if only one). */
  readonly recent: number;
  readonly delta: number;
  /** `delta` in robust standard deviations. */
  readonly zScore: number;
}

const baselineValuesMin = 8;

/**
 * Reads upward shifts of signals against a median/MAD baseline; every column is computed once.
 * Fails (null) for columns with fewer than eight baseline values or none in the recent window,
 * such as pods that are new or gone. Cost: one sort of the baseline window per column. A scale is
 * never below {@link scaleFloor}, so a constant baseline gives large finite z-scores instead of
 * infinite ones.
 */
export class ShiftReader {
  readonly #metrics: MetricHistory;
  readonly #windows: Windows;
  readonly #known = new Map<number, Shift | null>();

  constructor(metrics: MetricHistory, windows: Windows) {
    this.#metrics = metrics;
    this.#windows = windows;
  }

  /** The strongest shift among the columns of a signal of a component. */
  of(signal: SignalName, component: ComponentId): Shift | null {
    let strongest: Shift | null = null;
    for (const column of this.#metrics.columns({ signal, component })) {
      const shift = this.ofColumn(column);
      if (shift && (!strongest || shift.zScore > strongest.zScore)) strongest = shift;
    }
    return strongest;
  }

  ofColumn(column: number): Shift | null {
    const known = this.#known.get(column);
    if (known !== undefined) return known;
    const shift = this.#compute(column);
    this.#known.set(column, shift);
    return shift;
  }

  /**
   * The highest recent value among a service's pods, new ones too; NaN when nothing was scraped.
   */
  highestOfService(signal: SignalName, service: string): number {
    let highest = Number.NaN;
    for (const column of this.#metrics.columns({ signal })) {
      if (this.#metrics.series(column).labels.service !== service) continue;
      const value = this.#recentHigh(column);
      if (!Number.isNaN(value) && !(value <= highest)) highest = value;
    }
    return highest;
  }

  #recentHigh(column: number): number {
    const { recentFromMs, untilMs } = this.#windows;
    return highestPairMean(this.#metrics.values(column, recentFromMs, untilMs));
  }

  #compute(column: number): Shift | null {
    const { baselineFromMs, baselineUntilMs, recentFromMs, untilMs } = this.#windows;
    return shiftOf(this.#metrics.series(column).signal, {
      baseline: this.#metrics.values(column, baselineFromMs, baselineUntilMs),
      recent: this.#metrics.values(column, recentFromMs, untilMs),
    });
  }
}

/** The shift between two windows of a signal's values; the arrays are used up. */
export function shiftOf(
  signal: SignalName,
  values: { readonly baseline: Float64Array; readonly recent: Float64Array },
): Shift | null {
  const kept = sortedWithoutGaps(values.baseline);
  if (kept.length < baselineValuesMin) return null;
  const recent = highestPairMean(values.recent);
  if (Number.isNaN(recent)) return null;
  const baseline = middle(kept);
  for (let i = 0; i < kept.length; i += 1) kept[i] = Math.abs((kept[i] as number) - baseline);
  const floor = scaleFloor(signalSpec(signal), baseline);
  const scale = Math.max(1.4826 * middle(kept.sort()), floor);
  const delta = recent - baseline;
  return { baseline, recent, delta, zScore: delta / scale };
}

/**
 * The smallest scale that a signal may have, by unit: 0.005 for symptom ratios and 0.02 for
 * resource ratios; 5 % of the median but at least 1 ms, 0.5/s, 0.5, or 1 byte for the rest.
 */
export function scaleFloor(spec: SignalSpec, baseline: number): number {
  const relative = 0.05 * Math.abs(baseline);
  if (spec.unit === 'ratio') return spec.role === 'symptom' ? 0.005 : 0.02;
  if (spec.unit === 'ms' || spec.unit === 'bytes') return Math.max(relative, 1);
  return Math.max(relative, 0.5);
}

function sortedWithoutGaps(values: Float64Array): Float64Array {
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) {
      values[count] = value;
      count += 1;
    }
  }
  return values.subarray(0, count).sort();
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[half] as number;
  return ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

function highestPairMean(values: Float64Array): number {
  let highest = Number.NaN;
  let previous = Number.NaN;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const pair = (previous + value) / 2;
    if (!Number.isNaN(pair) && !(pair <= highest)) highest = pair;
    previous = value;
  }
  return Number.isNaN(highest) ? previous : highest;
}
