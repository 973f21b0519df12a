import { describe, expect, it } from 'vitest';
import { reliabilityOf, type Statement } from '../../../lab/evaluate/reliability.ts';

/** `n` statements of one certainty, of which a share is right. */
function statements(stated: number, share: number, n: number): Statement[] {
  return Array.from({ length: n }, (_, i) => ({ stated, isRight: i < share * n }));
}

describe('reliability of statements', () => {
  it('is without error where shares are what was stated', () => {
    const found = reliabilityOf([...statements(0.9, 0.9, 100), ...statements(0.2, 0.2, 100)]);
    expect(found.bins.map(({ stated }) => stated)).toEqual([
      expect.closeTo(0.2),
      expect.closeTo(0.9),
    ]);
    expect(found.bins.map(({ right }) => right)).toMatchObject([
      { value: 0.2, n: 100 },
      { value: 0.9, n: 100 },
    ]);
    expect(found.expectedCalibrationError).toBeCloseTo(0);
    // p (1 - p) of each half, and of their mean.
    expect(found.brier).toBeCloseTo((0.09 + 0.16) / 2);
    expect(found.brierOfMean).toBeCloseTo(0.55 * 0.45);
  });

  it('says how far one is off who is always sure', () => {
    const found = reliabilityOf(statements(1, 0.6, 50));
    expect(found.expectedCalibrationError).toBeCloseTo(0.4);
    expect(found.brier).toBeCloseTo(0.4);
    expect(found.brierOfMean).toBeCloseTo(0.24);
  });

  it('has bins of ten or more, eight at most, of neighbours', () => {
    const all = Array.from({ length: 163 }, (_, i) => ({
      stated: ((i * 37) % 163) / 163,
      isRight: i % 2 === 0,
    }));
    const { bins } = reliabilityOf(all);
    expect(bins.length).toBeLessThanOrEqual(8);
    for (const { right } of bins) expect(right.n).toBeGreaterThanOrEqual(10);
    expect(bins.reduce((sum, { right }) => sum + right.n, 0)).toBe(163);
    const means = bins.map(({ stated }) => stated);
    expect(means).toEqual([...means].sort((a, b) => a - b));
    expect(reliabilityOf(statements(0.5, 1, 3)).bins.length).toBe(1);
  });

  it('has nothing to say of nothing', () => {
    expect(reliabilityOf([])).toEqual({
      bins: [],
      expectedCalibrationError: null,
      brier: null,
      brierOfMean: null,
    });
  });
});
