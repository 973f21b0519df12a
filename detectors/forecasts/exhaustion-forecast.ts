import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { isWarningDue } from './exhaustion-warning.ts';
import type { TrendFit } from './moment-fits.ts';
import { Teeth, type TeethFit } from './teeth.ts';
import { type NewValue, TrendFits } from './trend-fits.ts';

/** When a resource will have run out, in minutes from now; Infinity is "not as far as it looks". */
export interface TimeToExhaustion {
  /** Ends of the 80 % interval. */
  lowMinutes: number;
  medianMinutes: number;
  highMinutes: number;
  /** For how long it has climbed, in minutes. */
  ageMinutes: number;
  /** From what height, as a share of the limit. */
  from: number;
  /** Whether to warn of it now: see {@link isWarningDue}. */
  isDue: boolean;
}

/** Standard normal deviate of the ends of the interval. */
const intervalDeviate = 1.2815515655446004;
/** Values since the last change before there is an opinion. */
const countMin = 5;
/** A rate that was measured so far goes on give or take this share: load is never constant. */
const slopeSpread = 0.2;
/** How far it looks: from half a minute, each step a sixth longer, to some five hours. */
const lookSteps = 42;
const firstLookMinutes = 0.5;
const lookGrowth = 7 / 6;

/**
 * Time until columns of utilisation (1 is full) reach their limit, with an 80 % interval: the local
 * trend and its error, a bend if there is one, and the turns of a sawtooth. Steps and young climbs
 * are no reason to warn. Wrong where a climb ends for a reason that it does not show beforehand.
 * O(1) per value, 0.85 KB per column.
 */
export class ExhaustionForecast {
  readonly #trends = new TrendFits();
  readonly #teeth = new Teeth();
  readonly #newest: NewValue = { atMinutes: Number.NaN, value: Number.NaN };
  readonly #out: TimeToExhaustion = {
    lowMinutes: 0,
    medianMinutes: 0,
    highMinutes: 0,
    ageMinutes: 0,
    from: 0,
    isDue: false,
  };

  grow(columns: number): void {
    this.#trends.grow(columns);
    this.#teeth.grow(columns);
  }

  /** Takes in a value in shares of the limit, at a time in ms; NaN is skipped. */
  learn(column: number, atMs: number, value: number): void {
    if (Number.isNaN(value)) return;
    this.#newest.atMinutes = atMs / 60_000;
    this.#newest.value = value;
    this.#trends.learn(column, this.#newest);
    this.#teeth.learn(column, this.#newest, this.#trends.deviation(column));
  }

  /**
   * The forecast as of the newest value; one object for all calls. What a trend reaches later than
   * `withinMinutes` counts as never.
   */
  forecast(column: number, withinMinutes: number = Number.POSITIVE_INFINITY): TimeToExhaustion {
    const out = this.#out;
    out.lowMinutes = Number.POSITIVE_INFINITY;
    out.medianMinutes = Number.POSITIVE_INFINITY;
    out.highMinutes = Number.POSITIVE_INFINITY;
    const fit = this.#trends.fit(column);
    const isMeasured = fit.count >= countMin;
    const teeth = this.#teeth.fit(column, {
      atMinutes: this.#trends.lastAtMinutes(column),
      level: this.#trends.lastValue(column),
      slope: isMeasured ? fit.slope : 0,
    });
    if (teeth !== null) turnsAtLimit(teeth, out);
    else if (isMeasured && fit.slope > 0) lookAhead(fit, withinMinutes, out);
    out.ageMinutes = fit.ageMinutes;
    out.from = fit.level - fit.rise;
    out.isDue = isWarningDue(out, fit, teeth);
    return out;
  }

  writeState(writer: StateWriter): void {
    this.#trends.writeState(writer);
    this.#teeth.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#trends.readState(reader);
    this.#teeth.readState(reader);
  }
}

/** When the peaks of a sawtooth reach the limit. */
function turnsAtLimit(teeth: TeethFit, out: TimeToExhaustion): void {
  const { peak, slope } = teeth;
  if (slope <= 0) return;
  const error = intervalDeviate * teeth.spread;
  const slopeError = intervalDeviate * Math.hypot(teeth.slopeError, slopeSpread * slope);
  out.lowMinutes = Math.max(0, 1 - peak - error) / (slope + slopeError);
  out.medianMinutes = Math.max(0, 1 - peak) / slope;
  // Half of the next peaks are higher than the middle one, so the spread makes nothing later.
  if (slope > slopeError) out.highMinutes = Math.max(0, 1 - peak) / (slope - slopeError);
}

/** The first instants at which the trend, and what bounds it, reach the limit. */
function lookAhead(fit: TrendFit, withinMinutes: number, out: TimeToExhaustion): void {
  const { level, slope, bend, covariance: v } = fit;
  const rateError = slopeSpread * slope;
  let low = -1;
  let median = -1;
  let high = -1;
  let before = 0;
  for (let step = 0, h = 0; step <= lookSteps && before <= withinMinutes; step += 1) {
    // A bend says where the climb slows down; it does not fall again.
    const until = bend < 0 ? Math.min(h, -slope / (2 * bend)) : h;
    const mean = level + until * (slope + until * bend);
    const variance =
      v[0]! +
      2 * h * v[1]! +
      h * h * (2 * v[2]! + v[3]! + rateError * rateError) +
      h * h * h * (2 * v[4]! + h * v[5]!);
    const error = intervalDeviate * Math.sqrt(Math.max(0, variance));
    const lowNow = mean + error - 1;
    const medianNow = mean - 1;
    const highNow = mean - error - 1;
    if (out.lowMinutes === Number.POSITIVE_INFINITY)
      out.lowMinutes = crossing(before, h, low, lowNow);
    if (out.medianMinutes === Number.POSITIVE_INFINITY)
      out.medianMinutes = crossing(before, h, median, medianNow);
    out.highMinutes = crossing(before, h, high, highNow);
    if (out.highMinutes !== Number.POSITIVE_INFINITY) return;
    low = lowNow;
    median = medianNow;
    high = highNow;
    before = h;
    h = step === 0 ? firstLookMinutes : h * lookGrowth;
  }
}

/**
 * Where a line from `below` (at `from`) to `now` (at `to`) passes 0; Infinity while it is below.
 */
function crossing(from: number, to: number, below: number, now: number): number {
  if (now < 0) return Number.POSITIVE_INFINITY;
  return below < 0 ? from + ((to - from) * -below) / (now - below) : from;
}
