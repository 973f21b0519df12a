import { describe, expect, it } from 'vitest';
import { mean, normalQuantile, quantile, standardDeviation } from '../../../core/tools/index.ts';
import { binomial, poisson } from '../../../sim/telemetry/count-laws.ts';
import { cpuNoise, heavyTail, NoiseBank } from '../../../sim/telemetry/noise.ts';

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

  const path = (seed: number, length: number, entity = 99): number[] => {
    const bank = new NoiseBank(seed);
    return Array.from({ length }, (_, scrape) => bank.at(0, entity, scrape));
  };

  it('has unit variance, is white to about a half, and yet remembers an hour', () => {
    const long = path(3, 200_000);
    const variance = standardDeviation(long) ** 2;
    const correlation = (lag: number): number =>
      mean(long.slice(lag).map((value, i) => value * (long[i] as number))) / variance;
    expect(variance).toBeCloseTo(1, 1);
    expect(correlation(1)).toBeGreaterThan(0.35);
    expect(correlation(1)).toBeLessThan(0.55);
    expect(correlation(60)).toBeGreaterThan(0.04);
    expect(Math.abs(correlation(2000))).toBeLessThan(0.03);
  });

  it('has no jumps where knots fall: neighbouring means are alike at every phase', () => {
    const long = path(5, 100_000).map((value, i, all) =>
      i > 0 ? value - (all[i - 1] as number) : 0,
    );
    for (const period of [4, 16, 64, 256]) {
      const steps = Array.from({ length: period }, () => [] as number[]);
      for (const [i, step] of long.entries()) steps[i % period]?.push(step * step);
      const sizes = steps.map((one) => mean(one)).sort((a, b) => a - b);
      // The largest of the phases, against their median; heavy tails leave some scatter.
      expect((sizes.at(-1) as number) / (sizes[period >> 1] as number)).toBeLessThan(2.5);
    }
  });

  it('comes in bursts', () => {
    const long = path(7, 51_200);
    const blocks = Array.from({ length: 200 }, (_, b) =>
      standardDeviation(long.slice(b * 256, (b + 1) * 256)),
    );
    expect(quantile(blocks, 0.95) / quantile(blocks, 0.05)).toBeGreaterThan(1.7);
  });

  it('is a pure function of seed, entity and scrape: neither order nor a fork matters', () => {
    const expected = path(3, 600);
    const bank = new NoiseBank(3);
    for (const scrape of [599, 0, 300, 299, 301, 17]) {
      expect(bank.at(4, 99, scrape)).toBe(expected[scrape]);
      expect(bank.fork().at(0, 99, scrape)).toBe(expected[scrape]);
    }
    expect(path(3, 5, 98)).not.toEqual(expected.slice(0, 5));
    expect(new NoiseBank(3).at(0, 99, -700)).not.toBeNaN();
  });

  it('differs in size from component to component, by kind', () => {
    const bank = new NoiseBank(3);
    const sizes = Array.from({ length: 400 }, (_, i) => bank.sizeOf(i, `service-${i}`, cpuNoise));
    expect(quantile(sizes, 0.5) / cpuNoise.size).toBeCloseTo(1, 0);
    expect(standardDeviation(sizes.map(Math.log))).toBeCloseTo(cpuNoise.spread, 1);
    expect(bank.sizeOf(7, 'service-7', cpuNoise)).toBe(sizes[7]);
  });

  it('answers the same when asked twice', () => {
    const bank = new NoiseBank(3);
    bank.at(0, 99, 1);
    expect(bank.at(0, 99, 2)).toBe(bank.at(0, 99, 2));
  });
});
