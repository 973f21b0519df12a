import { expect, it } from 'vitest';
import type { PodFlow } from '../../../sim/data-plane/flow-state.ts';
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

it('zones whose pods are alike answer differently where their callees are not equally near', () => {
  const spec = twinSpec({
    services: [
      serviceSpec('front', [
        operationSpec('Home', { cpuMs: 2, calls: [callSpec('store', 'Read', { retries: 0 })] }),
      ]),
      serviceSpec('store', [operationSpec('Read', { cpuMs: 3 })]),
    ],
    journeys: [journeySpec('visit', 'front', 'Home')],
    network: { sameZoneMs: 0, crossZoneMs: 10 },
  });
  const pods = [podView('front', 'a'), podView('front', 'b'), podView('store', 'a')];
  const window = new Bench(spec).window(clusterView(pods), 30);
  const [near, far] = ['uid-front-a', 'uid-front-b'].map((uid) => window.flowOf(uid));
  expect(far?.operations[0]?.ownLatency).toEqual(near?.operations[0]?.ownLatency);
  // By Little's law; a request takes 2 ms of CPU.
  const responseMs = (pod?: PodFlow): number => (2 * (pod?.inFlight ?? 0)) / (pod?.cpuCores ?? 1);
  const added = responseMs(far) - responseMs(near);
  expect(added).toBeCloseTo(window.targets('b', 'store')[0]?.networkMs ?? Number.NaN, 6);
  expect(added).toBeGreaterThan(5);
});
