import { describe, expect, it } from 'vitest';
import type { ClusterView, RouteView, ZoneRoute } from '../../../sim/cluster-view.ts';
import { copyConditions } from '../../../sim/conditions.ts';
import type { EdgeFlow, FlowWindow } from '../../../sim/data-plane/flow-state.ts';
import { Bench, chain } from './fixture.ts';

const { spec, view } = chain({ journey: { retries: 0 }, call: { timeoutMs: 400 } });
const zones = ['a', 'b', 'c'];

/** The chain's view with one edge going its own ways, the same from every zone. */
function routed(from: string | null, to: string, zoneRoute: ZoneRoute): ClusterView {
  const byZone = new Map((from === null ? ['user'] : zones).map((zone) => [zone, zoneRoute]));
  const routes: RouteView[] = [{ from, to, byZone }];
  return { ...view, version: 2, routes };
}

function edge(window: FlowWindow, from: string, to: string): EdgeFlow {
  return window.edges.find((one) => one.from === from && one.to === to) as EdgeFlow;
}

function rates(window: FlowWindow, service: string): number[] {
  return window.pods
    .filter(({ pod }) => pod.service === service)
    .map(({ operations }) => operations[0]?.requestsPerSec ?? 0);
}

describe('an edge with ways of its own', () => {
  it('sends shares to the pods it names, and the rest fails at once', () => {
    const pods = new Map([
      ['uid-store-a', 0.5],
      ['uid-store-b', 0.2],
    ]);
    const window = new Bench(spec).window(
      routed('mid', 'store', { pods, misses: { refused: 0.3 } }),
      60,
    );
    const { errorRatio, requestsPerSec, latency } = edge(window, 'mid', 'store');
    expect(errorRatio).toBeCloseTo(0.3, 9);
    expect(latency.slowShare).toBe(0);
    const [a, b, c] = rates(window, 'store');
    expect((a as number) / requestsPerSec).toBeCloseTo(0.5, 6);
    expect((b as number) / requestsPerSec).toBeCloseTo(0.2, 6);
    expect(c).toBe(0);
    expect(window.route('a', 'mid', 'store')?.targets.map(({ share }) => share)).toEqual([
      0.5, 0.2,
    ]);
    expect(window.route('a', 'front', 'mid')).toBeNull();
  });

  it('waits for its time-out where packets are dropped', () => {
    const pods = new Map([['uid-store-c', 0.6]]);
    const window = new Bench(spec).window(
      routed('mid', 'store', { pods, misses: { blocked: 0.4 } }),
      60,
    );
    const { errorRatio, latency } = edge(window, 'mid', 'store');
    expect(errorRatio).toBeCloseTo(0.4, 6);
    expect(latency.slowShare).toBeCloseTo(0.4, 6);
    expect(latency.slowMs).toBeCloseTo(400, 6);
  });

  it('may be that of users', () => {
    const pods = new Map([['uid-front-a', 0.25]]);
    const window = new Bench(spec).window(
      routed(null, 'front', { pods, misses: { unresolved: 0.75 } }),
      30,
    );
    expect(window.journeys[0]?.errorRatio).toBeCloseTo(0.75, 6);
  });

  it('hands the part of a drained zone to the others', () => {
    const pods = new Map(zones.map((zone) => [`uid-store-${zone}`, 1 / 3]));
    const drained = routed('mid', 'store', { pods, misses: {} });
    const traffic = { rateLimits: new Map(), drainedZones: new Map([['store', new Set(['b'])]]) };
    const window = new Bench(spec).window({ ...drained, traffic }, 30);
    const [a, b, c] = rates(window, 'store');
    expect(b).toBe(0);
    expect(a).toBeCloseTo(c as number, 9);
    expect(edge(window, 'mid', 'store').errorRatio).toBeCloseTo(0, 9);
  });

  it('goes on alike in a fork, and is forgotten with the view that had it', () => {
    const broken = routed('mid', 'store', { pods: new Map(), misses: { denied: 1 } });
    const bench = new Bench(spec);
    bench.play(broken, 20);
    const conditions = copyConditions(bench.conditions);
    const twin = new Bench(spec, { plane: bench.plane.fork(conditions), conditions });
    twin.nowMs = bench.nowMs;
    expect(twin.play(broken, 1)).toEqual(bench.play(broken, 1));
    bench.play({ ...view, version: 3 }, 5);
    const window = bench.window({ ...view, version: 3 }, 10);
    expect(window.journeys[0]?.errorRatio).toBeLessThan(1e-9);
  });
});
