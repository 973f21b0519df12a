import { describe, expect, it } from 'vitest';
import { countRequests } from '../../lab/sli.ts';
import {
  describeTopology,
  expectedUtilization,
  listScenarios,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';
import { createTwin } from '../../sim/index.ts';

/** Users of a world in which nothing goes wrong but what does every day: the share served well. */
async function servedShare(scenario: ReturnType<typeof listScenarios>[number], seed: number) {
  const spec = loadTopology(scenario.topology, { workload: scenario.workload });
  const { worldSeed, ambient } = resolveEpisode(scenario, seed, spec);
  const twin = createTwin({
    spec,
    topology: describeTopology(spec),
    seed: worldSeed,
    startMs: -scenario.warmUpMs,
    telemetry: false,
  });
  twin.schedule(ambient);
  await twin.advance(0);
  const from = twin.truth.user.length;
  await twin.advance(scenario.durationMs);
  const { offered, good } = countRequests(twin.truth.user.slice(from));
  return good / offered;
}

// Everyday life replaces pods, also at the busiest hour. Two pairs of the social network have more
// to do then than one pod can, as such systems have; a day on which nothing happens leaves room.
describe('a healthy day leaves room for a pod that is replaced at the top of its rhythm', () => {
  it.each([
    ['healthy_day', 0.8],
    ['daily_peak', 1.1],
  ])('%s: the others of its service have %f of their CPU to do', (id, limit) => {
    const { topology, workload } = loadScenario(id);
    const spec = loadTopology(topology, { workload });
    const loads = expectedUtilization(spec).flatMap(({ service, utilization, replicas }) => {
      if (utilization === null || replicas === 1) return [];
      const atTop = utilization * (1 + spec.workload.dailySwing);
      return [{ service, of: (atTop * replicas) / (replicas - 1) }];
    });
    expect(loads.filter(({ of }) => of > limit)).toEqual([]);
    expect(Math.max(...loads.map(({ of }) => of))).toBeGreaterThan(limit - 0.05);
  });
});

// The self-test plays scenarios without the everyday happenings. A scenario that calls itself
// healthy has to be so in the life it is evaluated in, or an incident in it is no mistake.
describe('a healthy scenario keeps its availability in everyday life', () => {
  const healthy = listScenarios().filter(({ ends }) => ends === 'healthy');
  // A day takes half a minute: FIREDRILL_FULL plays all of them, the shortest is played always.
  const shortest = healthy.toSorted((a, b) => a.durationMs - b.durationMs).slice(0, 1);
  const played = process.env.FIREDRILL_FULL ? healthy : shortest;

  it.each(played.map((scenario) => [scenario.id, scenario] as const))('%s', async (_, scenario) => {
    for (const seed of process.env.FIREDRILL_FULL ? [31, 32, 33] : [31]) {
      const share = await servedShare(scenario, seed);
      expect(share, `seed ${seed}`).toBeGreaterThan(scenario.expect.availabilityMin);
    }
  });
});
