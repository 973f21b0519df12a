import { expect, it } from 'vitest';
import { latencyQuantileMs } from '../../sim/data-plane/latency-law.ts';
import { Bench, station } from '../sim/data-plane/fixture.ts';

/** 12 requests per second of 10 ms each: 0.12 cores, whatever the limit. */
function playLimit(cores: number): { p99Ms: number; cpuCores: number; throttledRatio: number } {
  const { spec, view } = station({ requestsPerSec: 12, cpuMs: 10, cores });
  const bench = new Bench(spec);
  bench.play(view, 300);
  const pod = bench.window(view, 300).pods[0]!;
  const { cpuCores, throttledRatio } = pod;
  return {
    p99Ms: latencyQuantileMs(pod.operations[0]!.ownLatency, 0.99),
    cpuCores,
    throttledRatio,
  };
}

it('CFS throttling raises p99 several times at 40 % mean CPU', () => {
  const free = playLimit(1);
  const limited = playLimit(0.3);
  expect(limited.cpuCores).toBeCloseTo(free.cpuCores, 3);
  expect(limited.cpuCores / 0.3).toBeLessThan(0.42);
  expect(limited.throttledRatio).toBeGreaterThan(0.05);
  expect(free.throttledRatio).toBeLessThan(1e-6);
  expect(limited.p99Ms).toBeGreaterThan(2.5 * free.p99Ms);
});
