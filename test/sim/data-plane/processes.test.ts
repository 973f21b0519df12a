import { describe, expect, it } from 'vitest';
import type { PodFlow } from '../../../sim/data-plane/flow-state.ts';
import { Bench, chain, clusterView, megabyte, podView, station } from './fixture.ts';
import { expectConserved, pod } from './flow-figures.ts';

describe('releases and processes', () => {
  const traits = { errorRatio: 0.2, cpuFactor: 2, leakBytesPerSec: megabyte };

  it('a release fails, burns CPU and leaks; the others do not', () => {
    const { spec, view } = chain();
    const bench = new Bench(spec);
    bench.conditions.releaseTraits.set('mid@v2', traits);
    const mixed = clusterView(
      view.pods.map((item) =>
        item.name === 'mid-b' ? { ...item, release: 'v2', processStartedUs: 0 } : item,
      ),
    );
    bench.play(mixed, 270);
    const window = bench.window(mixed, 30);
    const [good, bad] = ['mid-a', 'mid-b'].map((name) => pod(window, name)) as [PodFlow, PodFlow];
    expect(bad.operations[0]?.ownErrorRatio).toBeCloseTo(0.2, 9);
    expect(good.operations[0]?.ownErrorRatio).toBe(0);
    expect(bad.cpuCores / good.cpuCores).toBeCloseTo(2, 6);
    expect((bad.memoryBytes - good.memoryBytes) / megabyte).toBeCloseTo(300, 0);
    // Requests that fail on mid's own account do not reach the store.
    expect(window.services[2]?.requestsPerSec).toBeLessThan(
      0.95 * (window.services[1]?.requestsPerSec as number),
    );
  });

  it('a restart forgets leak and backlog and is cold again', () => {
    const { spec, view } = station({ requestsPerSec: 120, cpuMs: 10, cores: 1 });
    const cold = {
      ...spec,
      services: spec.services.map((item) => ({ ...item, coldFactor: 1, coldMs: 20_000 })),
    };
    const bench = new Bench(cold);
    bench.conditions.releaseTraits.set('s@v1', { ...traits, errorRatio: 0, cpuFactor: 1 });
    const before = bench.play(view, 120).vitals[0]?.memoryBytes as number;
    const waiting = bench.plane.counters().backlog;
    expect(waiting).toBeGreaterThan(1000);
    const restarted = clusterView(
      view.pods.map((item) => ({ ...item, processStartedUs: bench.nowMs * 1000, restartCount: 1 })),
      { version: 2 },
    );
    const after = bench.play(restarted, 1).vitals[0]?.memoryBytes as number;
    expect(after).toBeLessThan(before / 2);
    expect(bench.plane.counters().lost).toBeCloseTo(waiting, 6);
    // Cold, it serves about half of the 100 per second.
    expect(bench.plane.counters().backlog).toBeGreaterThan(60);
    expectConserved(bench);
  });

  it('collects garbage harder as memory nears its limit', () => {
    const { spec, view } = station({ requestsPerSec: 30, cpuMs: 10, cores: 1 });
    const bench = new Bench(spec);
    const tight = clusterView(
      view.pods.map((item) => ({ ...item, memoryLimitBytes: 101 * megabyte })),
      { version: 2 },
    );
    const usual = bench.window(view, 30).pods[0]?.cpuCores as number;
    expect(bench.window(tight, 30).pods[0]?.cpuCores).toBeGreaterThan(1.5 * usual);
  });

  it('loses what waited in a pod that is deleted, and nothing else', () => {
    const { spec, view } = station({ requestsPerSec: 150, cpuMs: 10, cores: 1 });
    const bench = new Bench(spec);
    bench.play(view, 30);
    const waiting = bench.plane.counters().backlog;
    bench.play(clusterView([podView('s', 'b', { name: 'new' })], { version: 2 }), 1);
    expect(bench.plane.counters().lost).toBeCloseTo(waiting, 6);
    expectConserved(bench);
  });
});
