import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';

/** Turns remembered per column. */
const kept = 4;
/** Turns before they have a trend. */
const trendAfter = 3;
/** The smallest spread of peaks that is believed, as a share of the limit. */
const spreadMin = 0.02;
const slopeSpreadMin = 0.005;
/** A peak this high has met the limit: it is no sign of a turn before it. */
const fullFrom = 0.97;
/** Without a turn for so many usual gaps, whatever emptied it does so no more. */
const staleGaps = 3;
/** Higher than the peaks by so many spreads, and later than usual: there will be no turn. */
const spreadsAbove = 3;
const lateGaps = 1.5;
/** A climb so much steeper than those before it is not one of them. */
const steepness = 1.5;
/** A way down or up of this share of the limit, and so many noise deviations, is a turn. */
const turnMin = 0.04;
const turnDeviations = 6;

// The fields of a column.
const isFalling = 0;
const extreme = 1;
const extremeMinutes = 2;
const trough = 3;
/** When the climb from the trough began. */
const climbMinutes = 4;
/** When the first value came. */
const startMinutes = 5;
/** The last two values. */
const lastValue = 6;
/** 1 once there was a value. */
const isKnown = 8;
/** Climbing rates, one per peak. */
const rates = 9;
/** Turns at the top and at the bottom: how many, their heights, their times. */
const tops: number = rates + kept;
const bottoms: number = tops + 1 + 2 * kept;
const stride: number = bottoms + 1 + 2 * kept;

/** What the turns of a sawtooth say of its next one. */
export interface TeethFit {
  /** The height of the peaks by now. */
  peak: number;
  /** Growth of the peaks per minute. */
  slope: number;
  spread: number;
  /** Standard error of the growth. */
  slopeError: number;
  /** Whether it is the climb that is going on, not the peaks, that shows the growth. */
  isSteeper: boolean;
}

/**
 * Remembers from what height a column turned each time (collected garbage, rotated logs, a
 * worked-off queue). The line through the last eight peaks (Theil-Sen) says where the next climb
 * ends; a climb steeper than those before it lifts the peaks by what it has more. Knows nothing
 * before the first turn. O(1) per value, 250 bytes per column.
 */
export class Teeth {
  #state = new Float64Array(0);
  readonly #fit: TeethFit = { peak: 0, slope: 0, spread: 0, slopeError: 0, isSteeper: false };

  grow(columns: number): void {
    this.#state = grown(this.#state, columns * stride);
  }

  /** Takes in a value with its noise deviation, at a time in minutes. */
  learn(column: number, atMinutes: number, newest: number, deviation: number): void {
    const s = this.#state;
    const at = column * stride;
    if (s[at + isKnown] === 0) {
      s[at + isKnown] = 1;
      setExtreme(s, at, atMinutes, newest);
      s[at + trough] = newest;
      s[at + climbMinutes] = atMinutes;
      s[at + startMinutes] = atMinutes;
      s.fill(newest, at + lastValue, at + lastValue + 2);
    }
    // The middle of three: one value that stands out is no turn.
    const [before, beforeThat] = [s[at + lastValue]!, s[at + lastValue + 1]!];
    const value = Math.max(
      Math.min(newest, before),
      Math.min(Math.max(newest, before), beforeThat),
    );
    s[at + lastValue + 1] = before;
    s[at + lastValue] = newest;
    const falling = s[at + isFalling] === 1;
    const turn = Math.max(turnMin, turnDeviations * deviation);
    const beyond = falling ? s[at + extreme]! - value : value - s[at + extreme]!;
    if (beyond >= 0) {
      setExtreme(s, at, atMinutes, value);
    } else if (-beyond > turn) {
      if (falling) this.#beginClimb(at);
      else this.#endClimb(at);
      s[at + isFalling] = falling ? 0 : 1;
      setExtreme(s, at, atMinutes, value);
    }
    // What rests at the bottom does not climb yet.
    if (s[at + isFalling] === 1 && value < s[at + extreme]! + turn / 2)
      s[at + climbMinutes] = atMinutes;
  }

  /**
   * The peaks, when a climb at `slope` per minute to `level` is likely to end where earlier ones
   * did; null otherwise. One object for all calls.
   */
  fit(column: number, now: { atMinutes: number; level: number; slope: number }): TeethFit | null {
    const s = this.#state;
    const at = column * stride;
    if (s[at + tops] === 0) return null;
    const top = lineThrough(s, at + tops, now.atMinutes);
    const gap =
      top.count > 1 ? top.spanMinutes / (top.count - 1) : top.newestMinutes - s[at + startMinutes]!;
    const sinceMinutes = now.atMinutes - top.newestMinutes;
    if (sinceMinutes > staleGaps * gap || top.highest >= fullFrom) return null;
    const fit = this.#fit;
    fit.spread = Math.max(spreadMin, top.spread);
    const isLate = top.count === 1 || sinceMinutes > lateGaps * gap;
    if (isLate && now.level > top.level + spreadsAbove * fit.spread) return null;
    fit.peak = Math.max(top.level, now.level);
    const bottom = lineThrough(s, at + bottoms, now.atMinutes);
    // The turns that lie closer to their line show its slope better.
    const better = bottom.count >= trendAfter && bottom.spread < top.spread ? bottom : top;
    fit.slope = better.slope;
    fit.slopeError = Math.max(slopeSpreadMin, better.spread) / Math.max(gap, better.spanMinutes);
    const usual = middle(s.slice(at + rates, at + rates + top.count).sort());
    fit.isSteeper = now.slope > steepness * usual && s[at + isFalling] === 0;
    if (fit.isSteeper) {
      fit.slope = now.slope - usual;
      fit.slopeError = 0;
    }
    return fit;
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#state);
  }

  readState(reader: StateReader): void {
    this.#state = reader.float64s();
  }

  #beginClimb(at: number): void {
    const s = this.#state;
    s[at + trough] = s[at + extreme]!;
    rememberTurn(s, at + bottoms, s[at + extremeMinutes]!, s[at + extreme]!);
  }

  #endClimb(at: number): void {
    const s = this.#state;
    const minutes = s[at + extremeMinutes]! - s[at + climbMinutes]!;
    s[at + rates + (s[at + tops]! % kept)] =
      minutes > 0 ? (s[at + extreme]! - s[at + trough]!) / minutes : 0;
    rememberTurn(s, at + tops, s[at + extremeMinutes]!, s[at + extreme]!);
  }
}

function setExtreme(s: Float64Array, at: number, atMinutes: number, value: number): void {
  s[at + extreme] = value;
  s[at + extremeMinutes] = atMinutes;
}

/** Adds a turn to those at `turns`: count, heights, times. */
function rememberTurn(s: Float64Array, turns: number, atMinutes: number, height: number): void {
  const place = turns + 1 + (s[turns]! % kept);
  s[place] = height;
  s[place + kept] = atMinutes;
  s[turns]! += 1;
}

interface TurnLine {
  readonly count: number;
  /** Where the line is by now, its slope per minute, and the scaled median distance from it. */
  readonly level: number;
  readonly slope: number;
  readonly spread: number;
  readonly highest: number;
  readonly newestMinutes: number;
  readonly spanMinutes: number;
}

/** The line through the turns (Theil-Sen); flat through fewer than three. */
function lineThrough(s: Float64Array, turns: number, atMinutes: number): TurnLine {
  const all = s[turns]!;
  const count = Math.min(all, kept);
  const heights = s.subarray(turns + 1, turns + 1 + count);
  const times = s.subarray(turns + 1 + kept, turns + 1 + kept + count);
  const newestMinutes = count > 0 ? times[(all - 1) % kept]! : 0;
  const oldestMinutes = count > 0 ? times[all > kept ? all % kept : 0]! : 0;
  const slope = count >= trendAfter ? medianSlope(times, heights) : 0;
  const levels = heights.map((height, i) => height + slope * (atMinutes - times[i]!)).sort();
  const level = count > 0 ? middle(levels) : 0;
  const distances = levels.map((one) => Math.abs(one - level)).sort();
  return {
    count,
    level,
    slope,
    spread: count > 0 ? 1.4826 * middle(distances) : 0,
    highest: count > 0 ? Math.max(...heights) : 0,
    newestMinutes,
    spanMinutes: newestMinutes - oldestMinutes,
  };
}

function medianSlope(times: Float64Array, heights: Float64Array): number {
  const between = new Float64Array((times.length * (times.length - 1)) / 2);
  let at = 0;
  for (let i = 0; i < times.length; i += 1) {
    for (let k = i + 1; k < times.length; k += 1) {
      between[at] = (heights[k]! - heights[i]!) / (times[k]! - times[i]!);
      at += 1;
    }
  }
  return middle(between.sort());
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
