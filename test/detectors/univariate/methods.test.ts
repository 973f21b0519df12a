import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { CalibratedPoint } from '../../../detectors/univariate/calibrated-point.ts';
import { fitGpdByGrimshaw, fitGpdByMoments } from '../../../detectors/univariate/gpd-fit.ts';
import { HoltWinters } from '../../../detectors/univariate/holt-winters.ts';
import { OnlineStl } from '../../../detectors/univariate/online-stl.ts';
import { seasonOf } from '../../../detectors/univariate/point-methods.ts';
import type { PointStatistic } from '../../../detectors/univariate/point-statistic.ts';
import {
  dailySeason,
  type Season,
  weeklySeason,
} from '../../../detectors/univariate/season-slots.ts';

const hourMs = 3_600_000;

describe('generalised Pareto fit', () => {
  const drawn = (index: number): Float64Array => {
    const stream = createStream(7, `gpd-${index}`);
    return Float64Array.from({ length: 4000 }, () => {
      const u = 1 - stream.next();
      return index === 0 ? -Math.log(u) : (u ** -index - 1) / index;
    });
  };

  it.each([-0.2, 0, 0.2, 0.4])('finds an index of %d by likelihood', (index) => {
    const fit = fitGpdByGrimshaw(drawn(index));
    expect(fit.index).toBeCloseTo(index, 1);
    expect(fit.scale).toBeGreaterThan(0.9);
    expect(fit.scale).toBeLessThan(1.1);
  });

  it('agrees by moments where the tail is light', () => {
    const fit = fitGpdByMoments(drawn(0.1));
    expect(fit.index).toBeCloseTo(0.1, 1);
  });
});

/** Eight weeks of hours: busy on working days from 9 to 17, quiet on Saturday and Sunday. */
function workingWeeks(): Float64Array {
  const stream = createStream(3, 'weeks');
  return Float64Array.from({ length: 8 * 168 }, (_, hour) => {
    const isBusy = hour % 168 < 120 && hour % 24 >= 9 && hour % 24 < 17;
    return 100 + (isBusy ? 60 : 0) + 2 * stream.normal();
  });
}

/** Mean size of the forecast errors over the last four weeks. */
function errorOf(create: (season: Season) => PointStatistic, season: Season): number {
  const method = create(season);
  let sum = 0;
  workingWeeks().forEach((value, hour) => {
    if (hour >= 4 * 168) sum += Math.abs(value - method.expected(hour * hourMs));
    method.learn(value, hour * hourMs);
  });
  return sum / (4 * 168);
}

describe('season', () => {
  const hourly: Season = { ...dailySeason, slots: 24 };

  it.each([
    ['Holt-Winters', (season: Season) => new HoltWinters({ season })],
    ['online STL', (season: Season) => new OnlineStl({ season })],
  ] as const)('%s fails on weekly data with a daily period', (_, create) => {
    const weekly = errorOf(create, weeklySeason);
    expect(errorOf(create, hourly)).toBeGreaterThan(2 * weekly);
    expect(weekly).toBeLessThan(6);
  });

  it('is set per group of metrics', () => {
    expect(seasonOf('user_request_rate')).toEqual(weeklySeason);
    expect(seasonOf('cpu_utilization')).toEqual(dailySeason);
    expect(seasonOf('something_else')).toEqual(dailySeason);
  });

  it('keeps an outage of a day from becoming the next norm', () => {
    const detector = new CalibratedPoint('holt_winters', new HoltWinters({ season: hourly }));
    const level = (hour: number): number => 100 + 30 * Math.sin((2 * Math.PI * hour) / 24);
    const stream = createStream(5, 'outage');
    for (let hour = 0; hour < 40 * 24; hour += 1) {
      const isOut = hour >= 30 * 24 && hour < 30 * 24 + 6;
      detector.learn(isOut ? 0 : level(hour) + stream.normal(), hour * hourMs);
      if (hour < 31 * 24 || hour > 31 * 24 + 6) continue;
      expect(Math.abs(detector.expected((hour + 1) * hourMs) - level(hour + 1))).toBeLessThan(25);
    }
  });
});
