import { describe, expect, it } from 'vitest';
import { mean, normalQuantile, quantile, standardDeviation } from '../../../core/tools/index.ts';
import { binomial, heavyTail, NoiseBank, poisson } from '../../../sim/telemetry/noise.ts';

const levels: readonly number[] = Array.from({ length: 20_000 }, (_, i) => (i + 0.5) / 20_000);

describe('counting noise', () => {
  it.each([0.3, 8, 29, 31, 700])('is Poisson of mean %d', (expected) => {
    const counts = levels.map((u) => poisson(expected, u));
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
    expect(mean(counts) / expected).toBeCloseTo(1, 2);
    expect(standardDeviation(counts) ** 2 / expected).toBeCloseTo(1, 1);
  });

  it.each([
    [50, 0.001],
    [600, 0.04],
    [600, 0.2],
    [600, 0.97],
    [3, 0.5],
  ])('is binomial of %d trials at %d', (trials, ratio) => {
    const counts = levels.map((u) => binomial(trials, ratio, u));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...counts)).toBeLessThanOrEqual(trials);
    expect(mean(counts) / (trials * ratio)).toBeCloseTo(1, 1);
    expect(standardDeviation(counts) ** 2 / (trials * ratio * (1 - ratio))).toBeCloseTo(1, 1);
  });

  it('is certain at the ends', () => {
    expect(binomial(9, 0, 0.999)).toBe(0);
    expect(binomial(9, 1, 0.001)).toBe(9);
    expect(poisson(0, 0.999)).toBe(0);
  });
});

describe('measurement noise', () => {
  it('has unit variance and tails heavier than normal', () => {
    const draws = levels.map((u) => heavyTail(normalQuantile(u)));
    expect(standardDeviation(draws)).toBeCloseTo(1, 2);
    expect(quantile(draws, 0.999)).toBeGreaterThan(1.15 * normalQuantile(0.999));
    expect(quantile(draws, 0.75)).toBeLessThan(normalQuantile(0.75));
  });

  it('is stationary, with lag-one correlation of 0.7', () => {
    const bank = new NoiseBank(3);
    const path = Array.from({ length: 4000 }, (_, scrape) => bank.at(0, 99, scrape));
    const products = path.slice(1).map((value, i) => value * (path[i] as number));
    expect(standardDeviation(path)).toBeCloseTo(1, 0);
    expect(mean(products) / standardDeviation(path) ** 2).toBeCloseTo(0.7, 1);
  });

  it('answers the same when asked twice', () => {
    const bank = new NoiseBank(3);
    bank.at(0, 99, 1);
    expect(bank.at(0, 99, 2)).toBe(bank.at(0, 99, 2));
  });
});
