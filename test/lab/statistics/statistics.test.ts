import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { bootstrapFigure, rateFigure, wilsonFigure } from '../../../lab/statistics/statistics.ts';

describe('intervals', () => {
  it('Wilson matches the published value for 10 of 10', () => {
    const { low, high } = wilsonFigure(10, 10);
    expect(low).toBeCloseTo(0.7225, 3);
    expect(high).toBeCloseTo(1, 9);
  });

  it('no trials give nulls, never zero or NaN', () => {
    expect(bootstrapFigure([])).toEqual({ value: null, low: null, high: null, n: 0 });
    expect(rateFigure([[], []])).toEqual({ value: null, low: null, high: null, n: 0 });
  });

  it('a rate of one still has a lower bound below one', () => {
    expect(
      rateFigure([
        [1, 1, 1],
        [1, 1],
      ]).low as number,
    ).toBeLessThan(0.7);
  });

  it('the bootstrap interval covers a known mean in about 95 of 100 samples', () => {
    const stream = createStream(5, 'coverage');
    let covered = 0;
    for (let round = 0; round < 100; round += 1) {
      const { low, high } = bootstrapFigure([
        Array.from({ length: 40 }, () => 3 + stream.normal()),
      ]);
      if ((low as number) <= 3 && 3 <= (high as number)) covered += 1;
    }
    expect(covered).toBeGreaterThanOrEqual(87);
    expect(covered).toBeLessThanOrEqual(100);
  });

  it('ten scenarios or more are resampled as clusters: the interval is wider', () => {
    const groups = Array.from({ length: 12 }, (_, g) => new Array<number>(20).fill(g));
    const clustered = bootstrapFigure(groups);
    const within = bootstrapFigure(groups.slice(0, 9));
    expect((clustered.high as number) - (clustered.low as number)).toBeGreaterThan(2);
    expect(within.high).toBe(within.low);
  });
});
