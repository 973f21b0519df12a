import { describe, expect, it } from 'vitest';
import {
  Bench,
  callSpec,
  chain,
  clusterView,
  journeySpec,
  operationSpec,
  podView,
  serviceSpec,
  twinSpec,
} from './fixture.ts';
import { edge, pod } from './flow-figures.ts';

describe('healthy flow', () => {
  it("serves everybody, at every tier, with the network in the callers' time", () => {
    const { spec, view } = chain();
    const bench = new Bench(spec);
    const window = bench.window(view, 300);
    expect(window.services.map((service) => service.errorRatio)).toEqual([0, 0, 0]);
    for (const service of window.services) expect(service.requestsPerSec).toBeCloseTo(60, -1);
    expect(window.journeys[0]?.offeredPerSec).toBeCloseTo(60, -1);
    const [front, mid, store] = window.services.map((service) => service.latency.meanMs);
    const networkMs = 2 * (0.2 / 3 + (0.8 * 2) / 3);
    expect(front as number).toBeCloseTo(2 / (1 - 0.04) + networkMs + (mid as number), 1);
    expect(mid as number).toBeCloseTo(3 / (1 - 0.06) + networkMs + (store as number), 1);
    const last = bench.play(view, 1);
    expect(last.user.good[0]).toBeCloseTo(last.user.offered[0] as number, 6);
    expect(last.service.latencyMsMean[0]).toBeCloseTo((front as number) + 0.4, 1);
  });

  it('counts calls as often as they are made', () => {
    const spec = twinSpec({
      services: [
        serviceSpec('front', [
          operationSpec('Home', { calls: [callSpec('store', 'Read', { count: 2.5 })] }),
        ]),
        serviceSpec('store', [operationSpec('Read', { cpuMs: 1 })]),
      ],
      journeys: [journeySpec('visit', 'front', 'Home')],
      workload: { requestsPerSec: 40 },
    });
    const view = clusterView([podView('front', 'a'), podView('store', 'b')]);
    const window = new Bench(spec).window(view, 120);
    const [front, store] = window.services.map((service) => service.requestsPerSec);
    expect((store as number) / (front as number)).toBeCloseTo(2.5, 6);
  });

  it('lets an optional call fail without failing its caller', () => {
    const { spec, view } = chain({ call: { optional: true, retries: 0 } });
    const dead = clusterView(
      view.pods.map((item) => (item.service === 'store' ? { ...item, listening: false } : item)),
    );
    const window = new Bench(spec).window(dead, 30);
    expect(edge(window, 'mid', 'store').errorRatio).toBeCloseTo(1, 9);
    expect(window.journeys[0]?.errorRatio).toBe(0);
  });
});

describe('dead and cut-off pods', () => {
  const third = 1 / 3;

  it('refuses at once where the process is dead and times out where the node is', () => {
    const { spec, view } = chain({ journey: { retries: 0 } });
    const bench = new Bench(spec);
    const deadProcess = clusterView(
      view.pods.map((item) =>
        item.name === 'store-b' ? { ...item, listening: false, running: false } : item,
      ),
      { version: 2 },
    );
    bench.play(deadProcess, 5);
    const refused = edge(bench.window(deadProcess, 30), 'mid', 'store');
    expect(refused.errorRatio).toBeCloseTo(third, 6);
    expect(refused.latency.slowShare).toBe(0);
    bench.conditions.unpoweredNodes.add('node-b');
    bench.play(view, 5);
    const silent = edge(bench.window(view, 30), 'mid', 'store');
    expect(silent.errorRatio).toBeCloseTo(third, 4);
    expect(silent.latency.slowShare).toBeCloseTo(third, 4);
    expect(silent.latency.slowMs).toBeCloseTo(1000, 3);
  });

  it('times out between an isolated zone and the rest, and goes on within it', () => {
    const { spec, view } = chain({ call: { timeoutMs: 400 } });
    const bench = new Bench(spec);
    bench.conditions.isolatedZones.add('a');
    bench.play(view, 10);
    const window = bench.window(view, 60);
    // A third of users meet the silent entry pod.
    expect(window.journeys[0]?.errorRatio).toBeGreaterThan(third);
    expect(pod(window, 'front-a').operations[0]?.requestsPerSec).toBe(0);
    expect(edge(window, 'front', 'mid').latency.slowMs).toBeCloseTo(400, 3);
    const fromA = window.targets('a', 'store');
    expect(fromA.map((target) => target.reachable)).toEqual([true, false, false]);
    const fromUsers = window.targets('user', 'front');
    expect(fromUsers.map((target) => target.reachable)).toEqual([false, true, true]);
    expect(fromUsers.every((target) => !target.refused && target.share === 1 / 3)).toBe(true);
    // The kubelet is local: probes still pass.
    expect(bench.play(view, 1).vitals.every(({ answerMs }) => answerMs === 0)).toBe(true);
    bench.conditions.isolatedZones.clear();
    bench.play(view, 5);
    expect(bench.window(view, 10).journeys[0]?.errorRatio).toBeLessThan(1e-9);
  });

  it('answers 503 at once without endpoints and leaves drained zones alone', () => {
    const { spec, view } = chain();
    const bench = new Bench(spec);
    const traffic = {
      rateLimits: new Map(),
      drainedZones: new Map([['store', new Set(['a', 'b'])]]),
    };
    const drained = bench.window(clusterView(view.pods, { version: 2, traffic }), 30);
    expect(pod(drained, 'store-a').operations[0]?.requestsPerSec).toBe(0);
    expect(pod(drained, 'store-c').operations[0]?.requestsPerSec).toBeCloseTo(60, -1);
    const none = clusterView(
      view.pods.map((item) => (item.service === 'mid' ? { ...item, inEndpoints: false } : item)),
      { version: 3 },
    );
    bench.play(none, 3);
    const window = bench.window(none, 30);
    expect(edge(window, 'front', 'mid').errorRatio).toBe(1);
    expect(window.journeys[0]?.latency.meanMs).toBeLessThan(5);
  });

  it("adds a pod's network delay once per response", () => {
    const { spec, view } = chain();
    const bench = new Bench(spec);
    const before = edge(bench.window(view, 30), 'mid', 'store').latency.meanMs;
    for (const zone of ['a', 'b', 'c']) bench.conditions.podDelayMs.set(`uid-store-${zone}`, 250);
    const after = edge(bench.window(view, 30), 'mid', 'store').latency.meanMs;
    expect(after - before).toBeCloseTo(250, 1);
  });
});
