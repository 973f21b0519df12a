import { describe, expect, it } from 'vitest';
import { SidecarAgents, throttledBeside } from '../../../sim/telemetry/sidecar-agents.ts';

const services = Array.from({ length: 40 }, (_, i) => `service-${i}`);
const hours = 10;
const times = Array.from({ length: hours * 240 }, (_, i) => 15_000 * (i - 80));

function play(seed: number, own: number): Map<string, number[]> {
  const agents = new SidecarAgents(seed);
  return new Map(
    services.map((service) => {
      const beside = agents.agentsOf(service);
      const ratioAt = (atMs: number): number => {
        agents.move(beside, atMs);
        return throttledBeside(beside.periodShare, beside.throttledShare, own);
      };
      return [service, times.map(ratioAt)];
    }),
  );
}

describe('agents beside processes', () => {
  const idleProcess = play(1, 0);

  it('throttle now and then, in some services never, and all together at times', () => {
    const shares = [...idleProcess.values()].map(
      (values) => values.filter((value) => value > 0).length / values.length,
    );
    const without = shares.filter((share) => share === 0).length;
    expect(without).toBeGreaterThan(2);
    expect(without).toBeLessThan(20);
    expect(Math.max(...shares)).toBeLessThan(0.25);
    const together = times.map(
      (_, i) => [...idleProcess.values()].filter((values) => (values[i] as number) > 0).length,
    );
    expect(Math.max(...together)).toBe(services.length - without);
  });

  it('mix with the process by their part of the periods', () => {
    const throttledProcess = play(1, 0.8);
    for (const service of services) {
      const idle = idleProcess.get(service) as number[];
      const mixed = throttledProcess.get(service) as number[];
      const wrong = mixed.filter((value, i) =>
        idle[i] === 0 ? value !== 0.8 : value <= (idle[i] as number),
      );
      expect(wrong).toEqual([]);
    }
  });

  it('are the same for a seed and others for another', () => {
    expect(play(1, 0)).toEqual(idleProcess);
    expect(play(2, 0)).not.toEqual(idleProcess);
  });
});
