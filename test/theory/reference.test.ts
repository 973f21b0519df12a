import { describe, expect, it } from 'vitest';
import type { ReferenceNetwork, ReferenceService } from '../reference/network.ts';
import { type ServiceLaw, scvOf } from '../reference/service-law.ts';
import { type ReferenceResult, simulate } from '../reference/simulate.ts';
import type { Discipline } from '../reference/station.ts';
import type { Estimate } from '../reference/tally.ts';
import { meanOfMmc, quantileOfMmc, quantileOfTwoExponentials } from './closed-forms.ts';

/**
 * The request-level reference must know queueing theory before the flow model is held against it.
 */

const patient = Number.POSITIVE_INFINITY;

function service(
  discipline: Discipline,
  changes: Partial<ReferenceService> = {},
): ReferenceService {
  return {
    name: 's',
    replicas: 1,
    discipline,
    cpuMs: 10,
    law: { kind: 'exponential' },
    errorRatio: 0,
    concurrencyMax: patient,
    calls: [],
    ...changes,
  };
}

function play(
  services: readonly ReferenceService[],
  run: { requestsPerSec: number; millions: number; seed: number },
): ReferenceResult {
  const { requestsPerSec, millions, seed } = run;
  const network: ReferenceNetwork = {
    services,
    users: { service: 's', requestsPerSec, timeoutMs: patient, retries: 0 },
  };
  const measuredSec = (millions * 1e6) / requestsPerSec;
  return simulate(network, { seed, warmUpSec: 100 + 0.02 * measuredSec, measuredSec });
}

/**
 * Within 2 %, and the run was long enough (standard error at most 1 %) for that to mean something.
 */
function expectTheory({ value, standardError }: Estimate, expected: number): void {
  const note = `${value} ± ${standardError} against ${expected}`;
  expect(standardError, note).toBeLessThan(0.01 * expected);
  expect(Math.abs(value / expected - 1), note).toBeLessThan(0.02);
}

/** Little's law: the time average of requests present against rate times mean time. */
function expectLittle(result: ReferenceResult, name: string, replicas = 1): void {
  const { inFlight, arrivalsPerSec, response } = result.services[name]!;
  const held = (arrivalsPerSec * response.mean().value) / 1000 / replicas;
  expect(Math.abs(inFlight / held - 1), `${inFlight} against ${held}`).toBeLessThan(0.005);
}

describe('the request-level reference', () => {
  it.each([
    { utilisation: 0.3, millions: 0.5 },
    { utilisation: 0.6, millions: 1 },
    { utilisation: 0.8, millions: 3 },
    { utilisation: 0.9, millions: 8 },
  ])('is M/M/1 at utilisation $utilisation: mean, p95, Little', ({ utilisation, millions }) => {
    const requestsPerSec = 100 * utilisation;
    const result = play([service({ kind: 'fcfs', servers: 1 })], {
      requestsPerSec,
      millions,
      seed: 101,
    });
    const meanMs = 10 / (1 - utilisation);
    expectTheory(result.attempt.mean(), meanMs);
    expectTheory(result.attempt.quantile(0.95), -Math.log(0.05) * meanMs);
    expectLittle(result, 's');
  });

  it('is M/M/1 at utilisation 0.95, as far as five million requests can tell', () => {
    const result = play([service({ kind: 'fcfs', servers: 1 })], {
      requestsPerSec: 95,
      millions: 5,
      seed: 101,
    });
    for (const [estimate, expectedMs] of [
      [result.attempt.mean(), 200],
      [result.attempt.quantile(0.95), 200 * -Math.log(0.05)],
    ] as const) {
      expect(estimate.standardError).toBeLessThan(0.03 * expectedMs);
      expect(Math.abs(estimate.value - expectedMs)).toBeLessThan(2.6 * estimate.standardError);
    }
    expectLittle(result, 's');
  });

  it.each([
    { servers: 2, utilisation: 0.3, millions: 0.5 },
    { servers: 2, utilisation: 0.6, millions: 0.5 },
    { servers: 4, utilisation: 0.8, millions: 2 },
    { servers: 4, utilisation: 0.9, millions: 6 },
  ])('is M/M/$servers at utilisation $utilisation: mean, p95, Little', (options) => {
    const { servers, utilisation, millions } = options;
    const result = play([service({ kind: 'fcfs', servers })], {
      requestsPerSec: 100 * servers * utilisation,
      millions,
      seed: 101,
    });
    expectTheory(result.attempt.mean(), meanOfMmc({ servers, utilisation, serviceMs: 10 }));
    const p95 = quantileOfMmc({ servers, utilisation, serviceMs: 10 }, 0.95);
    expectTheory(result.attempt.quantile(0.95), p95);
    expectLittle(result, 's');
  });

  it.each<ServiceLaw>([
    { kind: 'exponential' },
    { kind: 'erlang', phases: 4 },
    { kind: 'hyperexponential', scv: 4 },
    { kind: 'lognormal', scv: 2 },
  ])('has the mean of M/G/1 (Pollaczek and Khinchine) and of M/G/1-PS for %o', (law) => {
    const utilisation = 0.7;
    const fcfs = play([service({ kind: 'fcfs', servers: 1 }, { law })], {
      requestsPerSec: 70,
      millions: 0.6 * (1 + scvOf(law)),
      seed: 101,
    });
    const waitMs = (utilisation * 10 * (1 + scvOf(law))) / (2 * (1 - utilisation));
    expectTheory(fcfs.attempt.mean(), 10 + waitMs);
    const sharing = play([service({ kind: 'sharing', cores: 1 }, { law })], {
      requestsPerSec: 70,
      millions: 0.7,
      seed: 101,
    });
    expectTheory(sharing.attempt.mean(), 10 / (1 - utilisation));
    expectLittle(sharing, 's');
  });

  it('shares several cores as M/M/c does in the mean, and one that is limited as a slower one', () => {
    const two = play([service({ kind: 'sharing', cores: 2 })], {
      requestsPerSec: 160,
      millions: 1.5,
      seed: 101,
    });
    expectTheory(two.attempt.mean(), meanOfMmc({ servers: 2, utilisation: 0.8, serviceMs: 10 }));
    const half = play([service({ kind: 'sharing', cores: 0.5 })], {
      requestsPerSec: 35,
      millions: 1,
      seed: 101,
    });
    expectTheory(half.attempt.mean(), 20 / (1 - 0.7));
  });

  it('under a quota serves as much as it may, lone requests at full speed', () => {
    const quota: Discipline = { kind: 'quota', cores: 0.5, periodMs: 100 };
    const idle = play([service(quota, { cpuMs: 2 })], {
      requestsPerSec: 5,
      millions: 0.1,
      seed: 101,
    });
    expectTheory(idle.attempt.mean(), 2);
    const busy = play([service(quota, { cpuMs: 10 })], {
      requestsPerSec: 45,
      millions: 0.3,
      seed: 101,
    });
    expect(busy.goodPerSec).toBeGreaterThan(0.99 * 45);
    expect(busy.services.s!.offeredCores).toBeCloseTo(0.45, 2);
    expectLittle(busy, 's');
  });

  it.each([
    { utilisation: 0.3, millions: 0.5 },
    { utilisation: 0.6, millions: 1 },
    { utilisation: 0.8, millions: 2 },
  ])('is a Jackson tandem at utilisation $utilisation: station means, p95', (options) => {
    const { utilisation, millions } = options;
    const first = service(
      { kind: 'fcfs', servers: 1 },
      { cpuMs: 8, calls: [{ service: 't', count: 1, timeoutMs: patient, retries: 0 }] },
    );
    const second = service({ kind: 'fcfs', servers: 1 }, { name: 't' });
    const result = play([first, second], {
      requestsPerSec: 100 * utilisation,
      millions,
      seed: 101,
    });
    const [firstMs, secondMs] = [8 / (1 - 0.8 * utilisation), 10 / (1 - utilisation)];
    expectTheory(result.services.s!.own.mean(), firstMs);
    expectTheory(result.services.t!.own.mean(), secondMs);
    const p95 = quantileOfTwoExponentials(firstMs, secondMs, 0.95);
    expectTheory(result.attempt.quantile(0.95), p95);
    expectLittle(result, 's');
    expectLittle(result, 't');
  });

  it('refuses as Erlang B says where a replica has as many slots as servers', () => {
    const result = play([service({ kind: 'fcfs', servers: 5 }, { concurrencyMax: 5 })], {
      requestsPerSec: 400,
      millions: 1,
      seed: 101,
    });
    let blocked = 1;
    for (let k = 1; k <= 5; k += 1) blocked = (4 * blocked) / (k + 4 * blocked);
    expect(Math.abs(result.errorRatio / blocked - 1)).toBeLessThan(0.02);
  });

  it('counts time-outs as the tail beyond them and finishes their work all the same', () => {
    const users = { service: 's', requestsPerSec: 80, timeoutMs: 100, retries: 1 };
    const alone = service({ kind: 'fcfs', servers: 1 }, { cpuMs: 5 });
    const result = simulate(
      { services: [alone], users },
      { seed: 101, warmUpSec: 100, measuredSec: 20_000 },
    );
    // Attempts arrive about as a Poisson stream; in M/M/1 the time beyond 100 ms is exponential.
    const { arrivalsPerSec, offeredCores } = result.services.s!;
    const share = Math.exp(-100 * (0.2 - arrivalsPerSec / 1000));
    expect(result.errorRatio / share - 1).toBeLessThan(0.5);
    expect(offeredCores).toBeCloseTo(arrivalsPerSec * 0.005, 2);
    expect(result.goodPerSec + result.failedPerSec).toBeCloseTo(80, 0);
    expect(result.attemptsPerSec).toBeCloseTo(80 * (1 + result.errorRatio), 0);
  });
});
