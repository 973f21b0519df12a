import { expect, it } from 'vitest';
import type { CallPolicy } from '../../sim/cluster-view.ts';
import { Bench, chain } from '../sim/data-plane/fixture.ts';
import { setLoad } from './stage.ts';

/** A store of 120 requests per second behind two levels with time-outs and a retry each. */
class GuardedStorm {
  readonly #view: ReturnType<typeof chain>['view'];
  readonly #bench: Bench;

  constructor(options: { userRetries: number; policies?: Record<string, CallPolicy> }) {
    const { userRetries, policies = {} } = options;
    const { spec, view } = chain({
      journey: { retries: userRetries, timeoutMs: 2000 },
      call: { timeoutMs: 500, retries: 1 },
      storeOperation: { cpuMs: 25 },
      store: { concurrencyMax: 60 },
      workload: { requestsPerSec: 1 },
    });
    const callPolicies = new Map(Object.entries(policies));
    this.#view = { ...view, traffic: { ...view.traffic, callPolicies } };
    this.#bench = new Bench(spec);
  }

  /** The share of users served well in the last of five minutes at this load. */
  goodAt(requestsPerSec: number): number {
    setLoad(this.#bench.conditions, requestsPerSec);
    this.#bench.play(this.#view, 240);
    let good = 0;
    for (let second = 0; second < 60; second += 1) {
      const { user } = this.#bench.play(this.#view, 1);
      good += user.good[0]! / user.offered[0]! / 60;
    }
    return good;
  }
}

it('a circuit breaker keeps a retry storm from outlasting its load', () => {
  const bare = new GuardedStorm({ userRetries: 1 });
  const guarded = new GuardedStorm({
    userRetries: 1,
    policies: { store: { maxRequests: 4 } },
  });
  for (const storm of [bare, guarded]) expect(storm.goodAt(80)).toBeGreaterThan(0.98);
  expect(bare.goodAt(130)).toBeLessThan(0.05);
  // Who gets through is served at once: 12 in flight are no more than three pods can work off.
  expect(guarded.goodAt(130)).toBeGreaterThan(0.6);
  expect(bare.goodAt(80)).toBeLessThan(0.05);
  expect(guarded.goodAt(80)).toBeGreaterThan(0.98);
});

it('a retry budget keeps a retry storm from outlasting its load', () => {
  const bare = new GuardedStorm({ userRetries: 0 });
  const guarded = new GuardedStorm({
    userRetries: 0,
    policies: { store: { retryBudget: 0.1 }, mid: { retryBudget: 0.1 } },
  });
  for (const storm of [bare, guarded]) {
    expect(storm.goodAt(80)).toBeGreaterThan(0.98);
    expect(storm.goodAt(150)).toBeLessThan(0.2);
  }
  // Four attempts per request are 320 a second for 120; a tenth more at each level are 97.
  expect(bare.goodAt(80)).toBeLessThan(0.05);
  expect(guarded.goodAt(80)).toBeGreaterThan(0.98);
});
