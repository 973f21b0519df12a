import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../../core/truth/index.ts';
import type { CallPolicy } from '../../../sim/cluster-view.ts';
import { createConditions } from '../../../sim/conditions.ts';
import { waitProbability } from '../../theory/closed-forms.ts';
import {
  Bench,
  callSpec,
  chain,
  clusterView,
  journeySpec,
  operationSpec,
  podView,
  serviceSpec,
  twinSpec,
} from './fixture.ts';

interface Guard {
  readonly name: string;
  readonly requestsPerSec: number;
  readonly call?: Partial<CallSpec>;
  readonly policies?: readonly (readonly [string, CallPolicy])[];
}

const guards: readonly Guard[] = [
  { name: 'a breaker', requestsPerSec: 130, policies: [['store', { maxRequests: 4 }]] },
  { name: 'a pool', requestsPerSec: 200, call: { poolSize: 6 } },
  { name: 'a budget', requestsPerSec: 150, policies: [['mid', { retryBudget: 0.1 }]] },
  { name: 'back-off', requestsPerSec: 150, policies: [['store', { backoffMs: 40, retries: 3 }]] },
];

describe.each(guards)('overload behind $name', ({ requestsPerSec, call, policies = [] }) => {
  const { spec, view: open } = chain({
    journey: { retries: 1, timeoutMs: 2000 },
    call: { timeoutMs: 500, retries: 1, ...call },
    storeOperation: { cpuMs: 25 },
    store: { concurrencyMax: 60 },
    workload: { requestsPerSec },
  });
  const view = { ...open, traffic: { ...open.traffic, callPolicies: new Map(policies) } };

  it('loses no request, and a fork goes on like its original', () => {
    const bench = new Bench(spec);
    bench.play(view, 137);
    const twin = new Bench(spec, { plane: bench.plane.fork(createConditions()) });
    twin.nowMs = bench.nowMs;
    for (let second = 0; second < 60; second += 1) {
      expect(twin.play(view, 1).user).toEqual(bench.play(view, 1).user);
    }
    const { arrived, done, failed, rejected, lost, backlog } = bench.plane.counters();
    const kept = done + failed + rejected + lost + backlog;
    expect(Math.abs(arrived - kept)).toBeLessThan(1e-9 * arrived);
  });
});

it('lets attempts wait for a connection as M/M/c has it', () => {
  // 8 connections held for 20 ms by 320 attempts per second: 6.4 in use.
  const query = callSpec('db', 'Query', { timeoutMs: 1e6, poolSize: 8 });
  const spec = twinSpec({
    services: [
      serviceSpec('api', [operationSpec('Get', { cpuMs: 0.01, calls: [query] })]),
      serviceSpec('db', [operationSpec('Query', { cpuMs: 0.01, waitMs: 20 })]),
    ],
    journeys: [journeySpec('visit', 'api', 'Get', { timeoutMs: 1e6 })],
    workload: { requestsPerSec: 320 },
  });
  const bench = new Bench(spec);
  const view = clusterView([podView('api', 'a'), podView('db', 'a')]);
  bench.play(view, 120);
  const { meanMs } = bench.window(view, 60).journeys[0]!.latency;
  const waitMs = (waitProbability(8, 0.8) * 20) / (8 * 0.2);
  expect(meanMs / (20 + waitMs)).toBeCloseTo(1, 2);
});
