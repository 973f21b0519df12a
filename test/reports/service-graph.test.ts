import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Topology } from '../../core/observable/index.ts';
import { layoutServices } from '../../reports/service-graph-layout.ts';
import { serviceGraphSvg } from '../../reports/service-graph-svg.ts';
import { serviceOf } from '../../reports/suspects.ts';
import { fixtureRecord } from './fixture.ts';
import { fixtureScorecard } from './fixture-scorecard.ts';

function topologyOf(
  names: readonly string[],
  calls: readonly (readonly [string, string])[],
): Topology {
  return {
    name: 't',
    entryService: names[0] ?? '',
    services: names.map((name) => ({
      name,
      namespace: 'default',
      kind: 'service',
      workload: name,
    })),
    calls: calls.map(([from, to]) => ({ from, to })),
    nodes: [],
  };
}

describe('service graph layout', () => {
  it('puts services by their longest call path', () => {
    const { services, layers } = layoutServices(fixtureRecord().topology);
    const layerOf = new Map(services.map(({ name, layer }) => [name, layer]));
    expect(layers).toBe(4);
    expect(layerOf.get('frontend')).toBe(0);
    expect(layerOf.get('checkoutservice')).toBe(1);
    expect(layerOf.get('cartservice')).toBe(2);
    expect(layerOf.get('redis-cart')).toBe(3);
  });

  it('places every service once, on a free place, for any graph, cycles included', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const name = fc.constantFrom(...names);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { maxLength: 15 }), (calls) => {
        const { services, rows, layers } = layoutServices(topologyOf(names, calls));
        expect(services.map((service) => service.name).sort()).toEqual(names);
        expect(new Set(services.map(({ layer, row }) => `${layer} ${row}`)).size).toBe(
          names.length,
        );
        for (const { layer, row } of services) {
          expect(layer).toBeLessThan(layers);
          expect(row).toBeLessThan(rows);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('runs every call of an acyclic graph to the right', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const index = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(index, index), { maxLength: 15 }), (pairs) => {
        const calls = pairs
          .filter(([from, to]) => from < to)
          .map(([from, to]) => [names[from] as string, names[to] as string] as const);
        const layerOf = new Map(
          layoutServices(topologyOf(names, calls)).services.map((s) => [s.name, s.layer]),
        );
        for (const [from, to] of calls)
          expect(layerOf.get(from)).toBeLessThan(layerOf.get(to) as number);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe('service graph picture', () => {
  it('outlines the true root cause and its nodes, and heats what was suspected', () => {
    const { markup } = serviceGraphSvg(fixtureRecord(), fixtureScorecard());
    expect(markup.match(/class="zone root"/g)).toHaveLength(1);
    expect(markup.match(/class="chip root"/g)).toHaveLength(3);
    expect(markup).toContain('class="edge hot"');
    expect(markup).toMatch(/<title>redis-cart<\/title>\s*<rect class="box" style="--heat:0.23"/);
    expect(markup.match(/class="hit"/g)).toHaveLength(5);
  });

  it('outlines an edge that is the root cause', () => {
    const record = fixtureRecord();
    const truth = { ...record.truth, rootCauses: ['edge/cartservice->redis-cart'] };
    expect(serviceGraphSvg({ ...record, truth }, fixtureScorecard()).markup).toContain(
      'class="edge root"',
    );
  });
});

describe('serviceOf', () => {
  const topology = topologyOf(['cart', 'cart-db', 'frontend'], []);
  it.each([
    ['service/cart', 'cart'],
    ['pod/default/cart-db-5f7b9c8d6-m4vwn', 'cart-db'],
    ['pod/default/cart-5f7b9c8d6-m4vwn', 'cart'],
    ['release/frontend:v2', 'frontend'],
    ['release/cartographer:v2', null],
    ['zone/cart', null],
    ['user/cart', null],
  ])('%s belongs to %s', (component, service) => {
    expect(serviceOf(topology, component)).toBe(service);
  });
});
