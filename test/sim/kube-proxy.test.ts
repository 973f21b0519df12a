import { describe, expect, it } from 'vitest';
import type { ClusterView, RouteView } from '../../sim/cluster-view.ts';
import { onNode } from '../../sim/platform-components.ts';
import { FaultBench } from './fault-bench.ts';

const person = { fieldManager: 'kubectl' };
const callee = 'productcatalogservice';

function routeOf(view: ClusterView): RouteView | undefined {
  return view.routes?.find(({ from, to }) => from === 'frontend' && to === callee);
}

async function replacePods({ control }: FaultBench): Promise<void> {
  for (const { name, namespace, service } of control.view.pods) {
    if (service !== callee) continue;
    await control.api.remove(
      { kind: 'Pod', namespace, name },
      { ...person, gracePeriodSeconds: 0 },
    );
  }
}

describe('a node without its kube-proxy', () => {
  it('serves as before until endpoints change, then sends to pods that are gone', async () => {
    const bench = FaultBench.create();
    const { control, conditions } = bench;
    const caller = control.view.pods.find(({ service }) => service === 'frontend');
    const proxy = onNode('kube_proxy', caller?.node ?? '');
    conditions.downComponents.add(proxy);
    control.refreshConditions();
    await bench.play(10_000);
    expect(routeOf(control.view)).toBeUndefined();
    await replacePods(bench);
    await bench.play(60_000);
    const route = routeOf(control.view)?.byZone.get(caller?.zone ?? '');
    const peers = control.view.pods.filter(
      ({ service, zone }) => service === 'frontend' && zone === caller?.zone,
    );
    expect(route?.misses.blocked).toBeCloseTo(1 / peers.length, 9);
    for (const [zone, { misses }] of routeOf(control.view)?.byZone ?? []) {
      if (zone !== caller?.zone) expect(misses.blocked ?? 0).toBe(0);
    }
    const fork = bench.fork();
    conditions.downComponents.delete(proxy);
    control.refreshConditions();
    expect(routeOf(control.view)).toBeUndefined();
    expect(routeOf(fork.control.view)).toBeDefined();
  });
});
