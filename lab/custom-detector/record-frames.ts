import type { MetricsFrame } from '../../core/observable/index.ts';
import {
  describeTopology,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';
import { createTwin } from '../../sim/index.ts';

const warmUpMs = 15 * 60_000;
const runMs = 3 * 60_000;

/**
 * Eighteen minutes of a small cluster's metrics; a release that fails makes new pods near the end.
 */
export async function recordFrames(): Promise<readonly MetricsFrame[]> {
  const scenario = loadScenario('bad_deploy');
  const spec = loadTopology('online_boutique', { workload: scenario.workload });
  const { faults } = resolveEpisode(scenario, 1, spec);
  const twin = createTwin({
    spec,
    topology: describeTopology(spec),
    seed: 1,
    startMs: -warmUpMs,
    telemetry: true,
    tracesPerScrape: 1,
  });
  twin.schedule(faults.map((fault) => ({ ...fault, startMs: 0 })));
  const { frames } = await twin.advance(runMs);
  return frames;
}
