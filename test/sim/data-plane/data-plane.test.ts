import { describe, expect, it } from 'vitest';
import { type Conditions, copyConditions } from '../../../sim/conditions.ts';
import type { EdgeFlow, FlowWindow, PodFlow } from '../../../sim/data-plane/flow-state.ts';
import {
  Bench,
  callSpec,
  chain,
  clusterView,
  journeySpec,
  megabyte,
  operationSpec,
  podView,
  serviceSpec,
  station,
  twinSpec,
} from './fixture.ts';

function edge(window: FlowWindow, from: string, to: string): EdgeFlow {
  return window.edges.find((item) => item.from === from && item.to === to) as EdgeFlow;
}

function pod(window: FlowWindow, name: string): PodFlow {
  return window.pods.find((item) => item.pod.name === name) as PodFlow;
}

function surge(conditions: Conditions, factor: number, startMs: number): void {
  conditions.loadFactors.push({ journey: '*', factor, startMs, rampMs: 0, endMs: null });
}

function expectConserved(bench: Bench): void {
  const { arrived, done, failed, rejected, lost, backlog } = bench.plane.counters();
  const accounted = done + failed + rejected + lost + backlog;
  expect(Math.abs(accounted - arrived)).toBeLessThanOrEqual(1e-9 * arrived);
}

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
  });
});

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

describe('forks and draws', () => {
  const parts = (): {
    spec: ReturnType<typeof chain>['spec'];
    view: ReturnType<typeof chain>['view'];
  } => chain({ journey: { retries: 2 }, workload: { noiseSd: 0.2, dailySwing: 0.3 } });

  it('a fork goes on exactly like its original', () => {
    const { spec, view } = parts();
    const bench = new Bench(spec);
    surge(bench.conditions, 9, 0);
    bench.play(view, 77);
    const conditions = copyConditions(bench.conditions);
    const twin = new Bench(spec, { plane: bench.plane.fork(conditions), conditions });
    twin.nowMs = bench.nowMs;
    for (let i = 0; i < 30; i += 1) expect(twin.play(view, 1)).toEqual(bench.play(view, 1));
    const strip = ({ targets: _, route: __, flowOf: ___, pods, ...window }: FlowWindow): object => {
      const told = pods.map((pod) => [
        pod.pod,
        pod.cpuCores,
        pod.memoryBytes,
        pod.memoryMaxBytes,
        pod.throttledRatio,
        pod.inFlight,
        pod.requestsPerSec,
      ]);
      return { ...window, pods: told };
    };
    expect(strip(twin.plane.closeWindow(twin.nowMs))).toEqual(
      strip(bench.plane.closeWindow(bench.nowMs)),
    );
    expect(twin.plane.exogenousDigest()).toBe(bench.plane.exogenousDigest());
  });

  it('what happens to a fork leaves its original alone', () => {
    const { spec, view } = parts();
    const undisturbed = new Bench(spec);
    const bench = new Bench(spec);
    const expected = undisturbed.play(view, 40);
    bench.play(view, 20);
    const conditions = copyConditions(bench.conditions);
    const twin = new Bench(spec, { plane: bench.plane.fork(conditions), conditions });
    twin.nowMs = bench.nowMs;
    conditions.isolatedZones.add('b');
    twin.play(clusterView(view.pods.slice(1), { version: 9 }), 30);
    expect(bench.play(view, 20)).toEqual(expected);
    expect(bench.plane.counters()).toEqual(undisturbed.plane.counters());
  });

  it('draws the same whatever becomes of the cluster, and other things for another seed', () => {
    const { spec, view } = parts();
    const calm = new Bench(spec);
    const busy = new Bench(spec);
    const other = new Bench(spec, { seed: 8 });
    const calmTick = calm.play(view, 200);
    busy.play(view, 50);
    busy.conditions.unpoweredNodes.add('node-a');
    busy.play(view, 50);
    const busyTick = busy.play(clusterView(view.pods.slice(3), { version: 2 }), 100);
    other.play(view, 200);
    expect(busy.plane.exogenousDigest()).toBe(calm.plane.exogenousDigest());
    expect(busyTick.user.offered).toEqual(calmTick.user.offered);
    expect(busyTick.user.good).not.toEqual(calmTick.user.good);
    expect(other.plane.exogenousDigest()).not.toBe(calm.plane.exogenousDigest());
  });
});

describe('call graph', () => {
  it('refuses operations that call themselves, and names the circle', () => {
    const spec = twinSpec({
      services: [
        serviceSpec('x', [operationSpec('A', { calls: [callSpec('y', 'B')] })]),
        serviceSpec('y', [operationSpec('B', { calls: [callSpec('x', 'A')] })]),
      ],
      journeys: [journeySpec('visit', 'x', 'A')],
    });
    expect(() => new Bench(spec)).toThrow(
      /must not call themselves, got .*x\/A -> y\/B -> x\/A|y\/B -> x\/A -> y\/B/,
    );
  });

  it('refuses calls to operations that nobody offers', () => {
    const spec = twinSpec({
      services: [serviceSpec('x', [operationSpec('A', { calls: [callSpec('y', 'B')] })])],
      journeys: [journeySpec('visit', 'x', 'A')],
    });
    expect(() => new Bench(spec)).toThrow('x/A calls y/B, which no service offers');
  });

  it('allows two services to call each other through different operations', () => {
    const spec = twinSpec({
      services: [
        serviceSpec('x', [
          operationSpec('A', { calls: [callSpec('y', 'B')] }),
          operationSpec('C', { cpuMs: 1 }),
        ]),
        serviceSpec('y', [operationSpec('B', { calls: [callSpec('x', 'C')] })]),
      ],
      journeys: [journeySpec('visit', 'x', 'A')],
    });
    const window = new Bench(spec).window(clusterView([podView('x', 'a'), podView('y', 'b')]), 30);
    const [get, callback] = pod(window, 'x-a').operations.map((flow) => flow.requestsPerSec);
    expect(get).toBeCloseTo(callback as number, 9);
  });
});
