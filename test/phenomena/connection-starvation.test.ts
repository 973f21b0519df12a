import { expect, it } from 'vitest';
import { latencyQuantileMs } from '../../sim/data-plane/latency-law.ts';
import {
  Bench,
  callSpec,
  clusterView,
  journeySpec,
  operationSpec,
  podView,
  serviceSpec,
  twinSpec,
} from '../sim/data-plane/fixture.ts';

interface Figures {
  readonly errorRatio: number;
  readonly p99Ms: number;
  readonly databaseCores: number;
  readonly databasePerSec: number;
}

/** 60 requests per second ask a database for 1 ms of work each, so much further away than usual. */
function play(options: { poolSize?: number; delayMs: number }): Figures {
  const { poolSize, delayMs } = options;
  const query = callSpec('db', 'Query', {
    timeoutMs: 1000,
    ...(poolSize === undefined ? {} : { poolSize }),
  });
  const spec = twinSpec({
    services: [
      serviceSpec('api', [operationSpec('Get', { cpuMs: 2, calls: [query] })]),
      serviceSpec('db', [operationSpec('Query', { cpuMs: 1 })], { kind: 'datastore' }),
    ],
    journeys: [journeySpec('visit', 'api', 'Get', { timeoutMs: 5000 })],
    workload: { requestsPerSec: 60 },
  });
  const view = clusterView([podView('api', 'a'), podView('db', 'a')]);
  const bench = new Bench(spec);
  if (delayMs > 0) bench.conditions.podDelayMs.set('uid-db-a', delayMs);
  bench.play(view, 120);
  const window = bench.window(view, 120);
  const [journey, database] = [window.journeys[0]!, window.pods[1]!];
  return {
    errorRatio: journey.errorRatio,
    p99Ms: latencyQuantileMs(journey.latency, 0.99),
    databaseCores: database.cpuCores,
    databasePerSec: database.requestsPerSec,
  };
}

it('a pool that is too small for a longer round trip starves its callers beside an idle database', () => {
  const near = play({ poolSize: 5, delayMs: 0 });
  expect(near.errorRatio).toBeLessThan(1e-6);
  expect(near.p99Ms).toBeLessThan(20);
  // Without a pool, 120 ms more are 120 ms more.
  const free = play({ delayMs: 120 });
  expect(free.errorRatio).toBeLessThan(1e-6);
  expect(free.p99Ms).toBeLessThan(160);
  // Five connections held for 121 ms carry 41 of 60 requests per second.
  const starved = play({ poolSize: 5, delayMs: 120 });
  expect(starved.databasePerSec).toBeGreaterThan(38);
  expect(starved.databasePerSec).toBeLessThan(43);
  expect(starved.errorRatio).toBeGreaterThan(0.25);
  expect(starved.p99Ms).toBeGreaterThan(900);
  expect(starved.databaseCores).toBeLessThan(0.05);
  // A pool of twelve would do: 7.3 connections are in use on average.
  const wide = play({ poolSize: 12, delayMs: 120 });
  expect(wide.errorRatio).toBeLessThan(0.01);
  expect(wide.p99Ms).toBeLessThan(400);
});
