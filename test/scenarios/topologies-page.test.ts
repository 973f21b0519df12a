import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TwinSpec } from '../../core/truth/index.ts';
import { graphStatistics } from '../../scenarios/graph-statistics.ts';
import { expectedUtilization, loadTopology } from '../../scenarios/index.ts';

describe('docs/topologies.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/topologies.md'), 'utf8');

  it.each([
    'edge_retail',
    'online_boutique',
    'social_network',
    'train_ticket',
    'generated:200',
    'generated:2000',
  ])('has the figures of %s', (name) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
    const cells = row?.split('|').map((cell) => cell.trim()) ?? [];
    expect(cells.slice(2, 9)).toEqual(figuresOf(loadTopology(name)));
  });

  it('has the shape of a generated graph beside the published one', () => {
    const graph = graphStatistics(loadTopology('generated:2000'));
    const percent = (share: number): string => `${Math.round(100 * share)} %`;
    for (const [label, figure] of [
      [
        'entry / leaf / middle',
        `${[graph.entryShare, graph.leafShare, graph.middleShare].map(percent).join(' / ')}`,
      ],
      ['services with one caller', percent(graph.singleCallerShare)],
      ['callers of the most shared', `${graph.callersMax}`],
      ['calls to the busiest 5 %', percent(graph.hotCallShare)],
      ['services behind a journey', `${graph.sizeMedian} / ${graph.sizeP90} / ${graph.sizeMax}`],
      ['depth of a journey', `${graph.depthMean.toFixed(1)} / ${graph.depthMax}`],
    ]) {
      const row = page.split('\n').find((line) => line.startsWith(`| ${label}`));
      expect(row?.split('|')[3]?.trim(), label).toBe(figure);
    }
  });
});

function figuresOf(spec: TwinSpec): string[] {
  const graph = graphStatistics(spec);
  const used = expectedUtilization(spec).map(({ utilization }) => 100 * (utilization ?? 0));
  return [
    `${graph.services}`,
    `${graph.edges}`,
    `${graph.depthMean.toFixed(1)} / ${graph.depthMax}`,
    `${graph.pods}`,
    `${spec.nodes.length}`,
    `${spec.workload.requestsPerSec}`,
    `${Math.round(Math.min(...used))}–${Math.round(Math.max(...used))} %`,
  ];
}
