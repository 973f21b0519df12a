import { describe, expect, it } from 'vitest';
import { Bench, chain } from '../sim/data-plane/fixture.ts';

interface Figures {
  readonly errorRatio: number;
  readonly latencyMs: number;
  readonly storePerSec: number;
  readonly storeCores: number;
}

/** The front gives its callee, which needs about 10 ms, only `timeoutMs`. */
function play(timeoutMs: number, retries: number): Figures {
  const { spec, view } = chain();
  const services = spec.services.map((service) => ({
    ...service,
    operations: service.operations.map((operation) => ({
      ...operation,
      calls: operation.calls.map((call) =>
        call.service === 'mid' ? { ...call, timeoutMs, retries } : call,
      ),
    })),
  }));
  const bench = new Bench({ ...spec, services });
  bench.play(view, 60);
  const window = bench.window(view, 300);
  const stores = window.pods.filter(({ pod }) => pod.service === 'store');
  return {
    errorRatio: window.journeys[0]!.errorRatio,
    latencyMs: window.journeys[0]!.latency.meanMs,
    storePerSec: window.services[2]!.requestsPerSec,
    storeCores: stores.reduce((sum, { cpuCores }) => sum + cpuCores, 0),
  };
}

describe('work whose caller has given up', () => {
  const patient = play(10_000, 0);
  const hasty = play(2, 0);

  it('is done all the same: nobody is served, and the store is as busy as ever', () => {
    expect(patient.errorRatio).toBeLessThan(1e-6);
    expect(hasty.errorRatio).toBeGreaterThan(0.95);
    expect(hasty.storeCores).toBeCloseTo(patient.storeCores, 3);
    expect(hasty.storePerSec).toBeCloseTo(patient.storePerSec, 3);
  });

  it('is done once per attempt', () => {
    const retrying = play(2, 2);
    expect(retrying.errorRatio).toBeGreaterThan(0.9);
    expect(retrying.storeCores / patient.storeCores).toBeGreaterThan(2.8);
  });
});
