import { describe, expect, it } from 'vitest';
import { generateTopology } from '../../scenarios/generated/generate-topology.ts';
import { graphStatistics } from '../../scenarios/graph-statistics.ts';
import { expectedUtilization, loadTopology } from '../../scenarios/index.ts';

describe('generated topologies', () => {
  it('are the same for the same name, and others for another seed', () => {
    expect(loadTopology('generated:60')).toEqual({
      ...loadTopology('generated:60:1'),
      name: 'generated:60',
    });
    expect(loadTopology('generated:60:2').services).not.toEqual(
      loadTopology('generated:60:1').services,
    );
    expect(loadTopology('generated').services).toHaveLength(100);
  });

  it.each(['generated:', 'generated:ten', 'generated:10', 'generated:99999', 'generated:60:x'])(
    'refuse the name %s',
    (name) => {
      expect(() => loadTopology(name)).toThrow(
        /expected generated:SERVICES or generated:SERVICES:/,
      );
    },
  );

  it('take rate and swing from a scenario, and no other manifests', () => {
    const { workload } = loadTopology('generated:60', { workload: { requestsPerSec: 7 } });
    expect(workload).toMatchObject({ requestsPerSec: 7, dailySwing: 0.2 });
    expect(() => loadTopology('generated:60', { manifestsDir: '.' })).toThrow(
      /generated:60 cannot take other manifests/,
    );
  });

  it.each([3, 4, 5])('have the depth that is asked for, %d on average', (meanDepth) => {
    const depths = [1, 2, 3].map((seed) => {
      return graphStatistics(generateTopology({ name: 'deep', services: 400, seed, meanDepth }))
        .depthMean;
    });
    const mean = depths.reduce((sum, depth) => sum + depth, 0) / 3;
    expect(Math.abs(mean / meanDepth - 1)).toBeLessThan(0.12);
  });

  it('call as many services as asked for, and share them as asked for', () => {
    const options = { name: 'wide', services: 400, seed: 3 };
    const usual = graphStatistics(generateTopology(options));
    const wide = graphStatistics(generateTopology({ ...options, fanOut: 5 }));
    expect(wide.edges / usual.edges).toBeGreaterThan(1.4);
    const even = graphStatistics(generateTopology({ ...options, hotSpotShare: 0.5 }));
    expect(even.callersMax).toBeLessThan(usual.callersMax / 2);
  });

  it.each([20, 60, 400, 1200])(
    'of %d services have the published shares, heavy tails, and room on the nodes',
    (services) => {
      const spec = generateTopology({ name: 'sized', services, seed: 5 });
      const graph = graphStatistics(spec);
      expect(graph.services).toBe(services);
      expect(Math.abs(graph.entryShare - 0.13)).toBeLessThan(0.03);
      expect(Math.abs(graph.leafShare - 0.39)).toBeLessThan(0.03);
      expect(Math.abs(graph.pods / services - 5)).toBeLessThan(0.06);
      for (const { service, utilization } of expectedUtilization(spec)) {
        expect(utilization, service).toBeGreaterThanOrEqual(0.2);
        expect(utilization, service).toBeLessThanOrEqual(0.55);
      }
      if (services < 400) return;
      expect(graph.singleCallerShare).toBeGreaterThan(0.6);
      expect(graph.hotCallShare).toBeGreaterThan(0.25);
      // With as many calls at random, callers per service would be Poisson with a mean of two.
      expect(graph.callersMax).toBeGreaterThan(20);
      expect(graph.sizeP90).toBeGreaterThan(2 * graph.sizeMedian);
    },
  );
});
