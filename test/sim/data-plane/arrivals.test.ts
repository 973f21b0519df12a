import { describe, expect, it } from 'vitest';
import { mean, standardDeviation, uniformAt } from '../../../core/tools/index.ts';
import type { WorkloadSpec } from '../../../core/truth/index.ts';
import { spectralSlope } from '../../../lab/fidelity/features.ts';
import { Arrivals, loadFactorAt, requestCount } from '../../../sim/data-plane/arrivals.ts';
import { journeySpec } from './fixture.ts';

const journeys = [
  journeySpec('browse', 's', 'Get', { weight: 3 }),
  journeySpec('buy', 's', 'Put', { weight: 1 }),
];
const steady: WorkloadSpec = {
  requestsPerSec: 100,
  dailySwing: 0,
  peakHour: 14,
  noiseSd: 0,
  noiseSlope: 1,
  dispersion: 1,
  crowdsPerDay: 0,
  largestCrowd: 0,
  happeningsPerHour: 0,
  recording: null,
};

function arrivals(workload: Partial<WorkloadSpec>): Arrivals {
  return new Arrivals({ seed: 5, workload: { ...steady, ...workload }, journeys });
}

/** The end of a second at an hour of a day after the Monday at which virtual time begins. */
function dayHour(hour: number, day: number): number {
  return (24 * day + hour - 9) * 3_600_000 + 500;
}

function totalAt(source: Arrivals, atMs: number): number {
  source.play(atMs, []);
  return (source.expected[0] as number) + (source.expected[1] as number);
}

function logRates(source: Arrivals, stepMs: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    source.play(i * stepMs + 500, []);
    return Math.log((source.expected[0] as number) / 75);
  });
}

describe('arrivals', () => {
  it('split the rate by weight', () => {
    const source = arrivals({});
    source.play(1000, []);
    expect([...source.expected]).toEqual([75, 25]);
  });

  it('follow the day: the peak at the peak hour, the trough twelve hours later', () => {
    const source = arrivals({ dailySwing: 0.4, peakHour: 14 });
    expect(totalAt(source, dayHour(14, 0))).toBeGreaterThan(139);
    expect(totalAt(source, dayHour(26, 0))).toBeLessThan(70);
    const evening = totalAt(source, dayHour(17, 0)) - totalAt(source, dayHour(23, 0));
    const morning = totalAt(source, dayHour(11, 1)) - totalAt(source, dayHour(5, 1));
    expect(evening).toBeGreaterThan(1.2 * morning);
  });

  it('follow the week: less on Saturday than on Wednesday', () => {
    const source = arrivals({ dailySwing: 0.4 });
    const [wednesday, saturday] = [2, 5].map((day) => totalAt(source, dayHour(12, day)));
    expect(wednesday).toBeGreaterThan(1.1 * (saturday as number));
    expect(totalAt(source, dayHour(12, 9))).toBeCloseTo(wednesday as number, 6);
  });

  it('have noise of the asked size around the asked mean', () => {
    const logs = logRates(arrivals({ noiseSd: 0.2 }), 97_000, 8000);
    expect(standardDeviation(logs)).toBeCloseTo(0.2, 1);
    expect(mean(logs.map(Math.exp))).toBeCloseTo(1, 1);
  });

  it.each([1, 1.5])('have noise on all scales, whose power falls as 1/f^%f', (noiseSlope) => {
    const logs = logRates(arrivals({ noiseSd: 0.2, noiseSlope }), 30_000, 4096);
    expect(Math.abs(spectralSlope(Float64Array.from(logs)) + noiseSlope)).toBeLessThan(0.3);
  });

  it('share most of the noise between journeys', () => {
    const source = arrivals({ noiseSd: 0.2 });
    const products = Array.from({ length: 8000 }, (_, i) => {
      source.play(97_000 * i + 500, []);
      return (source.draws[0] as number) * (source.draws[2] as number);
    });
    expect(mean(products) / 0.04).toBeGreaterThan(0.6);
    expect(mean(products) / 0.04).toBeLessThan(0.9);
  });

  it('have crowds: as many as asked, rarely large, none larger than allowed', () => {
    const source = arrivals({ crowdsPerDay: 2, largestCrowd: 3 });
    const tops: number[] = [];
    let top = 0;
    for (let atMs = 0; atMs < 400 * 86_400_000; atMs += 300_000) {
      const above = totalAt(source, atMs) / 100 - 1;
      if (above > 0.05) top = Math.max(top, above);
      else if (top > 0) {
        tops.push(top);
        top = 0;
      }
    }
    expect(tops.length).toBeGreaterThan(400);
    expect(tops.length).toBeLessThan(800);
    expect(tops.filter((one) => one > 1).length / tops.length).toBeLessThan(0.2);
    expect(Math.max(...tops)).toBeGreaterThan(2);
    expect(Math.max(...tops)).toBeLessThan(5);
  });

  it('interpolate a recording and hold it at its ends', () => {
    const source = arrivals({
      noiseSd: 0.3,
      recording: { startMs: 500, stepMs: 60_000, requestsPerSec: [10, 70, 40] },
    });
    const at = (atMs: number): number => {
      source.play(atMs, []);
      return (source.expected[0] as number) + (source.expected[1] as number);
    };
    expect([at(-5000), at(1000), at(31_000), at(61_000), at(999_000)]).toEqual([
      10, 10, 40, 70, 40,
    ]);
  });

  it('do not remember: any second gives the same numbers whatever was asked before', () => {
    const [used, fresh] = [0, 1].map(() =>
      arrivals({ noiseSd: 0.2, crowdsPerDay: 24, largestCrowd: 2 }),
    ) as [Arrivals, Arrivals];
    for (let i = 0; i < 200; i += 1) used.play(i * 1000, []);
    used.play(123_000, []);
    fresh.play(123_000, []);
    expect(used.counts).toEqual(fresh.counts);
    expect(used.draws).toEqual(fresh.draws);
  });
});

describe('counts', () => {
  it.each([
    [0.3, 1],
    [4, 1],
    [29, 1],
    [31, 1],
    [400, 1],
    [0.3, 3],
    [4, 2],
    [29, 5],
    [31, 5],
    [400, 20],
  ])('have the mean of %f and %f times its variance', (rate, dispersion) => {
    const counts = Array.from({ length: 40_000 }, (_, i) =>
      requestCount(rate, dispersion, uniformAt(9, 1, i)),
    );
    expect(Math.abs(mean(counts) / rate - 1)).toBeLessThan(0.03);
    const variance = standardDeviation(counts) ** 2;
    expect(Math.abs(variance / rate / dispersion - 1)).toBeLessThan(0.06);
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
  });
});

describe('load factors', () => {
  it('rise and fall on straight lines', () => {
    const load = { journey: '*', factor: 5, startMs: 1000, rampMs: 400, endMs: 3000 };
    const at = [999, 1000, 1200, 1400, 2999, 3200, 3400, 9000].map((ms) => loadFactorAt(load, ms));
    expect(at).toEqual([1, 1, 3, 5, 5, 3, 1, 1]);
    const cut = { ...load, endMs: 1200 };
    expect(loadFactorAt(cut, 1300)).toBeCloseTo(2, 12);
    expect(loadFactorAt({ ...load, rampMs: 0 }, 1000)).toBe(5);
  });

  it('touch only the journey they name', () => {
    const source = arrivals({});
    source.play(5000, [{ journey: 'buy', factor: 2, startMs: 0, rampMs: 0, endMs: null }]);
    expect([...source.expected]).toEqual([75, 50]);
  });
});
