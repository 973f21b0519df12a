import { describe, expect, it, vi } from 'vitest';
import type { Fault } from '../../core/truth/index.ts';
import { FaultBench } from './fault-bench.ts';

const fault: Fault = {
  kind: 'failing_work',
  target: 'service/currencyservice',
  startMs: 5_000,
  durationMs: null,
  parameters: { cause: 'switched_path', errorShare: 0.4, config: 'default/flags/rates=new' },
  faultClass: 'feature_flag',
};
const flags = { kind: 'ConfigMap', namespace: 'default', name: 'flags' } as const;
const person = { fieldManager: 'kubectl-edit' };
const old = { type: 'merge', body: { data: { rates: 'old' } } } as const;

async function switchedOn(): Promise<FaultBench> {
  const bench = FaultBench.create();
  bench.schedule.add([fault]);
  await bench.play(10_000);
  expect(bench.conditions.impairments).toHaveLength(1);
  return bench;
}

describe('an impairment that hangs on a ConfigMap', () => {
  it('reads it when one has changed, not every second', async () => {
    const bench = await switchedOn();
    const get = vi.spyOn(bench.control.api, 'get');
    await bench.play(70_000);
    expect(get).not.toHaveBeenCalled();
    const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } } as const;
    await bench.control.api.create(other, person);
    await bench.play(130_000);
    expect(get).toHaveBeenCalledTimes(1);
    expect(bench.conditions.impairments).toHaveLength(1);
    await bench.control.api.patch(flags, old, person);
    await bench.play(132_000);
    expect(bench.conditions.impairments).toEqual([]);
  });

  it('ends in a copy and not in its original, and the other way round', async () => {
    const bench = await switchedOn();
    const copy = bench.fork();
    await copy.control.api.patch(flags, old, person);
    await copy.play(12_000);
    await bench.play(12_000);
    expect([copy, bench].map(({ conditions }) => conditions.impairments.length)).toEqual([0, 1]);
    const late = bench.fork();
    await bench.control.api.patch(flags, old, person);
    for (const world of [bench, late]) await world.play(14_000);
    expect([bench, late].map(({ conditions }) => conditions.impairments.length)).toEqual([0, 1]);
  });

  it('ends after the API was away, when what was written before can be read again', async () => {
    const bench = await switchedOn();
    await bench.control.api.patch(flags, old, person);
    bench.conditions.downComponents.add('api_server');
    await bench.play(20_000);
    expect(bench.conditions.impairments).toHaveLength(1);
    bench.conditions.downComponents.delete('api_server');
    await bench.play(22_000);
    expect(bench.conditions.impairments).toEqual([]);
  });
});
