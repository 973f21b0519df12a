import { describe, expect, it } from 'vitest';
import type { ClusterView } from '../../../sim/cluster-view.ts';
import { copyConditions, createConditions } from '../../../sim/conditions.ts';
import { DataPlane } from '../../../sim/data-plane/data-plane.ts';
import { latencyQuantileMs } from '../../../sim/data-plane/latency-law.ts';
import { coldPart, secondsToFall } from '../../../sim/data-plane/warming-up.ts';
import { Bench, chain, podView } from './fixture.ts';

const warming = { startupMs: 0, coldFactor: 2, coldMs: 30_000 };
const { spec, view } = chain({ store: warming, workload: { noiseSd: 0.02 } });
const settledSec = 60;

function benchOf(calmStepSec: number): Bench {
  const conditions = createConditions();
  const plane = new DataPlane({ spec, seed: 7, conditions, calmStepSec });
  return new Bench(spec, { plane, conditions });
}

/** One store's pod is replaced at `nowMs`: its neighbours keep their processes. */
function replaced(nowMs: number): ClusterView {
  const fresh = podView('store', 'b', { name: 'store-new', processStartedUs: nowMs * 1000 });
  const pods = view.pods.filter(({ name }) => name !== 'store-b');
  return { ...view, version: 2, pods: [...pods, fresh] };
}

function gap(value: number, expected: number): number {
  return Math.abs(value - expected) / Math.max(1e-9, Math.abs(expected));
}

describe('a process that warms up in a calm flow', () => {
  it('is played in steps that agree with seconds', () => {
    const [long, short] = [benchOf(15), benchOf(1)];
    for (const bench of [long, short]) bench.play(view, settledSec);
    const after = replaced(long.nowMs);
    let worst = 0;
    for (let scrape = 0; scrape < 10; scrape += 1) {
      const [a, b] = [long.window(after, 15), short.window(after, 15)];
      a.services.forEach((service, i) => {
        const other = b.services[i] as typeof service;
        for (const q of [0.5, 0.95, 0.99]) {
          const known = latencyQuantileMs(other.latency, q);
          worst = Math.max(worst, gap(latencyQuantileMs(service.latency, q), known));
        }
        worst = Math.max(worst, gap(service.requestsPerSec, other.requestsPerSec));
      });
      a.pods.forEach((pod, i) => {
        worst = Math.max(worst, gap(pod.cpuCores, b.pods[i]?.cpuCores as number));
      });
    }
    expect(worst).toBeLessThan(0.005);
    const { lost, failed, arrived } = long.plane.counters();
    const other = short.plane.counters();
    expect(gap(arrived, other.arrived)).toBeLessThan(1e-4);
    expect(Math.abs(lost + failed - other.lost - other.failed)).toBeLessThan(1e-3 * arrived);
  });

  it('does not hold up everybody else until it is warm', () => {
    const bench = benchOf(15);
    bench.play(view, settledSec);
    const after = replaced(bench.nowMs);
    let measured = 0;
    for (let i = 0; i < 120; i += 1) if (bench.play(after, 1).vitals.length > 0) measured += 1;
    expect(measured).toBeGreaterThan(8);
    expect(measured).toBeLessThan(40);
  });

  it('goes on in a fork that was made between two steps', () => {
    const bench = benchOf(15);
    bench.play(view, settledSec);
    const after = replaced(bench.nowMs);
    bench.play(after, 20);
    const conditions = copyConditions(bench.conditions);
    const fork = new Bench(spec, { plane: bench.plane.fork(conditions), conditions });
    fork.nowMs = bench.nowMs;
    for (let i = 0; i < 60; i += 1) expect(fork.play(after, 1)).toEqual(bench.play(after, 1));
  });

  it('needs on average what it needs in each second', () => {
    for (const seconds of [2, 7, 15]) {
      let sum = 0;
      for (let k = 0; k < seconds; k += 1) sum += coldPart(warming, 40_000 - 1000 * k, 1);
      expect(coldPart(warming, 40_000, seconds)).toBeCloseTo(sum / seconds, 12);
    }
    const seconds = secondsToFall(warming, 10_000, 0.2);
    const fallen = coldPart(warming, 10_000, 1) - coldPart(warming, 10_000 + 1000 * seconds, 1);
    expect(fallen).toBeCloseTo(0.2, 12);
    expect(secondsToFall(warming, 100_000, 0.2)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a batch client', () => {
  it('does not end a calm flow', () => {
    const bench = benchOf(15);
    bench.play(view, settledSec);
    bench.conditions.batchClients.push({
      edge: '',
      to: 'store',
      perSec: 3,
      errorRatio: 0.1,
      latencyMs: 20,
    });
    let measured = 0;
    for (let i = 0; i < 45; i += 1) if (bench.play(view, 1).vitals.length > 0) measured += 1;
    expect(measured).toBe(3);
  });
});
