import { expect, it } from 'vitest';
import { faultOf } from './boutique.ts';
import { FaultBench } from './fault-bench.ts';
import { catalogue, release } from './fault-specimens.ts';

const minuteMs = 60_000;

const away = faultOf({
  kind: 'component_down',
  target: 'config/control-plane',
  startMs: 5000,
  parameters: { component: 'api_server' },
});
const drain = faultOf({ kind: 'node_drain', target: 'node/node-a1', startMs: 1000 });
const node = { kind: 'Node', name: 'node-a1' } as const;
const retryPolicy = faultOf({
  kind: 'retry_policy',
  target: 'service/frontend',
  startMs: 1000,
  parameters: { cause: 'lost_index', extraRetries: 3, config: 'default/settings/mode=on' },
});

async function isCordoned(bench: FaultBench): Promise<boolean> {
  const found = await bench.control.api.get(node);
  if (!found.ok) throw new Error(found.status.message);
  return found.object.spec?.unschedulable === true;
}

it('a drain that should end meanwhile gives its node back afterwards', async () => {
  const bench = FaultBench.create();
  bench.schedule.add([
    { ...drain, durationMs: 8000 },
    { ...away, durationMs: 20_000 },
  ]);
  await bench.play(40_000);
  expect(await isCordoned(bench)).toBe(false);
});

it('rolling back brings the API server back before what needs it to write', async () => {
  const bench = FaultBench.create();
  bench.schedule.add([away, drain]);
  await bench.play(10_000);
  await bench.rollBack();
  expect(await isCordoned(bench)).toBe(false);
});

it('an API that does not answer cures nothing that a ConfigMap holds', async () => {
  const bench = FaultBench.create();
  bench.schedule.add([retryPolicy, { ...away, durationMs: 10_000 }]);
  await bench.play(10_000);
  expect(bench.conditions.impairments).toHaveLength(1);
  await bench.play(20_000);
  expect(bench.conditions.impairments).toHaveLength(1);
  await bench.control.api.remove(
    { kind: 'ConfigMap', namespace: 'default', name: 'settings' },
    { fieldManager: 'kubectl' },
  );
  await bench.play(25_000);
  expect(bench.conditions.impairments).toHaveLength(0);
});

it('a release waits until it can be made, and undoing it still works', async () => {
  const bench = FaultBench.create();
  const outage = faultOf({
    kind: 'component_down',
    target: 'config/control-plane',
    parameters: { component: 'etcd' },
    startMs: 0,
    durationMs: 2 * minuteMs,
  });
  bench.schedule.add([outage, release('v0.11.0', { startMs: minuteMs })]);
  const original = await bench.image(catalogue);
  await bench.play(2 * minuteMs - 5000);
  expect(await bench.image(catalogue)).toBe(original);
  await bench.play(2 * minuteMs + 5000);
  expect(await bench.image(catalogue)).toMatch(/:v0\.11\.0$/);
  await bench.rollBack();
  expect(await bench.image(catalogue)).toBe(original);
});
