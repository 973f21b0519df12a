import type { NabSeries } from './corpus.ts';

/** What hits, false alarms and misses are worth. */
export interface NabProfile {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

export interface NabScore {
  /** 0 for a detector that never alarms, 100 for a perfect one; negative is possible. */
  readonly score: number;
  /** The raw score before normalisation. */
  readonly raw: number;
  /** Alarms are scores at or above this; Infinity where no alarm at all is best. */
  readonly threshold: number;
}

/**
 * Value of an alarm at a relative position: about 1 at a window's start, 0 at its end, then
 * negative.
 */
export function scaledSigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

const perfectHit = scaledSigmoid(-1);

/**
 * The row-by-row worth of alarms, ready to be summed at any threshold. Building it costs O(rows log
 * rows) once per detector; each profile is then one pass.
 */
export interface NabSweep {
  /** Scores, highest first. */
  readonly scores: Float64Array;
  /** Per alarm in that order: the window it hits, or -1 for a false alarm. */
  readonly windows: Int32Array;
  /** Per alarm: its worth before weights, positive in windows (at most 1), negative outside. */
  readonly worths: Float64Array;
  readonly windowCount: number;
}

/**
 * Ranks the alarms of a set of series. `scores[i]` runs parallel to `series[i].values`, NaN is 0.
 */
export function prepareSweep(
  series: readonly NabSeries[],
  scores: readonly ArrayLike<number>[],
): NabSweep {
  const rows = series.reduce(
    (sum, { values, probationRows }) => sum + values.length - probationRows,
    0,
  );
  const all = new Float64Array(rows);
  const windows = new Int32Array(rows).fill(-1);
  const worths = new Float64Array(rows);
  let at = 0;
  let windowCount = 0;
  series.forEach((one, index) => {
    const own = scores[index] as ArrayLike<number>;
    for (let row = one.probationRows; row < one.values.length; row += 1) {
      const score = own[row] as number;
      all[at] = Number.isNaN(score) ? 0 : score;
      const inside = one.windows.findIndex(({ first, last }) => row >= first && row <= last);
      if (inside >= 0) windows[at] = windowCount + inside;
      worths[at] = worthOf(one, row);
      at += 1;
    }
    windowCount += one.windows.length;
  });
  const order = Uint32Array.from({ length: rows }, (_, i) => i).sort(
    (a, b) => (all[b] as number) - (all[a] as number) || a - b,
  );
  return {
    scores: Float64Array.from(order, (i) => all[i] as number),
    windows: Int32Array.from(order, (i) => windows[i] as number),
    worths: Float64Array.from(order, (i) => worths[i] as number),
    windowCount,
  };
}

/** The worth of an alarm at a row, before weights. */
function worthOf({ windows }: NabSeries, row: number): number {
  let before: { first: number; last: number } | undefined;
  for (const window of windows) {
    if (row >= window.first && row <= window.last) {
      const width = window.last - window.first + 1;
      return scaledSigmoid(-(window.last - row + 1) / width) / perfectHit;
    }
    if (window.last < row && (!before || window.last > before.last)) before = window;
  }
  return before ? scaledSigmoid((row - before.last) / (before.last - before.first)) : -1;
}

/** The best score over all thresholds, "no alarm" included. */
export function scoreBest(sweep: NabSweep, profile: NabProfile): NabScore {
  let best = {
    raw: -profile.falseNegative * sweep.windowCount,
    threshold: Number.POSITIVE_INFINITY,
  };
  walk(sweep, profile, (raw, threshold) => {
    if (raw > best.raw) best = { raw, threshold };
    return true;
  });
  return normalised(best, sweep, profile);
}

/** The score at a threshold chosen in advance. */
export function scoreAt(sweep: NabSweep, profile: NabProfile, threshold: number): NabScore {
  let raw = -profile.falseNegative * sweep.windowCount;
  walk(sweep, profile, (rawHere, lowest) => {
    if (lowest < threshold) return false;
    raw = rawHere;
    return true;
  });
  return normalised({ raw, threshold }, sweep, profile);
}

/** Lowers the threshold score by score; the visitor gets the raw score at each and may stop. */
function walk(
  sweep: NabSweep,
  profile: NabProfile,
  visit: (raw: number, threshold: number) => boolean,
): void {
  const { scores, windows, worths, windowCount } = sweep;
  const hits = new Float64Array(windowCount).fill(-profile.falseNegative);
  let raw = -profile.falseNegative * windowCount;
  for (let i = 0; i < scores.length; i += 1) {
    const window = windows[i] as number;
    const worth = worths[i] as number;
    if (window < 0) {
      raw += worth * profile.falsePositive;
    } else if (worth * profile.truePositive > (hits[window] as number)) {
      raw += worth * profile.truePositive - (hits[window] as number);
      hits[window] = worth * profile.truePositive;
    }
    if (scores[i] !== scores[i + 1] && !visit(raw, scores[i] as number)) return;
  }
}

function normalised(
  found: { raw: number; threshold: number },
  { windowCount }: NabSweep,
  profile: NabProfile,
): NabScore {
  const none = -profile.falseNegative * windowCount;
  const perfect = profile.truePositive * windowCount;
  const score = windowCount === 0 ? 0 : (100 * (found.raw - none)) / (perfect - none);
  return { score, raw: found.raw, threshold: found.threshold };
}
