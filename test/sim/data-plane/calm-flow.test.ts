import { describe, expect, it } from 'vitest';
import type { TwinSpec } from '../../../core/truth/index.ts';
import { type Conditions, copyConditions, createConditions } from '../../../sim/conditions.ts';
import { DataPlane, type DataPlaneTick } from '../../../sim/data-plane/data-plane.ts';
import type { FlowWindow } from '../../../sim/data-plane/flow-state.ts';
import { latencyQuantileMs } from '../../../sim/data-plane/latency-law.ts';
import { type Course, type Impairment, steadyCourse } from '../../../sim/impairments/impairment.ts';
import { Bench, chain, operationSpec, podView, serviceSpec } from './fixture.ts';
import { callFiguresOf } from './flow-figures.ts';

const { spec, view } = chain({ workload: { noiseSd: 0.05, dailySwing: 0.3 } });

/** Long enough for processes to warm up and the flow to count as calm. */
const settledSec = 120;

function benchOf(calmStepSec: number): Bench {
  const conditions = createConditions();
  return new Bench(spec, { plane: planeOf(spec, conditions, calmStepSec), conditions });
}

function planeOf(of: TwinSpec, conditions: Conditions, calmStepSec: number): DataPlane {
  return new DataPlane({ spec: of, seed: 7, conditions, calmStepSec });
}

function near(value: number, expected: number, tolerance: number): void {
  expect(Math.abs(value - expected), `${value} against ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.abs(expected),
  );
}

function expectNear(a: FlowWindow, b: FlowWindow, tolerance: number): void {
  for (const list of ['services', 'edges'] as const) {
    a[list].forEach((flow, i) => {
      const other = b[list][i] as typeof flow;
      near(flow.requestsPerSec, other.requestsPerSec, tolerance);
      for (const q of [0.5, 0.95, 0.99]) {
        near(latencyQuantileMs(flow.latency, q), latencyQuantileMs(other.latency, q), tolerance);
      }
    });
  }
  a.pods.forEach((pod, i) => {
    near(pod.cpuCores, b.pods[i]?.cpuCores as number, tolerance);
    near(pod.inFlight, b.pods[i]?.inFlight as number, tolerance);
  });
}

function lossyLink(to: string, course: Partial<Course>): Impairment {
  return {
    key: `link to ${to}`,
    cause: 'lossy_link',
    target: `service/${to}`,
    scope: { kind: 'calls', from: '', to, operation: '' },
    amounts: { delayMs: 3, jitterMs: 1, packetLoss: 0.002 },
    course: { ...steadyCourse(0, null), ...course },
    hold: null,
  };
}

describe('a large system', () => {
  it('feels what is wrong somewhere as a small one does', () => {
    const idle = serviceSpec('idle', [operationSpec('Rest')]);
    const crowd = Array.from({ length: 1000 }, (_, i) =>
      podView('idle', 'abc'.charAt(i % 3), { name: `idle-${i}` }),
    );
    const large = { ...view, pods: [...view.pods, ...crowd] };
    const wider = { ...spec, services: [...spec.services, idle] };
    for (const to of ['front', 'mid', 'store']) {
      const [few, many] = [spec, wider].map((of) => {
        const conditions = createConditions();
        conditions.impairments.push(lossyLink(to, {}));
        return new Bench(of, { plane: planeOf(of, conditions, 1), conditions });
      }) as [Bench, Bench];
      few.play(view, 10);
      many.play(large, 10);
      const [a, b] = [few.plane.closeWindow(few.nowMs), many.plane.closeWindow(many.nowMs)];
      expectNear({ ...b, services: b.services.slice(0, 3), pods: b.pods.slice(0, 9) }, a, 1e-9);
    }
  });
});

describe('a calm flow in steps of fifteen seconds', () => {
  it('has the averages that it has second by second', () => {
    const [long, short] = [benchOf(15), benchOf(1)];
    long.play(view, settledSec);
    short.play(view, settledSec);
    for (let scrape = 0; scrape < 20; scrape += 1) {
      const windows = [long.window(view, 15), short.window(view, 15)] as const;
      expect(windows[0].journeys[0]?.offeredPerSec).toBeCloseTo(
        windows[1].journeys[0]?.offeredPerSec as number,
        9,
      );
      expectNear(...windows, 0.005);
    }
    const [a, b] = [long.plane.counters(), short.plane.counters()];
    near(a.arrived, b.arrived, 1e-6);
    near(a.arrived, a.done + a.failed + a.rejected + a.lost + a.backlog, 1e-9);
    expect(long.plane.exogenousDigest()).toBe(short.plane.exogenousDigest());
  });

  it('is measured every fifteenth second, while users are counted every second', () => {
    const [long, short] = [benchOf(15), benchOf(1)];
    const measured: number[] = [];
    for (let second = 1; second <= settledSec + 30; second += 1) {
      const [a, b] = [long.play(view, 1), short.play(view, 1)];
      if (second > settledSec && a.vitals.length > 0) measured.push(second);
      expect(a.user.offered).toEqual(b.user.offered);
      near(a.user.good[0] as number, b.user.good[0] as number, 1e-3);
    }
    expect(measured).toEqual([settledSec + 15, settledSec + 30]);
  });

  it('is played at once, and from then on every second, when anything changes', () => {
    const [long, short] = [benchOf(15), benchOf(1)];
    long.play(view, settledSec + 2);
    short.play(view, settledSec + 2);
    for (const { conditions } of [long, short]) conditions.isolatedZones.add('b');
    for (let i = 0; i < 20; i += 1) {
      const [a, b] = [long.play(view, 1), short.play(view, 1)] as [DataPlaneTick, DataPlaneTick];
      expect(a.vitals.length).toBeGreaterThan(0);
      near(a.user.good[0] as number, b.user.good[0] as number, 1e-3);
    }
    const { lost, failed } = long.plane.counters();
    near(lost + failed, short.plane.counters().lost + short.plane.counters().failed, 1e-3);
  });

  it('goes on while something is wrong all the time alike, not while it grows', () => {
    const measuredIn = (course: Partial<Course>): number => {
      const bench = benchOf(15);
      bench.play(view, settledSec);
      bench.conditions.impairments.push(lossyLink('mid', course));
      bench.play(view, 15);
      let measured = 0;
      for (let i = 0; i < 30; i += 1) if (bench.play(view, 1).vitals.length > 0) measured += 1;
      return measured;
    };
    expect(measuredIn({})).toBe(2);
    expect(measuredIn({ rampMs: 600_000 })).toBe(30);
  });

  it('has the same averages beside something that is wrong', () => {
    const [long, short] = [benchOf(15), benchOf(1)];
    for (const bench of [long, short]) {
      bench.play(view, settledSec);
      bench.conditions.impairments.push(lossyLink('mid', {}));
      bench.play(view, 30);
    }
    for (let i = 0; i < 8; i += 1) expectNear(long.window(view, 15), short.window(view, 15), 0.005);
  });

  it('goes on in a fork that was made while seconds waited', () => {
    const bench = benchOf(15);
    bench.play(view, settledSec + 3);
    const conditions = copyConditions(bench.conditions);
    const twin = new Bench(spec, { plane: bench.plane.fork(conditions), conditions });
    twin.nowMs = bench.nowMs;
    for (let i = 0; i < 20; i += 1) expect(twin.play(view, 1)).toEqual(bench.play(view, 1));
    expect(callFiguresOf(twin.plane.closeWindow(twin.nowMs))).toEqual(
      callFiguresOf(bench.plane.closeWindow(bench.nowMs)),
    );
  });

  it('is for systems of thousands of pods alone', () => {
    const usual = new Bench(spec);
    for (let i = 0; i < settledSec; i += 1) {
      expect(usual.play(view, 1).vitals.length).toBe(view.pods.length);
    }
  });
});
