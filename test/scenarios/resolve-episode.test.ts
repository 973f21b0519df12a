import { describe, expect, it } from 'vitest';
import { InputError } from '../../core/tools/index.ts';
import type { FaultTemplate, Scenario } from '../../core/truth/index.ts';
import {
  listScenarios,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';

const topology = loadTopology('online_boutique');

/** A scenario with its first fault changed; built in memory, so errors have no position. */
function withFault(change: Partial<FaultTemplate>, id = 'database_slowdown'): Scenario {
  const scenario = loadScenario(id);
  const [first, ...others] = scenario.faults;
  return { ...scenario, faults: [{ ...(first as FaultTemplate), ...change }, ...others] };
}

describe('an episode', () => {
  it.each(listScenarios().map(({ id }) => id))(
    'of %s is the same for the same seed, within its ranges',
    (id) => {
      const scenario = loadScenario(id);
      const topology = loadTopology(scenario.topology);
      for (const seed of [1, 2, 1007]) {
        const episode = resolveEpisode(scenario, seed, topology);
        expect(resolveEpisode(scenario, seed, topology)).toEqual(episode);
        for (const list of ['faults', 'ambient'] as const) {
          episode[list].forEach((fault, index) => {
            const { startMs, parameters, targets } = scenario[list][index] as FaultTemplate;
            expect(targets).toContain(fault.target);
            const { low, high } = scenario.leadMs;
            expect(fault.startMs).toBeGreaterThanOrEqual(low + startMs.low);
            expect(fault.startMs).toBeLessThanOrEqual(high + startMs.high);
            for (const [name, range] of Object.entries(parameters)) {
              if (typeof range === 'string') expect(fault.parameters[name]).toBe(range);
              else if ('oneOf' in range) expect(range.oneOf).toContain(fault.parameters[name]);
              else
                expect(fault.parameters[name]).toSatisfy(
                  (v: number) => v >= range.low && v <= range.high,
                );
            }
          });
        }
      }
    },
  );

  it('draws differently for different seeds, uniformly over the range', () => {
    const scenario = loadScenario('zone_failure');
    const starts = Array.from({ length: 400 }, (_, seed) => {
      return resolveEpisode(scenario, seed, topology).faults[0]?.startMs ?? 0;
    });
    const mean = starts.reduce((sum, start) => sum + start, 0) / starts.length;
    // A lead over 55 min and a start over 5 min: the mean of 400 has a standard error of 48 s.
    expect(Math.abs(mean - (1650 + 390) * 1000)).toBeLessThan(192_000);
    expect(Math.min(...starts)).toBeLessThan(600_000);
    expect(Math.max(...starts)).toBeGreaterThan(3_400_000);
  });

  it('is played in a world of its own, whatever it is called', () => {
    const worldOf = (scenario: Scenario, seed: number): number =>
      resolveEpisode(scenario, seed, loadTopology(scenario.topology)).worldSeed;
    const shipped = listScenarios();
    const worlds = new Set(shipped.map((scenario) => worldOf(scenario, 7)));
    // Scenarios in which the same happens to the same may share theirs.
    expect(worlds.size).toBeGreaterThan(0.8 * shipped.length);
    const [first] = shipped as [Scenario];
    expect(worldOf({ ...first, id: 'another' }, 7)).toBe(worldOf(first, 7));
    expect(worldOf(first, 8)).not.toBe(worldOf(first, 7));
  });

  it('moves everything by one lead, which is the scenario’s own and not its name’s', () => {
    const scenario = loadScenario('zone_failure');
    const calm = { ...scenario, leadMs: { low: 0, high: 0 } };
    const leadOf = (of: Scenario, seed: number): number => {
      const [late, early] = [of, calm].map((each) => resolveEpisode(each, seed, topology));
      const shifts = [...(late?.faults ?? []), ...(late?.ambient ?? [])].map(
        (fault, i) =>
          fault.startMs - ([...(early?.faults ?? []), ...(early?.ambient ?? [])][i]?.startMs ?? 0),
      );
      expect(new Set(shifts).size).toBe(1);
      return shifts[0] as number;
    };
    expect(leadOf(scenario, 7)).not.toBe(leadOf(scenario, 8));
    expect(leadOf({ ...scenario, id: 'another' }, 7)).toBe(leadOf(scenario, 7));
    const other = loadScenario('memory_leak');
    const start = resolveEpisode(other, 7, topology).faults[0]?.startMs ?? 0;
    const own = resolveEpisode({ ...other, leadMs: calm.leadMs }, 7, topology).faults[0];
    expect(start - (own?.startMs ?? 0)).not.toBe(leadOf(scenario, 7));
  });

  it('starts the faults of one group together', () => {
    const { faults } = resolveEpisode(loadScenario('zone_failure'), 1007, topology);
    expect(faults.map(({ kind }) => kind)).toEqual(['network_partition', 'node_power_loss']);
    expect(faults[1]?.startMs).toBe(faults[0]?.startMs);
  });

  it('keys its draws by position: names and later faults move nothing', () => {
    // The lead alone follows from all that happens.
    const scenario = { ...loadScenario('traffic_spike'), leadMs: { low: 0, high: 0 } };
    const before = resolveEpisode(scenario, 7, topology).faults[0];
    const [fault] = scenario.faults as [FaultTemplate];
    const renamed = {
      ...scenario,
      id: 'another',
      faults: [fault, { ...fault, targets: ['user/home'] }],
    };
    const after = resolveEpisode(renamed, 7, topology).faults;
    expect(after[0]).toEqual(before);
    expect(after[1]?.startMs).not.toBe(before?.startMs);
  });

  it.each([
    [
      'service',
      withFault({ targets: ['service/redis-crat'] }),
      'unknown service "redis-crat"',
      /did you mean redis-cart/,
    ],
    [
      'zone',
      withFault({ targets: ['zone/us-east-1d'] }, 'zone_failure'),
      'unknown zone "us-east-1d"',
      /us-east-1a/,
    ],
    [
      'node',
      withFault({ kind: 'node_power_loss', targets: ['node/node-a9'] }, 'zone_failure'),
      'unknown node "node-a9"',
      /node-a1/,
    ],
    [
      'journey',
      withFault({ targets: ['user/chekout'] }, 'traffic_spike'),
      'unknown journey "chekout"',
      /did you mean checkout/,
    ],
  ])('refuses a %s that does not exist', (_, scenario, message, hint) => {
    try {
      resolveEpisode(scenario, 1, topology);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).message).toContain(message);
      expect((error as InputError).hint).toMatch(hint);
    }
  });

  it('points into the file when the scenario came from one', () => {
    const elsewhere = { ...topology, name: 'empty', services: [] };
    expect(() => resolveEpisode(loadScenario('database_slowdown'), 1, elsewhere)).toThrow(
      /database_slowdown\.yaml:\d+:13: faults\[0\]\.target: unknown service "redis-cart" in topology empty/,
    );
  });

  it('refuses an asserted root cause that no fault is injected into', () => {
    const scenario = loadScenario('bad_deploy');
    const claimed = { ...scenario, expect: { ...scenario.expect, rootCause: 'service/frontend' } };
    expect(() => resolveEpisode(claimed, 1, topology)).toThrow(
      'expected one of the faults\' targets (service/productcatalogservice), got "service/frontend"',
    );
  });

  it('refuses times outside the run and releases that change nothing', () => {
    const late = withFault({ startMs: { low: 5_000_000, high: 5_000_000 } });
    expect(() => resolveEpisode(late, 1, topology)).toThrow(
      /must lie within the run \(0 s to 1 h 15 m\), got 1 h 23 m/,
    );
    const long = withFault({ durationMs: { low: 4_400_000, high: 4_400_000 } });
    expect(() => resolveEpisode(long, 1, topology)).toThrow(/must end within the run/);
    const same = withFault({ parameters: { tag: 'v0.10.2' } }, 'bad_deploy');
    expect(() => resolveEpisode(same, 1, topology)).toThrow(/expected a tag other than the one/);
  });
});
