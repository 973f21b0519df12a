import { describe, expect, it } from 'vitest';
import type { ReferenceNetwork, ReferenceService } from '../reference/network.ts';
import type { ServiceLaw } from '../reference/service-law.ts';
import type { Discipline } from '../reference/station.ts';
import { cartQuantileMs, fanOut, patient, service } from './fan-out.ts';
import { playBoth, playFlow } from './side-by-side.ts';

/**
 * The flow model against the request-level reference where theory is silent. Throughput within 2 %,
 * mean within 10 %, p99 within 20 %; where it is further off, `known-gaps.test.ts` says by how
 * much.
 */

function alone(requestsPerSec: number, changes: Partial<ReferenceService>): ReferenceNetwork {
  const users = { service: 'cart', requestsPerSec, timeoutMs: patient, retries: 0 };
  return { services: [service('cart', changes)], users };
}

function expectAgreement(network: ReferenceNetwork, measuredSec = 2000): void {
  const { flow, reference } = playBoth(network, { measuredSec });
  const off = (what: string, actual: number, expected: number, limit: number): string[] => {
    const share = actual / expected - 1;
    if (Math.abs(share) < limit) return [];
    return [`${what} ${(100 * share).toFixed(1)} % (${actual} against ${expected})`];
  };
  expect([
    ...off('good requests', flow.goodPerSec, reference.goodPerSec, 0.02),
    ...Object.entries(reference.arrivalsPerSec).flatMap(([name, expected]) =>
      off(`arrivals at ${name}`, flow.arrivalsPerSec[name]!, expected, 0.02),
    ),
    ...off('mean', flow.meanMs, reference.meanMs, 0.1),
    ...off('p99', flow.p99Ms, reference.p99Ms, 0.2),
  ]).toEqual([]);
}

describe('fan-out to two backends', () => {
  it.each([0.3, 0.6, 0.85])('exponential, utilisation %f', (utilisation) => {
    expectAgreement(fanOut({ requestsPerSec: 300 * utilisation }));
  });

  it.each<{ law: ServiceLaw; utilisation: number }>([
    { law: { kind: 'erlang', phases: 4 }, utilisation: 0.7 },
    { law: { kind: 'lognormal', scv: 2 }, utilisation: 0.3 },
    { law: { kind: 'lognormal', scv: 2 }, utilisation: 0.85 },
    { law: { kind: 'hyperexponential', scv: 4 }, utilisation: 0.7 },
  ])('$law.kind, utilisation $utilisation', ({ law, utilisation }) => {
    expectAgreement(fanOut({ requestsPerSec: 300 * utilisation, all: { law } }), 3000);
  });

  it('two cores each, hyperexponential, utilisation 0.7', () => {
    const law: ServiceLaw = { kind: 'hyperexponential', scv: 4 };
    const all = { law, discipline: { kind: 'fcfs', servers: 2 } } as const;
    expectAgreement(fanOut({ requestsPerSec: 420, all }), 1500);
  });

  it('two and a half calls per request on average', () => {
    expectAgreement(fanOut({ requestsPerSec: 80, cartCall: { count: 2.5 } }));
  });
});

describe('retries', () => {
  it.each([0.5, 0.8])('of calls that fail one time in ten, utilisation %f', (utilisation) => {
    const network = fanOut({
      requestsPerSec: (300 * utilisation) / 1.11,
      cart: { errorRatio: 0.1 },
      cartCall: { retries: 2 },
    });
    expectAgreement(network, 3000);
  });

  it('of users', () => {
    const network = fanOut({
      requestsPerSec: 200,
      cart: { errorRatio: 0.1 },
      users: { retries: 1 },
    });
    expectAgreement(network);
  });
});

describe('time-outs near the tail', () => {
  it.each([
    { utilisation: 0.5, q: 0.9 },
    { utilisation: 0.7, q: 0.95 },
    { utilisation: 0.85, q: 0.99 },
  ])('at quantile $q of a backend at utilisation $utilisation', ({ utilisation, q }) => {
    const timeoutMs = cartQuantileMs(utilisation, q);
    const network = fanOut({ requestsPerSec: 300 * utilisation, cartCall: { timeoutMs } });
    expectAgreement(network, 3000);
  });

  it.each([
    { utilisation: 0.3, q: 0.95 },
    { utilisation: 0.4, q: 0.99 },
    // The retry meets the queue that its first attempt met: independent attempts are 3.8 % off
    // here.
    { utilisation: 0.4, q: 0.9 },
  ])('with a retry, at quantile $q of a backend at utilisation $utilisation', (options) => {
    const timeoutMs = cartQuantileMs(options.utilisation, options.q);
    const cartCall = { timeoutMs, retries: 1 };
    expectAgreement(fanOut({ requestsPerSec: 300 * options.utilisation, cartCall }), 3000);
  });

  it('at every level, with retries at every level', () => {
    const network = fanOut({
      requestsPerSec: 90,
      cartCall: { timeoutMs: 60, retries: 1 },
      stockCall: { timeoutMs: 40, retries: 2 },
      users: { timeoutMs: 150, retries: 1 },
    });
    expectAgreement(network, 3000);
  });
});

describe('bounded requests in flight', () => {
  it.each([
    { slots: 16, utilisation: 0.5 },
    { slots: 16, utilisation: 0.7 },
    { slots: 32, utilisation: 0.85 },
    { slots: 8, utilisation: 0.7 },
    { slots: 8, utilisation: 0.85 },
  ])('$slots slots, utilisation $utilisation', ({ slots, utilisation }) => {
    const network = fanOut({
      requestsPerSec: 300 * utilisation,
      cart: { concurrencyMax: slots },
    });
    expectAgreement(network, 4000);
  });

  it('8 slots of the caller, utilisation 0.7', () => {
    expectAgreement(fanOut({ requestsPerSec: 210, front: { concurrencyMax: 8 } }));
  });

  it('32 slots, 1.2 times the capacity', () => {
    expectAgreement(fanOut({ requestsPerSec: 360, cart: { concurrencyMax: 32 } }));
  });

  it('64 slots, 1.5 times the capacity', () => {
    expectAgreement(alone(450, { concurrencyMax: 64 }), 1000);
  });

  it('64 slots, time-out 300 ms, overload: nobody is answered in time', () => {
    const network = fanOut({
      requestsPerSec: 360,
      cart: { concurrencyMax: 64 },
      cartCall: { timeoutMs: 300, retries: 2 },
    });
    expect(playFlow(network).errorRatio).toBeGreaterThan(0.99);
  });

  it('slots of a caller that waits for an overloaded callee: goodput is steady and right', () => {
    const network = fanOut({
      requestsPerSec: 450,
      front: { concurrencyMax: 64 },
      cart: { concurrencyMax: 1000 },
    });
    const { flow, reference } = playBoth(network, { measuredSec: 1000 });
    const { goodShareMin, goodShareMax } = playFlow(network);
    expect(goodShareMax - goodShareMin).toBeLessThan(0.01);
    expect(Math.abs(flow.goodPerSec / reference.goodPerSec - 1)).toBeLessThan(0.02);
    expect(Math.abs(flow.meanMs / reference.meanMs - 1)).toBeLessThan(0.1);
  });

  it.each([16, 32])('%i slots of such a caller: steady, throughput within 3 %', (slots) => {
    const network = fanOut({
      requestsPerSec: 450,
      front: { concurrencyMax: slots },
      cart: { concurrencyMax: 1000 },
    });
    const { flow, reference } = playBoth(network, { measuredSec: 400 });
    const { goodShareMin, goodShareMax } = playFlow(network);
    expect(goodShareMax - goodShareMin).toBeLessThan(0.01);
    expect(Math.abs(flow.goodPerSec / reference.goodPerSec - 1)).toBeLessThan(0.03);
    expect(Math.abs(flow.meanMs / reference.meanMs - 1)).toBeLessThan(0.1);
  });
});

describe('CPU limits', () => {
  const quota = (cores: number): Discipline => ({ kind: 'quota', cores, periodMs: 100 });
  const pool = (cores: number): Discipline => ({
    kind: 'quota',
    cores,
    periodMs: 100,
    workers: 1,
  });

  it.each([
    { cores: 0.1, cpuMs: 10, utilisation: 0.5 },
    { cores: 0.25, cpuMs: 20, utilisation: 0.3 },
    { cores: 0.25, cpuMs: 20, utilisation: 0.85 },
    { cores: 0.25, cpuMs: 5, utilisation: 0.85 },
    { cores: 0.5, cpuMs: 20, utilisation: 0.6 },
    { cores: 0.5, cpuMs: 5, utilisation: 0.6 },
    { cores: 0.5, cpuMs: 2, utilisation: 0.8 },
    { cores: 0.5, cpuMs: 10, utilisation: 0.95 },
    { cores: 1, cpuMs: 10, utilisation: 0.7 },
    { cores: 1.5, cpuMs: 10, utilisation: 0.7 },
    { cores: 2, cpuMs: 10, utilisation: 0.7 },
  ])('threads under a quota of $cores, $cpuMs ms each, utilisation $utilisation', (options) => {
    const { cores, cpuMs, utilisation } = options;
    const perSec = (3000 * cores * utilisation) / cpuMs;
    expectAgreement(alone(perSec, { cpuMs, discipline: quota(cores) }), 600_000 / perSec);
  });

  it.each([
    { cores: 0.1, cpuMs: 10, utilisation: 0.5 },
    { cores: 0.25, cpuMs: 20, utilisation: 0.85 },
    { cores: 0.25, cpuMs: 5, utilisation: 0.85 },
    { cores: 0.5, cpuMs: 20, utilisation: 0.6 },
    { cores: 0.5, cpuMs: 5, utilisation: 0.6 },
    { cores: 0.5, cpuMs: 2, utilisation: 0.8 },
    { cores: 0.5, cpuMs: 10, utilisation: 0.95 },
    { cores: 0.99, cpuMs: 10, utilisation: 0.8 },
  ])('one worker under a quota of $cores, $cpuMs ms each, utilisation $utilisation', (options) => {
    const { cores, cpuMs, utilisation } = options;
    const perSec = (3000 * cores * utilisation) / cpuMs;
    expectAgreement(alone(perSec, { cpuMs, discipline: pool(cores) }), 600_000 / perSec);
  });

  it('one core shared by threads, lognormal demand, utilisation 0.7', () => {
    const law: ServiceLaw = { kind: 'lognormal', scv: 2 };
    expectAgreement(alone(210, { law, discipline: { kind: 'sharing', cores: 1 } }), 4000);
  });
});
