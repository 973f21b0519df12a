import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { CallSpec, ServiceSpec, TwinSpec } from '../../../core/truth/index.ts';
import { runTrial } from '../../../lab/index.ts';
import { loadScenario, loadTopology, renderTopology } from '../../../scenarios/index.ts';
import { requestFor } from '../../determinism/trials.ts';

/** Somebody's own software: threads instead of a worker pool, careful clients with a pool. */
function withEveryField(spec: TwinSpec): TwinSpec {
  const call = (one: CallSpec): CallSpec => ({
    ...one,
    retries: 1,
    backoffMs: 40,
    retryBudget: 0.2,
    poolSize: 32,
  });
  const service = (one: ServiceSpec): ServiceSpec => ({
    ...one,
    threading: 'thread_per_request',
    operations: one.operations.map((operation) => ({
      ...operation,
      calls: operation.calls.map(call),
    })),
  });
  const demand = { noiseSd: 0.12, noiseSlope: 1.5, dispersion: 4, crowdsPerDay: 3 };
  return {
    ...spec,
    services: spec.services.map((one) => (one.name === 'cartservice' ? service(one) : one)),
    workload: { ...spec.workload, ...demand, largestCrowd: 0.5 },
  };
}

const scenario = `id: mine_slow_store
version: 1
title: The store of my own topology is slow
description: A network delay in front of the store.
topology: .
warmUp: 3m
duration: 5m
faults:
  - kind: network_delay
    target: service/redis-cart
    start: 2m
    duration: until_end
    parameters: { delay: 500ms }
    faultClass: network_latency
ends: remedied
`;

it('a written topology keeps threads, pools, budgets and demand, and is played like any other', async () => {
  const spec = withEveryField(loadTopology('online_boutique'));
  const folder = join(mkdtempSync(join(tmpdir(), 'firedrill-own-')), 'mine');
  const given = { head: ['Written by a test.'], otherManifestsPerSec: 30 };
  const files = { ...renderTopology(spec, given), 'mine_slow_store.yaml': scenario };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const path = join(folder, 'mine_slow_store.yaml');
  expect(loadTopology(loadScenario(path).topology)).toEqual({ ...spec, name: 'mine' });
  const { record } = await runTrial(requestFor(path, { seed: 5 }), { clockMs: () => 0 });
  expect(record.truth.affected.length).toBeGreaterThan(0);
  expect(record.truth.injectedAtMs).toBe(120_000);
  expect(record.harmfulAtMs).toEqual([]);
});
