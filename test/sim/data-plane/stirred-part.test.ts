import { describe, expect, it } from 'vitest';
import type { ClusterView, PodView } from '../../../sim/cluster-view.ts';
import { type Conditions, copyConditions, createConditions } from '../../../sim/conditions.ts';
import { DataPlane } from '../../../sim/data-plane/data-plane.ts';
import type { FlowWindow } from '../../../sim/data-plane/flow-state.ts';
import { latencyQuantileMs } from '../../../sim/data-plane/latency-law.ts';
import { type Course, type Impairment, steadyCourse } from '../../../sim/impairments/impairment.ts';
import {
  Bench,
  callSpec,
  clusterView,
  journeySpec,
  operationSpec,
  podView,
  serviceSpec,
  twinSpec,
} from './fixture.ts';
import { callFiguresOf } from './flow-figures.ts';

/** shop → cart → store ← search ← find: two ways of users that meet at the store. */
const cold = { coldFactor: 2, coldMs: 20_000 };
const retried = { retries: 2, timeoutMs: 800 };
const spec = twinSpec({
  services: [
    serviceSpec('shop', [operationSpec('Buy', { calls: [callSpec('cart', 'Add', retried)] })]),
    serviceSpec('cart', [operationSpec('Add', { calls: [callSpec('store', 'Write')] })], cold),
    serviceSpec('find', [operationSpec('Find', { calls: [callSpec('search', 'Ask')] })]),
    serviceSpec('search', [operationSpec('Ask', { calls: [callSpec('store', 'Read')] })]),
    serviceSpec('store', [operationSpec('Write'), operationSpec('Read', { cpuMs: 2 })]),
  ],
  journeys: [
    journeySpec('buy', 'shop', 'Buy', { retries: 1 }),
    journeySpec('look', 'find', 'Find', { weight: 3 }),
  ],
  workload: { requestsPerSec: 120, noiseSd: 0.03 },
  network: { sameZoneMs: 0.2, crossZoneMs: 0.8 },
});
const pods = spec.services.flatMap(({ name }) =>
  ['a', 'b', 'c', 'a', 'b', 'c'].map((zone, i) => podView(name, zone, { name: `${name}-${i}` })),
);
const view = clusterView(pods);
const settledSec = 60;

function benchOf(calmStepSec: number): Bench {
  const conditions = createConditions();
  const plane = new DataPlane({ spec, seed: 7, conditions, calmStepSec });
  const bench = new Bench(spec, { plane, conditions });
  bench.play(view, settledSec);
  return bench;
}

function viewOf(version: number, of: readonly PodView[]): ClusterView {
  return { ...view, version, pods: of };
}

function serviceOf(uid: string): string {
  return pods.find((pod) => pod.uid === uid)?.service ?? 'new';
}

/** Services whose vital signs are told in each of the coming seconds. */
function told(bench: Bench, of: ClusterView, seconds: number): string[] {
  return Array.from({ length: seconds }, () => {
    const services = new Set(bench.play(of, 1).vitals.map(({ uid }) => serviceOf(uid)));
    return [...services].join(' ');
  });
}

function wrong(scope: Impairment['scope'], amounts: Impairment['amounts'], course?: Course) {
  return {
    key: 'test',
    cause: 'lossy_link',
    target: 'service/cart',
    scope,
    amounts,
    course: course ?? steadyCourse(0, null),
    hold: null,
  } as const satisfies Impairment;
}

function toService(to: string): Impairment['scope'] {
  return { kind: 'calls', from: '', to, operation: '' };
}

function worstGap(a: FlowWindow, b: FlowWindow): number {
  let worst = 0;
  const compare = (x: number, y: number): void => {
    worst = Math.max(worst, Math.abs(x - y) / Math.max(1e-6, Math.abs(y)));
  };
  for (const list of ['services', 'edges', 'journeys'] as const) {
    a[list].forEach((flow, i) => {
      const other = b[list][i] as typeof flow;
      if ('requestsPerSec' in flow && 'requestsPerSec' in other) {
        compare(flow.requestsPerSec, other.requestsPerSec);
      }
      compare(1 - flow.errorRatio, 1 - other.errorRatio);
      for (const q of [0.5, 0.95]) {
        compare(latencyQuantileMs(flow.latency, q), latencyQuantileMs(other.latency, q));
      }
    });
  }
  a.pods.forEach(({ cpuCores }, i) => {
    compare(cpuCores, b.pods[i]?.cpuCores as number);
  });
  return worst;
}

const release = pods[0]?.release;
const slowTraits = { cpuFactor: 1.4, errorRatio: 0.02, leakBytesPerSec: 0 };

/** What happens to cart, with callers and callees, in the middle of a step. */
const happenings: Readonly<Record<string, (bench: Bench, second: number) => ClusterView>> = {
  'a pod dies in service, is taken out and replaced': (_, second) => {
    const rest = pods.filter(({ name }) => name !== 'cart-1');
    const dying = pods.map((pod) => (pod.name === 'cart-1' ? { ...pod, listening: false } : pod));
    if (second < 4) return view;
    if (second < 6) return viewOf(2, dying);
    if (second < 21) return viewOf(3, rest);
    const startedUs = (settledSec + 21) * 1_000_000;
    return viewOf(4, [
      ...rest,
      podView('cart', 'b', { name: 'cart-9', processStartedUs: startedUs }),
    ]);
  },
  'the pod that all pods of the shared store answer like goes': (_, second) =>
    second < 4
      ? view
      : viewOf(
          2,
          pods.filter(({ name }) => name !== 'store-0'),
        ),
  'calls are refused for a while': ({ conditions }, second) => {
    if (second === 7) {
      conditions.impairments.push(wrong(toService('cart'), { refusedShare: 0.1 }));
    }
    if (second === 25) conditions.impairments.length = 0;
    return view;
  },
  'the release that cart runs shows its traits for a while': ({ conditions }, second) => {
    if (second === 7) conditions.releaseTraits.set(`cart@${release}`, slowTraits);
    if (second === 32) conditions.releaseTraits.clear();
    return view;
  },
  'the way to the shared store gets slower and slower, while pods of cart go': (bench, second) => {
    const course = { ...steadyCourse(0, null), sinceMs: settledSec * 1000, rampMs: 60_000 };
    if (second === 0) {
      bench.conditions.impairments.push(wrong(toService('store'), { delayMs: 20 }, course));
    }
    return second < 19 ? view : viewOf(2, pods.slice(0, -1));
  },
};

describe('what something happens to in a large system', () => {
  for (const [name, happen] of Object.entries(happenings)) {
    it(`is played as if everything were: ${name}`, () => {
      const [long, short] = [benchOf(15), benchOf(1)];
      for (let scrape = 0; scrape < 5; scrape += 1) {
        for (let second = 15 * scrape; second < 15 * scrape + 15; second += 1) {
          const ticks = [long, short].map((bench) => bench.play(happen(bench, second), 1));
          const [a, b] = ticks.map(({ user }) => user.good[0] as number) as [number, number];
          expect(Math.abs(a - b)).toBeLessThan(2e-3 * b);
        }
        const [a, b] = [long, short].map((bench) => bench.plane.closeWindow(bench.nowMs)) as [
          FlowWindow,
          FlowWindow,
        ];
        expect(worstGap(a, b), `scrape ${scrape}`).toBeLessThan(0.005);
      }
      const [a, b] = [long.plane.counters(), short.plane.counters()];
      expect(a.arrived / b.arrived).toBeCloseTo(1, 5);
      expect(Math.abs(a.failed + a.lost - b.failed - b.lost)).toBeLessThan(1e-5 * b.arrived);
      const counted = a.done + a.failed + a.rejected + a.lost + a.backlog;
      expect(a.arrived / counted).toBeCloseTo(1, 9);
    });
  }

  it('is played every second with its callers, while the rest waits', () => {
    const bench = benchOf(15);
    bench.conditions.impairments.push(wrong(toService('cart'), { refusedShare: 0.1 }));
    const seconds = told(bench, view, 30);
    expect(seconds.slice(0, 3)).toEqual(['shop cart', 'shop cart', 'shop cart']);
    expect(seconds.slice(5, 14)).toEqual(Array(9).fill(''));
    expect(seconds[14]).toBe('shop cart find search store');
    expect(seconds.slice(15, 29)).toEqual(Array(14).fill(''));
  });

  it('is what runs a release, and nobody else, when that shows its traits', () => {
    const bench = benchOf(15);
    bench.conditions.releaseTraits.set('cart@published', slowTraits);
    expect(told(bench, view, 3)).toEqual(Array(3).fill(''));
    bench.conditions.releaseTraits.set(`cart@${release}`, slowTraits);
    expect(told(bench, view, 2)).toEqual(Array(2).fill('shop cart'));
  });

  it('takes in who else is hit meanwhile', () => {
    const bench = benchOf(15);
    const moving = { ...steadyCourse(0, null), periodMs: 4000, dutyShare: 0.5 };
    bench.conditions.impairments.push(wrong(toService('cart'), { delayMs: 5 }, moving));
    expect(told(bench, view, 5)).toEqual(Array(5).fill('shop cart'));
    const fewer = pods.filter(({ name }) => name !== 'store-5');
    const everybody = 'shop cart find search store';
    const seconds = told(bench, viewOf(2, fewer), 12);
    expect(seconds.slice(0, 3)).toEqual(Array(3).fill(everybody));
    expect(seconds.slice(3, 9)).toEqual(Array(6).fill('shop cart'));
    expect(seconds.slice(9)).toEqual([everybody, 'shop cart', 'shop cart']);
  });

  it('does not look up for pods that serve nobody', () => {
    const bench = benchOf(15);
    const starting = podView('cart', 'a', {
      name: 'cart-new',
      listening: false,
      inEndpoints: false,
    });
    const seconds = told(bench, viewOf(2, [...pods, starting]), 15);
    expect(seconds.slice(0, 14)).toEqual(Array(14).fill(''));
    expect(seconds[14]).toContain('new');
  });

  it('goes on in a fork made at any second', () => {
    const happen = happenings['a pod dies in service, is taken out and replaced'];
    if (!happen) throw new Error('no such happening');
    const bench = benchOf(15);
    const forks: Bench[] = [];
    const conditionsOf = (): Conditions => copyConditions(bench.conditions);
    for (let second = 0; second < 45; second += 1) {
      if (second % 7 === 5) {
        const conditions = conditionsOf();
        const fork = new Bench(spec, { plane: bench.plane.fork(conditions), conditions });
        fork.nowMs = bench.nowMs;
        forks.push(fork);
      }
      const tick = bench.play(happen(bench, second), 1);
      const uids = tick.vitals.map((vitals) => ({ ...vitals }));
      for (const fork of forks) {
        // A fork's control plane renders anew: nothing that it shows is the very object of before.
        const other = fork.play(structuredClone(happen(fork, second)), 1);
        expect(other.user).toEqual(tick.user);
        expect(other.service).toEqual(tick.service);
        expect(other.vitals).toEqual(uids);
      }
      if (second % 15 !== 14) continue;
      const window = bench.plane.closeWindow(bench.nowMs);
      for (const fork of forks) {
        const other = fork.plane.closeWindow(fork.nowMs);
        expect(callFiguresOf(other)).toEqual(callFiguresOf(window));
        expect(other.pods.map(({ cpuCores }) => cpuCores)).toEqual(
          window.pods.map(({ cpuCores }) => cpuCores),
        );
      }
    }
    expect(forks.length).toBeGreaterThan(4);
  });
});
