import { expect, it } from 'vitest';
import type { ServiceSpec } from '../../../core/truth/index.ts';
import type { ClusterView } from '../../../sim/cluster-view.ts';
import { Bench, station } from './fixture.ts';

const plain = station({ requestsPerSec: 60, cpuMs: 10, cores: 1 });

interface System {
  readonly service?: Partial<ServiceSpec>;
  readonly view?: Partial<ClusterView>;
}

function benchOf({ service = {} }: System): Bench {
  const { spec } = plain;
  return new Bench({ ...spec, services: spec.services.map((one) => ({ ...one, ...service })) });
}

function ownLatency(bench: Bench, view: ClusterView): object | undefined {
  return bench.window(view, 5).pods[0]?.operations[0]?.ownLatency;
}

const onThreads = { threading: 'thread_per_request' } as const;
const smallNodes = plain.view.nodes.map((node) => ({ ...node, cpuCores: 2 }));

// The same load in both systems, so that one's station could pass for the other's.
it.each<[string, System, System]>([
  ['how requests are run', {}, { service: onThreads }],
  [
    'the cores of the node',
    { service: onThreads },
    { service: onThreads, view: { nodes: smallNodes } },
  ],
  ['the bound on requests', {}, { service: { concurrencyMax: 3 } }],
])('a station known from one system is not mistaken for another in %s', (_, ...systems) => {
  const views = systems.map(({ view }) => ({ ...plain.view, ...view }));
  const alone = systems.map((system, k) => {
    const bench = benchOf(system);
    bench.play(views[k] as ClusterView, 60);
    return ownLatency(bench, views[k] as ClusterView);
  });
  const both = systems.map(benchOf);
  for (let second = 0; second < 60; second += 1) {
    both.forEach((bench, k) => {
      bench.play(views[k] as ClusterView, 1);
    });
  }
  expect(both.map((bench, k) => ownLatency(bench, views[k] as ClusterView))).toEqual(alone);
  expect(alone[0]).not.toEqual(alone[1]);
});
