import { describe, expect, it } from 'vitest';
import type { OperationFlow } from '../../sim/data-plane/flow-state.ts';
import { latencyQuantileMs } from '../../sim/data-plane/latency-law.ts';
import {
  createStationDelay,
  erlangC,
  sharingDelay,
  sojournMoments,
} from '../../sim/data-plane/queueing.ts';
import {
  Bench,
  callSpec,
  clusterView,
  journeySpec,
  operationSpec,
  podView,
  serviceSpec,
  station,
  twinSpec,
} from '../sim/data-plane/fixture.ts';
import { meanOfMmc, quantileOfMmc, quantileOfTwoExponentials } from './closed-forms.ts';

const utilisations = [0.3, 0.6, 0.8, 0.9, 0.95];
const warmUpSec = 900;

function expectWithin(actual: number, expected: number, share: number): void {
  expect(Math.abs(actual / expected - 1), `${actual} against ${expected}`).toBeLessThan(share);
}

function playStation(options: Parameters<typeof station>[0]): {
  flow: OperationFlow;
  inFlight: number;
  cpuCores: number;
} {
  const { spec, view } = station(options);
  const bench = new Bench(spec);
  bench.play(view, warmUpSec);
  const pod = bench.window(view, 60).pods[0];
  return {
    flow: pod?.operations[0] as OperationFlow,
    inFlight: pod?.inFlight ?? Number.NaN,
    cpuCores: pod?.cpuCores ?? Number.NaN,
  };
}

describe('one station read from the flow state', () => {
  it.each(utilisations)('is M/M/1 at utilisation %f: mean and p95', (utilisation) => {
    const { flow } = playStation({ requestsPerSec: 100 * utilisation, cpuMs: 10, cores: 1 });
    const meanMs = 10 / (1 - utilisation);
    expectWithin(flow.ownLatency.meanMs, meanMs, 0.02);
    expectWithin(Math.sqrt(flow.ownLatency.varianceMs2), meanMs, 0.02);
    expectWithin(latencyQuantileMs(flow.ownLatency, 0.95), -Math.log(0.05) * meanMs, 0.02);
  });

  it.each([2, 3, 4, 8].flatMap((cores) => utilisations.map((rho) => ({ cores, rho }))))(
    'is M/M/$cores at utilisation $rho: mean and p95',
    ({ cores, rho }) => {
      const { flow } = playStation({ requestsPerSec: 100 * cores * rho, cpuMs: 10, cores });
      const theory = { servers: cores, utilisation: rho, serviceMs: 10 };
      expectWithin(flow.ownLatency.meanMs, meanOfMmc(theory), 0.02);
      const p95 = quantileOfMmc(theory, 0.95);
      expectWithin(latencyQuantileMs(flow.ownLatency, 0.95), p95, 0.02);
    },
  );

  it.each(utilisations)('obeys Little and the utilisation law at utilisation %f', (utilisation) => {
    const requestsPerSec = 200 * utilisation;
    const { flow, inFlight, cpuCores } = playStation({
      requestsPerSec,
      cpuMs: 10,
      cores: 2,
      waitMs: 7,
    });
    expectWithin(inFlight, (requestsPerSec * flow.ownLatency.meanMs) / 1000, 0.005);
    expectWithin(cpuCores, 2 * utilisation, 1e-9);
  });

  it('hardly changes when a limit of one core loses a thousandth', () => {
    for (const utilisation of utilisations) {
      const [less, one] = [0.999, 1].map((cores) => {
        const requestsPerSec = 100 * cores * utilisation;
        return playStation({ requestsPerSec, cpuMs: 10, cores }).flow.ownLatency;
      });
      expectWithin(less!.meanMs, one!.meanMs, 0.02);
      expectWithin(less!.varianceMs2, one!.varianceMs2, 0.04);
    }
  });
});

describe('one core shared by all requests on it', () => {
  it.each(utilisations.flatMap((rho) => [0.25, 1, 4].map((scv) => ({ rho, scv }))))(
    'has the mean of M/G/1-PS at utilisation $rho for demand of scv $scv',
    ({ rho, scv }) => {
      const options = { requestsPerSec: 100 * rho, cpuMs: 10, cores: 1, scv };
      const { spec, view } = station(options);
      const services = spec.services.map((service) => ({
        ...service,
        threading: 'thread_per_request' as const,
      }));
      const nodes = view.nodes.map((node) => ({ ...node, cpuCores: 1 }));
      const bench = new Bench({ ...spec, services });
      bench.play({ ...view, nodes }, warmUpSec);
      const flow = bench.window({ ...view, nodes }, 60).pods[0]!.operations[0]!;
      expectWithin(flow.ownLatency.meanMs, 10 / (1 - rho), 0.02);
    },
  );
});

describe('tandem of two stations', () => {
  it.each(utilisations)('is a Jackson network at utilisation %f: means, p95', (utilisation) => {
    const spec = twinSpec({
      services: [
        serviceSpec('first', [
          operationSpec('Get', {
            cpuMs: 8,
            calls: [callSpec('second', 'Get', { timeoutMs: 1e9 })],
          }),
        ]),
        serviceSpec('second', [operationSpec('Get', { cpuMs: 10 })]),
      ],
      journeys: [journeySpec('visit', 'first', 'Get', { timeoutMs: 1e9 })],
      workload: { requestsPerSec: 100 * utilisation },
    });
    const view = clusterView([podView('first', 'a'), podView('second', 'a')]);
    const bench = new Bench(spec);
    bench.play(view, warmUpSec);
    const window = bench.window(view, 60);
    const [firstMs, secondMs] = [8 / (1 - 0.8 * utilisation), 10 / (1 - utilisation)];
    const expectedMs = firstMs + secondMs;
    expectWithin(window.journeys[0]!.latency.meanMs, expectedMs, 0.02);
    expectWithin(window.pods[0]!.operations[0]!.ownLatency.meanMs, firstMs, 0.02);
    expectWithin(window.pods[1]!.operations[0]!.ownLatency.meanMs, secondMs, 0.02);
    expectWithin(window.edges[0]!.latency.meanMs, secondMs, 0.02);
    const p95 = quantileOfTwoExponentials(firstMs, secondMs, 0.95);
    expectWithin(latencyQuantileMs(window.journeys[0]!.latency, 0.95), p95, 0.02);
    const { arrived, done, backlog } = bench.plane.counters();
    expect(Math.abs(arrived - done - backlog)).toBeLessThan(1e-9 * arrived);
    const inFlight = window.pods.reduce((sum, pod) => sum + pod.inFlight, 0);
    const held = 100 * utilisation * (expectedMs + 10 / (1 - utilisation));
    expectWithin(inFlight, held / 1000, 0.005);
  });
});

describe('closed forms', () => {
  it('gives the tabulated Erlang C probabilities', () => {
    expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
    expect(erlangC(2, 0.75)).toBeCloseTo(0.6428571, 6);
    expect(erlangC(4, 0.8)).toBeCloseTo(0.5964, 4);
    expect(erlangC(10, 0.9)).toBeCloseTo(0.6687, 4);
  });

  it('gives Pollaczek and Khinchine their mean for any service law on one core', () => {
    for (const scv of [0, 0.5, 1, 4]) {
      const { meanMs } = sojournMoments({ arrivalsPerSec: 80, serviceMs: 10, scv, cores: 1 });
      expect(meanMs).toBeCloseTo(10 + (0.8 * 10 * (1 + scv)) / (2 * 0.2), 9);
    }
  });

  it('gives M/D/1 its variance', () => {
    const { varianceMs2 } = sojournMoments({ arrivalsPerSec: 80, serviceMs: 10, scv: 0, cores: 1 });
    const waitMs = (0.8 * 10) / (2 * 0.2);
    expect(varianceMs2).toBeCloseTo(waitMs * waitMs + (0.8 * 100) / (3 * 0.2), 9);
  });

  it('is continuous in the number of cores', () => {
    const at = (cores: number): number =>
      sojournMoments({ arrivalsPerSec: 70 * cores, serviceMs: 10, scv: 1, cores }).meanMs;
    for (const cores of [1, 2, 3]) expectWithin(at(cores - 1e-7), at(cores), 1e-4);
  });

  it('shares a processor as M/G/1-PS does', () => {
    const delay = createStationDelay();
    sharingDelay(delay, 0.8, 1);
    expect(delay.stretch).toBeCloseTo(5, 12);
    // The conditional mean is linear in the demand, and the exponential case has Coffman's
    // variance.
    expect(1 + delay.spread).toBeCloseTo((2 + 0.8) / (2 - 0.8), 12);
  });
});
