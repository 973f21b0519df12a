import { describe, expect, it } from 'vitest';
import { countRequests } from '../../lab/sli.ts';
import {
  describeTopology,
  listScenarios,
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

// The self-test plays scenarios without the everyday happenings. A scenario that calls itself healthy
// has to be so in the life it is evaluated in, or an incident in it is no mistake.
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
