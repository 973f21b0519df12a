import { describe, expect, it } from 'vitest';
import { Bench, chain, clusterView, podView, station } from './fixture.ts';
import { expectConserved, pod, surge } from './flow-figures.ts';

describe('saturation', () => {
  it('builds a backlog above capacity, makes probes time out, and drains it again', () => {
    const { spec, view } = station({ requestsPerSec: 80, cpuMs: 10, cores: 1 });
    const bench = new Bench(spec);
    expect(bench.play(view, 60).vitals[0]?.answerMs).toBeLessThan(1000);
    expect(bench.plane.counters().backlog).toBe(0);
    surge(bench.conditions, 1.5, bench.nowMs);
    const overloaded = bench.play(view, 60);
    // 120 arrive and 100 leave per second.
    expect(bench.plane.counters().backlog).toBeCloseTo(60 * 20, 3);
    expect(overloaded.vitals[0]?.answerMs).toBeGreaterThan(1000);
    expect(overloaded.vitals[0]?.cpuCores).toBeCloseTo(1, 9);
    bench.conditions.loadFactors.length = 0;
    bench.play(view, 50);
    expect(bench.plane.counters().backlog).toBeCloseTo(60 * 20 - 50 * 20, 3);
    expect(bench.play(view, 60).vitals[0]?.answerMs).toBeLessThan(1000);
    expectConserved(bench);
  });

  it('has no jump in latency where the load crosses capacity', () => {
    const { spec, view } = station({ requestsPerSec: 90, cpuMs: 10, cores: 1 });
    const bench = new Bench(spec);
    bench.play(view, 600);
    bench.conditions.loadFactors.push({
      journey: '*',
      factor: 1.3,
      startMs: bench.nowMs,
      rampMs: 120_000,
      endMs: null,
    });
    let before = bench.play(view, 1).service.latencyMsMean[0] as number;
    for (let i = 0; i < 150; i += 1) {
      const now = bench.play(view, 1).service.latencyMsMean[0] as number;
      expect(now - before).toBeGreaterThan(-1);
      expect(now - before).toBeLessThan(250);
      before = now;
    }
    expect(before).toBeGreaterThan(2000);
  });

  it('turns requests away at once beyond its concurrency', () => {
    const { spec, view } = station({ requestsPerSec: 200, cpuMs: 10, cores: 1 });
    const limited = {
      ...spec,
      services: spec.services.map((item) => ({ ...item, concurrencyMax: 50 })),
    };
    const bench = new Bench(limited);
    bench.play(view, 60);
    const window = bench.window(view, 60);
    expect(window.pods[0]?.operations[0]?.ownErrorRatio).toBeCloseTo(0.5, 1);
    expect(bench.plane.counters().backlog).toBeLessThanOrEqual(50);
    expect(window.pods[0]?.inFlight).toBeLessThan(60);
    expectConserved(bench);
  });

  it("fills its callers' slots when it hangs", () => {
    const { spec, view } = chain({ call: { timeoutMs: 5000 }, journey: { timeoutMs: 20_000 } });
    const limited = {
      ...spec,
      services: spec.services.map((item) =>
        item.name === 'mid' ? { ...item, concurrencyMax: 20 } : item,
      ),
    };
    const bench = new Bench(limited);
    for (const zone of ['a', 'b', 'c']) bench.conditions.podDelayMs.set(`uid-store-${zone}`, 4000);
    bench.play(view, 60);
    const window = bench.window(view, 60);
    for (const zone of ['a', 'b', 'c'])
      expect(pod(window, `mid-${zone}`).inFlight).toBeCloseTo(20, 0);
    expect(window.services[1]?.errorRatio).toBeGreaterThan(0.5);
  });

  it('shares a node whose pods want more than it has', () => {
    const { spec } = station({ requestsPerSec: 1600, cpuMs: 10, cores: 12 });
    const view = clusterView([
      podView('s', 'a', { name: 'x', cpuLimitCores: 12 }),
      podView('s', 'a', { name: 'y', cpuLimitCores: 12 }),
    ]);
    const bench = new Bench(spec);
    surge(bench.conditions, 3, 0);
    const vitals = bench.play(view, 30).vitals;
    expect(vitals[0]?.cpuCores).toBeCloseTo(8, 6);
    expect(vitals[1]?.cpuCores).toBeCloseTo(8, 6);
  });
});

describe('retries', () => {
  it('turn failures into load', () => {
    const rate = (retries: number, isSlow: boolean): number => {
      const { spec, view } = chain({
        journey: { retries },
        call: { retries, timeoutMs: 200 },
        storeOperation: { cpuMs: 0.1 },
      });
      const bench = new Bench(spec);
      if (isSlow)
        for (const zone of ['a', 'b', 'c'])
          bench.conditions.podDelayMs.set(`uid-store-${zone}`, 500);
      bench.play(view, 30);
      return bench.window(view, 60).services[2]?.requestsPerSec as number;
    };
    expect(rate(2, false)).toBeCloseTo(rate(0, false), 0);
    // Three attempts at each of three levels; the users' patience is longer than the front's.
    expect(rate(2, true) / rate(0, true)).toBeCloseTo(27, 0);
  });

  it('keep a collapsed system down at a load it carried before (metastable)', () => {
    const { spec, view } = chain({
      journey: { retries: 3, timeoutMs: 1000 },
      call: { timeoutMs: 500, retries: 2 },
      storeOperation: { cpuMs: 25 },
      workload: { requestsPerSec: 84 },
    });
    const bench = new Bench(spec);
    bench.play(view, 60);
    expect(bench.window(view, 60).journeys[0]?.errorRatio).toBeLessThan(0.001);
    bench.conditions.loadFactors.push({
      journey: '*',
      factor: 3,
      startMs: bench.nowMs,
      rampMs: 0,
      endMs: bench.nowMs + 60_000,
    });
    bench.play(view, 600);
    expect(bench.window(view, 60).journeys[0]?.errorRatio).toBeGreaterThan(0.5);
  });

  it('save a request when one of three pods refuses', () => {
    const goodShare = (retries: number): number => {
      const { spec, view } = chain({ call: { retries } });
      const broken = clusterView(
        view.pods.map((item) => (item.name === 'store-b' ? { ...item, listening: false } : item)),
      );
      const { user } = new Bench(spec).play(broken, 30);
      return (user.good[0] as number) / (user.offered[0] as number);
    };
    expect(goodShare(0)).toBeCloseTo(2 / 3, 6);
    expect(goodShare(1)).toBeCloseTo(1 - 1 / 81, 6);
  });
});

describe('rate limits', () => {
  it('answer the excess at once and keep the pods out of it', () => {
    const { spec, view } = station({ requestsPerSec: 90, cpuMs: 10, cores: 1 });
    const bench = new Bench(spec);
    const traffic = { rateLimits: new Map([['s', 45]]), drainedZones: new Map() };
    const limited = clusterView(view.pods, { version: 2, traffic });
    bench.play(limited, 5);
    const window = bench.window(limited, 120);
    expect(window.journeys[0]?.errorRatio).toBeCloseTo(0.5, 3);
    expect(window.pods[0]?.cpuCores).toBeCloseTo(0.45, 6);
    expect(window.pods[0]?.operations[0]?.errorRatio).toBe(0);
    const { user } = bench.play(limited, 1);
    expect((user.good[0] as number) / (user.offered[0] as number)).toBeCloseTo(0.5, 2);
  });
});
