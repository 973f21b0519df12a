import { describe, expect, it } from 'vitest';
import {
  bootstrapFigure,
  poissonRateFigure,
  rateFigure,
  wilsonFigure,
} from '../../lab/statistics/statistics.ts';

describe('a Poisson rate', () => {
  const unit = { total: 24, unit: 24 };

  it.each([
    // Garwood's exact limits: half of chi-squared quantiles.
    [5, 1.6235, 11.6683],
    [10, 4.7954, 18.3904],
    [50, 37.1114, 65.9189],
  ])('of %i events has limits close to the exact ones', (events, low, high) => {
    const figure = poissonRateFigure(events, unit, 3);
    expect(figure).toMatchObject({ value: events, n: 3 });
    expect(Math.abs((figure.low as number) / low - 1)).toBeLessThan(0.01);
    expect(Math.abs((figure.high as number) / high - 1)).toBeLessThan(0.01);
  });

  it('of no events is 0 and at most 3.69', () => {
    const { value, low, high } = poissonRateFigure(0, unit, 3);
    expect([value, low]).toEqual([0, 0]);
    expect(Math.abs((high as number) / 3.6889 - 1)).toBeLessThan(0.01);
  });

  it('the lower limit of one event is the exact one, 0.0253', () => {
    const { low } = poissonRateFigure(1, unit, 3);
    expect(Math.abs((low as number) / 0.0253 - 1)).toBeLessThan(0.01);
  });

  it('is per unit of exposure', () => {
    const day = poissonRateFigure(5, unit, 1);
    const half = poissonRateFigure(5, { total: 12, unit: 24 }, 1);
    for (const field of ['value', 'low', 'high'] as const) {
      expect(half[field]).toBeCloseTo(2 * (day[field] as number), 9);
    }
  });

  it('without exposure is unknown', () => {
    expect(poissonRateFigure(0, { total: 0, unit: 24 }, 1).value).toBeNull();
  });
});

describe('a rate', () => {
  it('of few scenarios is Wilson over all trials, even where each is of one mind', () => {
    expect(rateFigure([[1, 1, 1], [0, 0, 0], [1]])).toEqual(wilsonFigure(4, 7));
  });

  it('of ten scenarios or more knows that they differ', () => {
    const groups = Array.from({ length: 10 }, (_, g) => new Array<number>(20).fill(g % 2));
    const { value, low } = rateFigure(groups);
    expect(value).toBe(0.5);
    expect(low as number).toBeLessThan((wilsonFigure(100, 200).low as number) - 0.1);
  });
});

describe('a mean', () => {
  it('of one trial has no interval', () => {
    expect(bootstrapFigure([[], [7]])).toEqual({ value: 7, low: null, high: null, n: 1 });
  });

  it('of scenarios with one trial each has one from all of them', () => {
    const { value, low, high } = bootstrapFigure([[1], [2], [3], [4]]);
    expect(value).toBe(2.5);
    expect(low as number).toBeLessThan(2);
    expect(high as number).toBeGreaterThan(3);
  });
});
