import { describe, expect, it } from 'vitest';
import { createStream, mean, standardDeviation } from '../../../core/tools/index.ts';
import { quantileFigure } from '../../../lab/statistics/statistics.ts';
import {
  holmAdjusted,
  mcnemarTest,
  minimumDetectableChange,
  signFlipTest,
} from '../../../lab/statistics/statistics-paired.ts';

describe('the sign-flip test', () => {
  it("gives Fisher's p for Darwin's maize: 1,726 of 32,768 patterns", () => {
    // Differences in eighths of an inch, 15 pairs; The Design of Experiments, 1935, section 21.
    const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
    expect(signFlipTest(maize)).toBeCloseTo(1726 / 32_768, 12);
  });

  it('is 2 of 2^n patterns when all differences agree, whatever their unit', () => {
    expect(signFlipTest([0.1, 0.2, 0.3])).toBe(2 / 8);
    expect(signFlipTest([1e-9, 2e-9, 3e-9, 0, 0])).toBe(2 / 8);
    expect(signFlipTest([])).toBe(1);
    expect(signFlipTest([0, 0])).toBe(1);
  });

  it('draws patterns beyond 16 values and agrees with the normal approximation', () => {
    const stream = createStream(3, 'sample');
    const values = Array.from({ length: 200 }, () => 0.15 + stream.normal());
    const z = (mean(values) / standardDeviation(values)) * Math.sqrt(200);
    expect(z).toBeGreaterThan(1);
    const p = signFlipTest(values);
    const normal = 2 * (1 - cdf(z));
    expect(Math.abs(p - normal)).toBeLessThan(0.02);
    expect(signFlipTest(values)).toBe(p);
  });

  it('alarms in about 5 of 100 samples without a difference', () => {
    const stream = createStream(4, 'null');
    let alarms = 0;
    for (let round = 0; round < 400; round += 1) {
      if (signFlipTest(Array.from({ length: 10 }, () => stream.normal())) <= 0.05) alarms += 1;
    }
    expect(alarms).toBeGreaterThan(6);
    expect(alarms).toBeLessThan(36);
  });
});

describe('the exact McNemar test', () => {
  it('is the two-sided binomial of the pairs that differ', () => {
    expect(mcnemarTest(0, 0)).toBe(1);
    expect(mcnemarTest(5, 0)).toBeCloseTo(2 / 32, 12);
    expect(mcnemarTest(1, 9)).toBeCloseTo((2 * 11) / 1024, 12);
    expect(mcnemarTest(4, 4)).toBe(1);
    expect(mcnemarTest(1, 9)).toBe(mcnemarTest(9, 1));
    // Agresti, Categorical Data Analysis, table 10.1: 150 against 86 changed their mind, z = -4.17.
    expect(mcnemarTest(86, 150)).toBeGreaterThan(2e-5);
    expect(mcnemarTest(86, 150)).toBeLessThan(5e-5);
  });

  it('does not underflow with thousands of pairs', () => {
    expect(mcnemarTest(2000, 2000)).toBeCloseTo(1, 6);
    expect(mcnemarTest(0, 900)).toBeGreaterThan(0);
  });
});

describe('Holm', () => {
  it('steps down and never decreases', () => {
    expect(holmAdjusted([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
    expect(holmAdjusted([])).toEqual([]);
  });
});

describe('the minimum detectable change', () => {
  it('matches the textbook: 2.8 standard errors, 342 pairs for .05 at sd .33', () => {
    expect(minimumDetectableChange(0.01)).toBeCloseTo(0.028016, 5);
    expect(minimumDetectableChange(0.33 / Math.sqrt(342))).toBeCloseTo(0.05, 4);
  });

  it('is found four times in five by the test it is made for', () => {
    const stream = createStream(6, 'power');
    const change = minimumDetectableChange(1 / Math.sqrt(12));
    let found = 0;
    for (let round = 0; round < 300; round += 1) {
      const sample = Array.from({ length: 12 }, () => change + stream.normal());
      if (signFlipTest(sample) <= 0.05) found += 1;
    }
    expect(found / 300).toBeGreaterThan(0.7);
    expect(found / 300).toBeLessThan(0.87);
  });
});

describe('the interval of a median', () => {
  it('holds the median and is as wide as order statistics say', () => {
    const values = Array.from({ length: 101 }, (_, i) => i);
    const { value, low, high, n } = quantileFigure([values], 0.5);
    expect({ value, n }).toEqual({ value: 50, n: 101 });
    // The binomial interval of the median of 101 runs from the 41st to the 61st value.
    expect(low as number).toBeGreaterThanOrEqual(37);
    expect(low as number).toBeLessThanOrEqual(43);
    expect(high as number).toBeGreaterThanOrEqual(57);
    expect(high as number).toBeLessThanOrEqual(63);
  });

  it('is nothing without trials, and has no interval with one', () => {
    expect(quantileFigure([[], []], 0.5).value).toBeNull();
    expect(quantileFigure([[7]], 0.5)).toEqual({ value: 7, low: null, high: null, n: 1 });
  });
});

/** P(Z <= z), Abramowitz and Stegun 26.2.17, to check against something that is not ours. */
function cdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const series = terms.reduceRight((sum, term) => t * (term + sum), 0);
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
