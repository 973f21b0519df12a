import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';
import {
  addMoments,
  fitLine,
  fitParabola,
  moments,
  slopeOf,
  type TrendFit,
} from './moment-fits.ts';

/** Minutes after which a value weighs 1/e: long enough to measure a slope, short enough to bend. */
const memoryMinutes = 10;
/** A gap this long says nothing of what was before it. */
const forgetAfterMinutes = 30;
/** Values kept as they came, to fit again from where a change began. */
const ringSize = 24;
/** The smallest noise that is believed: a tenth of a percent of the limit. */
const noiseMin = 0.001;
/** Values of the noise estimate; a surprise counts as at most so many deviations in it. */
const noiseValues = 60;
const clipDeviations = 4;
/** CUSUM of surprises, in deviations: slack per value, and the sum that shows a change. */
const cusumSlack = 0.75;
const cusumLimit = 6;
/** A step between two values of this share of the limit, and so many deviations, is a new life. */
const stepMin = 0.05;
const stepDeviations = 6;
/** Values since the last change before a bend can be told from noise. */
const bendValues = 12;
/** Values that a line is fitted to at least, and the error of one through fewer, in deviations. */
const refitMin = 3;
const unsure = 1.5;
/** The most that a line's own error counts for, as a share of the noise's variance. */
const leverageMax = 6;
/** Fall below the trend, as a CUSUM in deviations, from which a climb may be about to end. */
const endingFrom = 0.5;
/** A climb that had at least this share of its new rate before is the same climb. */
const sameClimb = 0.3;

// The fields of a column, at these places of its stride.
const weights = 0;
const noise = 8;
const echo = 9;
const lastSurprise = 10;
const values = 11;
const sinceMinutes = 12;
const risen = 13;
const fallen = 14;
const risenFor = 15;
const fallenFor = 16;
const last = 17;
const lastMinutes = 18;
const seen = 19;
const ringAt = 20;
const base = 21;
const ring = 24;
const stride: number = ring + 2 * ringSize;

/** A value in shares of the limit, and when it was; one object for all of a scrape's. */
export interface NewValue {
  atMinutes: number;
  value: number;
}

/**
 * Local trends of many columns: least squares with exponential forgetting (10 min), started again
 * where a CUSUM of the one-step surprises (in units of noise and the line's own error) shows a
 * change or a step breaks it off. Outliers are clipped at 4 deviations; the variance allows for
 * noise that echoes (AR(1)). Follows a curve late by some minutes. O(1) per value, 576 bytes per
 * column.
 */
export class TrendFits {
  #state = new Float64Array(0);
  /**
   * What is learnt, and what the past says of it: numbers that are handed on are garbage. NaN, so
   * that the fields hold doubles from the start.
   */
  readonly #newest = {
    atMinutes: Number.NaN,
    value: Number.NaN,
    expected: Number.NaN,
    spread: Number.NaN,
    error: Number.NaN,
    deviation: Number.NaN,
  };
  /** The last step between two values, and what is kept of the past after it. */
  readonly #step = { minutes: Number.NaN, kept: Number.NaN };
  readonly #fit: TrendFit = {
    level: 0,
    slope: 0,
    bend: 0,
    covariance: new Float64Array(6),
    deviation: 0,
    ageMinutes: 0,
    count: 0,
    rise: 0,
    isEnding: false,
  };

  grow(columns: number): void {
    this.#state = grown(this.#state, columns * stride);
  }

  /** The newest value of a column and when it was, in minutes. */
  lastValue(column: number): number {
    return this.#state[column * stride + last]!;
  }

  lastAtMinutes(column: number): number {
    return this.#state[column * stride + lastMinutes]!;
  }

  /** Standard deviation of one value around the trend. */
  deviation(column: number): number {
    return deviationOf(this.#state[column * stride + noise]!);
  }

  learn(column: number, { atMinutes, value }: NewValue): void {
    const s = this.#state;
    const at = column * stride;
    const newest = this.#newest;
    newest.atMinutes = atMinutes;
    newest.value = value;
    if (s[at + seen] === 0 || atMinutes - s[at + lastMinutes]! > forgetAfterMinutes) {
      s.fill(0, at, at + stride);
      this.#startAgain(at);
      s[at + noise] = noiseMin * noiseMin;
      return;
    }
    const stepMinutes = atMinutes - s[at + lastMinutes]!;
    if (stepMinutes <= 0) return;
    const change = value - s[at + last]!;
    const deviation = deviationOf(s[at + noise]!);
    const isBroken = Math.abs(change) > Math.max(stepMin, stepDeviations * deviation);
    if (isBroken && (change < 0 || change > 2 * stepMin)) {
      this.#startAgain(at);
      return;
    }
    if (stepMinutes !== this.#step.minutes) {
      this.#step.minutes = stepMinutes;
      this.#step.kept = Math.exp(-stepMinutes / memoryMinutes);
    }
    this.#goBack(at);
    this.#expect(at);
    const { expected, spread } = newest;
    newest.deviation = deviation;
    newest.error = (value - expected) / spread;
    this.#learnNoise(at);
    this.#remember(at);
    const changedFor = this.#cusum(at);
    if (changedFor > 0) {
      this.#fitAgain(at, changedFor);
    } else {
      const clip = clipDeviations * deviation * spread;
      addMoments(s, at, 0, Math.max(expected - clip, Math.min(expected + clip, value)), 1);
      s[at + values]! += 1;
    }
  }

  /** The trend as of the newest value; one object for all calls. */
  fit(column: number): TrendFit {
    const s = this.#state;
    const at = column * stride;
    const fit = this.#fit;
    fit.count = s[at + values]!;
    fit.ageMinutes = s[at + lastMinutes]! - s[at + sinceMinutes]!;
    fit.deviation = deviationOf(s[at + noise]!);
    const echoes = Math.max(0, Math.min(0.9, s[at + echo]! / s[at + noise]!));
    const variance = (fit.deviation * fit.deviation * (1 + echoes)) / (1 - echoes);
    const isBent = fit.count >= bendValues && fitParabola(s, at, variance, fit);
    if (!isBent) fitLine(s, at, variance, fit);
    fit.rise = fit.level - s[at + base]!;
    fit.isEnding = s[at + fallen]! >= endingFrom;
    return fit;
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#state);
  }

  readState(reader: StateReader): void {
    this.#state = reader.float64s();
  }

  /** Moves the origin of time on by the step, and forgets accordingly. */
  #goBack(at: number): void {
    const s = this.#state;
    const { minutes: d, kept } = this.#step;
    const w = at + weights;
    s[w + 4]! += d * (-4 * s[w + 3]! + d * (6 * s[w + 2]! + d * (-4 * s[w + 1]! + d * s[w]!)));
    s[w + 3]! += d * (-3 * s[w + 2]! + d * (3 * s[w + 1]! - d * s[w]!));
    s[w + 2]! += d * (-2 * s[w + 1]! + d * s[w]!);
    s[w + 1]! -= d * s[w]!;
    const m = at + moments;
    s[m + 2]! += d * (-2 * s[m + 1]! + d * s[m]!);
    s[m + 1]! -= d * s[m]!;
    for (let i = 0; i < noise; i += 1) s[at + i]! *= kept;
  }

  /**
   * Sets what the line through the past gives for now, and the standard error of the next value
   * around it, in deviations of one value.
   */
  #expect(at: number): void {
    const s = this.#state;
    const newest = this.#newest;
    newest.expected = s[at + last]!;
    newest.spread = unsure;
    if (s[at + values]! < 2) return;
    const s0 = s[at]!;
    const s1 = s[at + 1]!;
    const s2 = s[at + 2]!;
    const determinant = s0 * s2 - s1 * s1;
    newest.expected = (s2 * s[at + moments]! - s1 * s[at + moments + 1]!) / determinant;
    newest.spread = Math.sqrt(1 + Math.min(leverageMax, s2 / Math.max(1e-9, determinant)));
  }

  #learnNoise(at: number): void {
    const s = this.#state;
    const { error, deviation } = this.#newest;
    const gain = 1 / Math.min(s[at + seen]! + 1, noiseValues);
    const clip = 3 * deviation;
    const own = s[at + seen]! < 4 ? error : Math.max(-clip, Math.min(clip, error));
    s[at + noise]! += gain * (own * own - s[at + noise]!);
    s[at + echo]! += gain * (own * s[at + lastSurprise]! - s[at + echo]!);
    s[at + lastSurprise] = own;
  }

  /** How many values ago a change began that has become certain by now; 0 while there is none. */
  #cusum(at: number): number {
    const s = this.#state;
    const surprise = this.#newest.error / this.#newest.deviation;
    const clipped = Math.max(-clipDeviations, Math.min(clipDeviations, surprise));
    const up = Math.max(0, s[at + risen]! + clipped - cusumSlack);
    const down = Math.max(0, s[at + fallen]! - clipped - cusumSlack);
    s[at + risen] = up;
    s[at + fallen] = down;
    s[at + risenFor] = up > 0 ? s[at + risenFor]! + 1 : 0;
    s[at + fallenFor] = down > 0 ? s[at + fallenFor]! + 1 : 0;
    if (up <= cusumLimit && down <= cusumLimit) return 0;
    return up > cusumLimit ? s[at + risenFor]! : s[at + fallenFor]!;
  }

  /**
   * Fits a line anew to the last values, from where the change began; a climb that goes on at
   * another rate is as old as it was.
   */
  #fitAgain(at: number, changedFor: number): void {
    const s = this.#state;
    const { atMinutes } = this.#newest;
    const before = slopeOf(s, at);
    this.#expect(at);
    const level = this.#newest.expected;
    const count = Math.min(Math.max(changedFor, refitMin), ringSize, s[at + seen]!);
    s.fill(0, at, at + noise);
    this.#resetCusum(at);
    let fromMinutes = atMinutes;
    for (let back = count - 1; back >= 0; back -= 1) {
      const place = at + ring + ((s[at + ringAt]! - 1 - back + 2 * ringSize) % ringSize);
      const minutes = s[place + ringSize]! - atMinutes;
      addMoments(s, at, minutes, s[place]!, Math.exp(minutes / memoryMinutes));
      fromMinutes = Math.min(fromMinutes, s[place + ringSize]!);
    }
    s[at + values] = count;
    const now = slopeOf(s, at);
    if (before * now > 0 && Math.abs(before) > sameClimb * Math.abs(now)) return;
    s[at + sinceMinutes] = fromMinutes;
    s[at + base] = level + before * (fromMinutes - atMinutes);
  }

  #startAgain(at: number): void {
    const s = this.#state;
    const { atMinutes, value } = this.#newest;
    s.fill(0, at, at + noise);
    this.#resetCusum(at);
    s[at + lastSurprise] = 0;
    s[at + sinceMinutes] = atMinutes;
    s[at + base] = value;
    this.#remember(at);
    addMoments(s, at, 0, value, 1);
    s[at + values] = 1;
  }

  #resetCusum(at: number): void {
    this.#state.fill(0, at + risen, at + fallenFor + 1);
  }

  #remember(at: number): void {
    const s = this.#state;
    const { atMinutes, value } = this.#newest;
    const place = at + ring + s[at + ringAt]!;
    s[place] = value;
    s[place + ringSize] = atMinutes;
    s[at + ringAt] = (s[at + ringAt]! + 1) % ringSize;
    s[at + last] = value;
    s[at + lastMinutes] = atMinutes;
    s[at + seen]! += 1;
  }
}

function deviationOf(variance: number): number {
  return Math.max(noiseMin, Math.sqrt(variance));
}
