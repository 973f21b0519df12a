import { describe, expect, it } from 'vitest';
import { mean, standardDeviation, uniformAt } from '../../../core/tools/index.ts';
import type { WorkloadSpec } from '../../../core/truth/index.ts';
import { Arrivals, loadFactorAt, poissonCount } from '../../../sim/data-plane/arrivals.ts';
import { journeySpec } from './fixture.ts';

const journeys = [
  journeySpec('browse', 's', 'Get', { weight: 3 }),
  journeySpec('buy', 's', 'Put', { weight: 1 }),
];
const steady: WorkloadSpec = {
  requestsPerSec: 100,
  dailySwing: 0,
  peakHour: 14,
  noisePhi: 0.8,
  noiseSd: 0,
  happeningsPerHour: 0,
  recording: null,
};

function arrivals(workload: Partial<WorkloadSpec>): Arrivals {
  return new Arrivals({ seed: 5, workload: { ...steady, ...workload }, journeys });
}

describe('arrivals', () => {
  it('split the rate by weight', () => {
    const source = arrivals({});
    source.play(1000, []);
    expect([...source.expected]).toEqual([75, 25]);
  });

  it('follow the day: the peak at the peak hour, the trough twelve hours later', () => {
    const source = arrivals({ dailySwing: 0.4, peakHour: 14 });
    const at = (hour: number): number => {
      source.play((hour - 9) * 3_600_000, []);
      return (source.expected[0] as number) + (source.expected[1] as number);
    };
    expect(at(14)).toBeCloseTo(140, 3);
    expect(at(26)).toBeCloseTo(60, 3);
    expect(at(8)).toBeCloseTo(100, 1);
  });

  it('have noise of the asked size and memory, and the asked mean', () => {
    const source = arrivals({ noiseSd: 0.2, noisePhi: 0.8 });
    const logs: number[] = [];
    for (let minute = 0; minute < 8000; minute += 1) {
      source.play(minute * 60_000 + 500, []);
      logs.push(Math.log((source.expected[0] as number) / 75));
    }
    expect(standardDeviation(logs)).toBeCloseTo(0.2, 1);
    const centre = mean(logs);
    let lagged = 0;
    for (let i = 1; i < logs.length; i += 1) {
      lagged += ((logs[i] as number) - centre) * ((logs[i - 1] as number) - centre);
    }
    const variance = standardDeviation(logs) ** 2;
    expect(lagged / (logs.length * variance)).toBeCloseTo(0.8, 1);
    expect(mean(logs.map(Math.exp))).toBeCloseTo(1, 1);
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
    const [used, fresh] = [arrivals({ noiseSd: 0.2 }), arrivals({ noiseSd: 0.2 })];
    for (let i = 0; i < 200; i += 1) used.play(i * 1000, []);
    used.play(123_000, []);
    fresh.play(123_000, []);
    expect(used.counts).toEqual(fresh.counts);
    expect(used.draws).toEqual(fresh.draws);
  });
});

describe('counts', () => {
  it.each([0.3, 4, 29, 31, 400])('have the mean and variance of Poisson at %f', (rate) => {
    const counts = Array.from({ length: 20_000 }, (_, i) => poissonCount(rate, uniformAt(9, 1, i)));
    expect(Math.abs(mean(counts) / rate - 1)).toBeLessThan(0.03);
    expect(Math.abs(standardDeviation(counts) ** 2 / rate - 1)).toBeLessThan(0.05);
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
