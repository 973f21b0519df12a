import { describe, expect, it } from 'vitest';
import { standardDeviation } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import { measureTolerances } from '../../lab/tolerance.ts';
import { describeTopology } from '../../scenarios/index.ts';
import { createTwin } from '../../sim/index.ts';
import { deployment, service } from '../sim/control-plane/fixture.ts';
import { journeySpec, operationSpec, serviceSpec, twinSpec } from '../sim/data-plane/fixture.ts';

/** One service with two pods of 0.2 CPU cores each. */
function oneService(requestsPerSec: number, noiseSd: number): TwinSpec {
  const spec = twinSpec({
    services: [serviceSpec('front', [operationSpec('Get')])],
    journeys: [journeySpec('visit', 'front', 'Get')],
    workload: { requestsPerSec, noiseSd },
  });
  return { ...spec, objects: [deployment('front'), service('front')] };
}

const measure = (spec: TwinSpec): ReturnType<typeof measureTolerances> =>
  measureTolerances(spec, describeTopology(spec));

describe('tolerances', () => {
  it('of a calm system are the floors', async () => {
    expect(await measure(oneService(5, 0))).toEqual({
      goodRatio: [0.01],
      errorRatio: [0.01],
      latencyMs: [5],
    });
  });

  it('of a restless one are four standard deviations of its ticks', async () => {
    const spec = oneService(75, 0.3);
    const { goodRatio, latencyMs } = await measure(spec);
    const good: number[] = [];
    const latencies: number[] = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      const topology = describeTopology(spec);
      const twin = createTwin({ spec, topology, seed, startMs: -600_000, telemetry: false });
      await twin.advance(0);
      for (let i = 300; i < 600; i += 1) {
        const { offered, good: served } = twin.truth.user[i]!;
        good.push(served[0]! / offered[0]!);
        latencies.push(twin.truth.service[i]!.latencyMsMean[0]!);
      }
    }
    expect(goodRatio[0]).toBeGreaterThan(0.01);
    expect(goodRatio[0]).toBeCloseTo(4 * standardDeviation(good), 9);
    expect(latencyMs[0]).toBeCloseTo(4 * standardDeviation(latencies), 6);
  });
});
