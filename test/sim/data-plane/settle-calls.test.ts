import { expect, it } from 'vitest';
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
  const [near, far] = ['uid-front-a', 'uid-front-b'].map(
    (uid) => window.flowOf(uid)?.operations[0],
  );
  expect(far?.ownLatency).toEqual(near?.ownLatency);
  const added = (far?.latency.meanMs ?? 0) - (near?.latency.meanMs ?? 0);
  expect(added).toBeCloseTo(window.targets('b', 'store')[0]?.networkMs ?? Number.NaN, 6);
  expect(added).toBeGreaterThan(5);
});
