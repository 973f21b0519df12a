import { expect, it } from 'vitest';
import { Bench, station } from './fixture.ts';

/** Two systems whose loads are alike, and which differ in how a pod runs its requests. */
function benches(): Bench[] {
  const { spec } = station({ requestsPerSec: 60, cpuMs: 10, cores: 1 });
  const services = spec.services.map((service) => {
    return { ...service, threading: 'thread_per_request' as const };
  });
  return [new Bench(spec), new Bench({ ...spec, services })];
}

it('a station that is known from one system is not mistaken for that of another', () => {
  const { view } = station({ requestsPerSec: 60, cpuMs: 10, cores: 1 });
  const alone = benches().map((bench) => {
    bench.play(view, 60);
    return bench.window(view, 5).pods[0]?.operations[0]?.ownLatency;
  });
  const both = benches();
  for (let second = 0; second < 60; second += 1) for (const bench of both) bench.play(view, 1);
  const inTurns = both.map((bench) => bench.window(view, 5).pods[0]?.operations[0]?.ownLatency);
  expect(inTurns).toEqual(alone);
  expect(inTurns[0]?.varianceMs2).not.toBe(inTurns[1]?.varianceMs2);
});
