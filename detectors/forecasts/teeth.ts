import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';
import type { NewValue } from './trend-fits.ts';

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
 * worked-off queue). The line through the last four peaks (Theil-Sen) says where the next climb
 * ends; a climb steeper than those before it lifts the peaks by what it has more. Knows nothing
 * before the first turn. O(1) per value, 250 bytes per column.
 */
export class Teeth {
  #state = new Float64Array(0);
  readonly #fit: TeethFit = { peak: 0, slope: 0, spread: 0, slopeError: 0, isSteeper: false };
  readonly #top: TurnLine = createTurnLine();
  readonly #bottom: TurnLine = createTurnLine();

  grow(columns: number): void {
    this.#state = grown(this.#state, columns * stride);
  }

  /** Takes in a value with its noise deviation. */
  learn(column: number, { atMinutes, value: newest }: NewValue, deviation: number): void {
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
    const before = s[at + lastValue]!;
    const beforeThat = s[at + lastValue + 1]!;
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
    const top = this.#top;
    lineThrough(s, at + tops, now.atMinutes, top);
    const gap =
      top.count > 1 ? top.spanMinutes / (top.count - 1) : top.newestMinutes - s[at + startMinutes]!;
    const sinceMinutes = now.atMinutes - top.newestMinutes;
    if (sinceMinutes > staleGaps * gap || top.highest >= fullFrom) return null;
    const fit = this.#fit;
    fit.spread = Math.max(spreadMin, top.spread);
    const isLate = top.count === 1 || sinceMinutes > lateGaps * gap;
    if (isLate && now.level > top.level + spreadsAbove * fit.spread) return null;
    fit.peak = Math.max(top.level, now.level);
    const bottom = this.#bottom;
    lineThrough(s, at + bottoms, now.atMinutes, bottom);
    // The turns that lie closer to their line show its slope better.
    const better = bottom.count >= trendAfter && bottom.spread < top.spread ? bottom : top;
    fit.slope = better.slope;
    fit.slopeError = Math.max(slopeSpreadMin, better.spread) / Math.max(gap, better.spanMinutes);
    for (let i = 0; i < top.count; i += 1) few[i] = s[at + rates + i]!;
    const usual = middleOfFew(top.count);
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
  count: number;
  /** Where the line is by now, its slope per minute, and the scaled median distance from it. */
  level: number;
  slope: number;
  spread: number;
  highest: number;
  newestMinutes: number;
  spanMinutes: number;
}

/** NaN, so that the fields hold doubles from the start. */
function createTurnLine(): TurnLine {
  return {
    count: 0,
    level: Number.NaN,
    slope: Number.NaN,
    spread: Number.NaN,
    highest: Number.NaN,
    newestMinutes: Number.NaN,
    spanMinutes: Number.NaN,
  };
}

/** Numbers to be sorted: one for each pair of turns at most, and turns are fewer than pairs. */
const few = new Float64Array((kept * (kept - 1)) / 2);

/** Finds the line through the turns (Theil-Sen); flat through fewer than three. */
function lineThrough(s: Float64Array, turns: number, atMinutes: number, line: TurnLine): void {
  const all = s[turns]!;
  const count = Math.min(all, kept);
  const heights = turns + 1;
  const times = heights + kept;
  line.count = count;
  line.newestMinutes = count > 0 ? s[times + ((all - 1) % kept)]! : 0;
  line.spanMinutes =
    line.newestMinutes - (count > 0 ? s[times + (all > kept ? all % kept : 0)]! : 0);
  line.slope = 0;
  line.level = 0;
  line.spread = 0;
  line.highest = 0;
  if (count === 0) return;
  if (count >= trendAfter) line.slope = medianSlope(s, heights, count);
  line.highest = s[heights]!;
  for (let i = 0; i < count; i += 1) {
    few[i] = s[heights + i]! + line.slope * (atMinutes - s[times + i]!);
    line.highest = Math.max(line.highest, s[heights + i]!);
  }
  line.level = middleOfFew(count);
  for (let i = 0; i < count; i += 1) few[i] = Math.abs(few[i]! - line.level);
  line.spread = 1.4826 * middleOfFew(count);
}

function medianSlope(s: Float64Array, heights: number, count: number): number {
  const times = heights + kept;
  let pairs = 0;
  for (let i = 0; i < count; i += 1) {
    for (let k = i + 1; k < count; k += 1) {
      few[pairs] = (s[heights + k]! - s[heights + i]!) / (s[times + k]! - s[times + i]!);
      pairs += 1;
    }
  }
  return middleOfFew(pairs);
}

/**
 * The median of the first `count` of the few, which it sorts in place by insertion: the common one
 * makes arrays, too many for some per pod and scrape.
 */
function middleOfFew(count: number): number {
  for (let i = 1; i < count; i += 1) {
    const one = few[i]!;
    let place = i;
    for (; place > 0 && few[place - 1]! > one; place -= 1) few[place] = few[place - 1]!;
    few[place] = one;
  }
  const half = count >> 1;
  return count % 2 === 1 ? few[half]! : (few[half - 1]! + few[half]!) / 2;
}
