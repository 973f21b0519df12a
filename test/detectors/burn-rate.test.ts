import { describe, expect, it } from 'vitest';
import type { MetricsFrame, SeriesDescriptor } from '../../core/observable/index.ts';
import { BurnRate, type BurnRateOptions } from '../../detectors/burn-rate.ts';

const minuteMs = 60_000;
const series: readonly SeriesDescriptor[] = [
  { signal: 'user_request_rate', component: 'user/buy', labels: { journey: 'buy' } },
  { signal: 'user_error_ratio', component: 'user/buy', labels: { journey: 'buy' } },
  { signal: 'error_ratio', component: 'service/cart', labels: { service: 'cart' } },
];

function frame(atMs: number, errorRatio: number, rate = 100): MetricsFrame {
  return { atMs, index: { series }, values: Float64Array.of(rate, errorRatio, 1) };
}

/** Minutes from the beginning of the failures until the first alarm, and until it is over. */
function play(
  errorRatioAt: (minute: number) => number,
  given: { hours: number; stepMs?: number; options?: Partial<BurnRateOptions> },
): { alarmMinutes: number | null; overMinutes: number | null } {
  const { hours, stepMs = minuteMs, options = {} } = given;
  const detector = new BurnRate('burn_rate', options);
  let alarmMinutes: number | null = null;
  let overMinutes: number | null = null;
  // Three healthy days, and then what is asked for.
  const frames = (hours * 60 * minuteMs) / stepMs;
  for (let i = -(72 * 60 * minuteMs) / stepMs; i <= frames; i += 1) {
    const minute = (i * stepMs) / minuteMs;
    const now = frame(i * stepMs, minute > 0 ? errorRatioAt(minute) : 0);
    const isAlarm = (detector.score(now).scores[1] as number) >= detector.threshold;
    if (isAlarm) alarmMinutes ??= minute;
    if (alarmMinutes !== null && !isAlarm) overMinutes ??= minute;
    detector.learn(now);
  }
  return { alarmMinutes, overMinutes };
}

describe('burn rate', () => {
  // Detection time = (1 - objective) / error ratio × long window × burn rate.
  it.each([
    { errorRatio: 1, hours: 1, expected: (0.001 / 1) * 60 * 14.4 },
    { errorRatio: 0.1, hours: 1, expected: (0.001 / 0.1) * 60 * 14.4 },
    { errorRatio: 0.02, hours: 2, expected: (0.001 / 0.02) * 60 * 14.4 },
    { errorRatio: 0.01, hours: 5, expected: (0.001 / 0.01) * 360 * 6 },
    { errorRatio: 0.002, hours: 40, expected: (0.001 / 0.002) * 72 * 60 },
  ])('takes the textbook time at $errorRatio', ({ errorRatio, hours, expected }) => {
    const { alarmMinutes } = play(() => errorRatio, { hours });
    expect(alarmMinutes).toBeGreaterThanOrEqual(expected - 1e-9);
    expect(alarmMinutes).toBeLessThanOrEqual(expected + 1);
  });

  it('leaves failures within the budget alone', () => {
    expect(play(() => 0.0009, { hours: 80 }).alarmMinutes).toBeNull();
  });

  it('is over a short window after the failures are', () => {
    const { alarmMinutes, overMinutes } = play((minute) => (minute <= 20 ? 0.1 : 0), { hours: 2 });
    expect(alarmMinutes).toBe(9);
    // The short window of five minutes falls below 14.4 budgets when 4.28 of them are good.
    expect(overMinutes).toBe(25);
  });

  it('does not take a burst for a burn', () => {
    // A minute in which two thirds fail: 1.1 % of an hour, below 14.4 budgets.
    expect(play((minute) => (minute <= 1 ? 0.66 : 0), { hours: 2 }).alarmMinutes).toBeNull();
  });

  it('scales its windows', () => {
    const { alarmMinutes } = play(() => 0.1, {
      hours: 0.5,
      stepMs: 5_000,
      options: { scale: 1 / 12 },
    });
    expect(alarmMinutes).toBeCloseTo(0.01 * 5 * 14.4, 0);
  });

  it('counts the time before it began as good', () => {
    const detector = new BurnRate('burn_rate');
    const scores = [];
    for (let i = 0; i < 40; i += 1) {
      const now = frame(i * 15_000, i === 1 ? 0.02 : 0);
      scores.push(detector.score(now).scores[1]);
      detector.learn(now);
    }
    expect(
      Math.max(...(scores.filter((score) => !Number.isNaN(score as number)) as number[])),
    ).toBeLessThan(0.2);
  });

  it('has an opinion on users only', () => {
    const detector = new BurnRate('burn_rate');
    detector.learn(frame(0, 0));
    const { scores } = detector.score(frame(15_000, 0.5));
    expect([...scores].map(Number.isNaN)).toEqual([true, false, true]);
  });

  it('goes on after a restore as if nothing had been', () => {
    const going = new BurnRate('burn_rate');
    for (let i = 0; i < 100; i += 1) going.learn(frame(i * 15_000, 0.01 * (i % 7)));
    const restored = new BurnRate('burn_rate');
    restored.restore(going.save());
    for (let i = 100; i < 200; i += 1) {
      const now = frame(i * 15_000, 0.02 * (i % 5));
      expect(restored.score(now).scores[1]).toBe(going.score(now).scores[1]);
      for (const detector of [restored, going]) detector.learn(now);
    }
    expect(restored.save()).toEqual(going.save());
    const other = new BurnRate('burn_rate', { objective: 0.99 });
    expect(() => other.restore(going.save())).toThrow('settings: expected');
  });
});
