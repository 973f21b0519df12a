import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../scenarios/index.ts';
import { EverydayHappenings } from '../../sim/faults/everyday-happenings.ts';
import { everydayPlaces } from '../../sim/faults/everyday-places.ts';

const spec = loadTopology('online_boutique');
const hourMs = 3_600_000;

function happenings(seed: number, perHour = spec.workload.happeningsPerHour): EverydayHappenings {
  const workload = { ...spec.workload, happeningsPerHour: perHour };
  return new EverydayHappenings({ spec: { ...spec, workload }, seed, startMs: 0 });
}

describe('everyday happenings', () => {
  it('come as often as the topology says', () => {
    const hours = 400;
    // Batch clients come in herds; a herd is one happening.
    const starts = happenings(1)
      .due(hours * hourMs)
      .map(({ startMs }) => startMs);
    const count = new Set(starts).size;
    const expected = hours * spec.workload.happeningsPerHour;
    // Poisson: four standard deviations.
    expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));
    expect(happenings(1, 0).due(hours * hourMs)).toEqual([]);
  });

  it('are the same however often one asks, and in a fork', () => {
    const whole = happenings(7).due(10 * hourMs);
    const steps = happenings(7);
    const first = steps.due(5 * hourMs);
    const fork = steps.fork();
    expect([...first, ...steps.due(10 * hourMs)]).toEqual(whole);
    expect([...first, ...fork.due(10 * hourMs)]).toEqual(whole);
    expect(happenings(8).due(10 * hourMs)).not.toEqual(whole);
  });

  it('are benign, and of every kind', () => {
    const all = happenings(3).due(200 * hourMs);
    expect(all.every(({ faultClass }) => faultClass === null)).toBe(true);
    expect(new Set(all.map(({ kind }) => kind)).size).toBe(11);
  });

  it('fail many calls only of services that nobody needs', () => {
    const dispensable = everydayPlaces(spec).dispensable.map(({ name }) => name);
    expect(dispensable).toEqual(['recommendationservice', 'adservice', 'emailservice']);
    for (const { kind, target, parameters } of happenings(5).due(500 * hourMs)) {
      if (kind !== 'call_failure' || Number(parameters.refusedShare) <= 0.01) continue;
      expect(dispensable.map((name) => `service/${name}`)).toContain(target);
    }
  });
});
