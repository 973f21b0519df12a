import { describe, expect, it } from 'vitest';
import type { LatencyLaw } from '../../sim/data-plane/flow-state.ts';
import { latencyCdf, latencyQuantileMs } from '../../sim/data-plane/latency-law.ts';
import {
  Bench,
  callSpec,
  clusterView,
  journeySpec,
  operationSpec,
  podView,
  serviceSpec,
  twinSpec,
} from '../sim/data-plane/fixture.ts';

/** Users' latency when each request makes `calls` calls to 100 replicas of which one is ill. */
function userLatency(calls: number, illness: 'silent' | 'slow'): LatencyLaw {
  const toLeaf = callSpec('leaf', 'Get', { count: calls, timeoutMs: 1000, retries: 2 });
  const spec = twinSpec({
    services: [
      serviceSpec('front', [operationSpec('Get', { cpuMs: 1, calls: [toLeaf] })]),
      serviceSpec('leaf', [operationSpec('Get', { cpuMs: 1 })]),
    ],
    journeys: [journeySpec('visit', 'front', 'Get', { timeoutMs: 60_000 })],
    workload: { requestsPerSec: 30 },
  });
  const leaves = Array.from({ length: 100 }, (_, r) =>
    podView('leaf', r === 0 ? 'c' : 'b', { name: `leaf-${r}` }),
  );
  const view = clusterView([podView('front', 'a'), ...leaves]);
  const bench = new Bench(spec);
  if (illness === 'silent') bench.conditions.unpoweredNodes.add('node-c');
  else bench.conditions.podDelayMs.set('uid-leaf-0', 900);
  bench.play(view, 60);
  return bench.window(view, 60).journeys[0]!.latency;
}

/** P(at least one of `calls` calls hits one replica of 100). */
const shareHit = (calls: number): number => 1 - 0.99 ** calls;

describe('fan-out (Dean and Barroso 2013, the tail at scale)', () => {
  it.each([1, 2, 5, 10, 20])('of %i makes 1 - (1 - p)^n of requests meet a silent replica', (n) => {
    expect(1 - latencyCdf(userLatency(n, 'silent'), 800)).toBeCloseTo(shareHit(n), 6);
  });

  it('moves the silent replica from beyond p99 into p99', () => {
    const alone = userLatency(0.5, 'silent');
    expect(latencyQuantileMs(alone, 0.99)).toBeLessThan(20);
    const many = userLatency(10, 'silent');
    expect(latencyQuantileMs(many, 0.5)).toBeLessThan(20);
    expect(latencyQuantileMs(many, 0.99)).toBeGreaterThan(900);
  });

  it('dates no answer before the time-out that it met (fan-out 5)', () => {
    expect(1 - latencyCdf(userLatency(5, 'silent'), 999)).toBeCloseTo(shareHit(5), 3);
  });

  it('keeps the mode of a slow replica (fan-out 10)', () => {
    expect(1 - latencyCdf(userLatency(10, 'slow'), 850)).toBeCloseTo(shareHit(10), 2);
  });
});
