import { describe, expect, it } from 'vitest';
import { copyConditions } from '../../../sim/conditions.ts';
import type { FlowWindow } from '../../../sim/data-plane/flow-state.ts';
import { Bench, chain, clusterView } from './fixture.ts';
import { callFiguresOf, surge } from './flow-figures.ts';

describe('forks and draws of the data plane', () => {
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
    const figuresOf = (window: FlowWindow): object => {
      const { targets: _, route: __, flowOf: ___, pods, ...others } = window;
      const told = pods.map((pod) => [
        pod.pod,
        pod.cpuCores,
        pod.memoryBytes,
        pod.memoryMaxBytes,
        pod.throttledRatio,
        pod.inFlight,
        pod.requestsPerSec,
      ]);
      return { ...others, ...callFiguresOf(window), pods: told };
    };
    expect(figuresOf(twin.plane.closeWindow(twin.nowMs))).toEqual(
      figuresOf(bench.plane.closeWindow(bench.nowMs)),
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
