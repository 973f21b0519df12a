import { describe, expect, it } from 'vitest';
import { faultOf } from './boutique.ts';
import { FaultBench } from './fault-bench.ts';
import { catalogue, delay, release } from './fault-specimens.ts';

const minuteMs = 60_000;

describe('undoing respects what others did since', () => {
  it('leaves an image alone that somebody rolled back or forward by hand', async () => {
    const bench = FaultBench.create();
    bench.schedule.add([release('v0.11.0', { startMs: 0, durationMs: minuteMs })]);
    await bench.play(30_000);
    const body = {
      spec: { template: { spec: { containers: [{ name: 'server', image: 'other:v9' }] } } },
    };
    const ref = { kind: 'Deployment', namespace: 'default', name: catalogue } as const;
    await bench.control.api.patch(ref, { type: 'strategic', body }, { fieldManager: 'kubectl' });
    await bench.play(2 * minuteMs);
    expect(await bench.image(catalogue)).toBe('other:v9');
    expect(bench.conditions.releaseTraits.size).toBe(0);
  });

  it('delays the pods there were, not those that replaced them', async () => {
    const bench = FaultBench.create();
    const podsOf = (): string[] =>
      bench.control.view.pods.filter((pod) => pod.service === 'redis-cart').map((pod) => pod.uid);
    bench.schedule.add([{ ...delay(300), startMs: 0, durationMs: 2 * minuteMs }]);
    await bench.play(1000);
    const before = podsOf();
    expect([...bench.conditions.podDelayMs.keys()]).toEqual(before);
    const name = bench.control.view.pods.find(({ uid }) => uid === before[0])?.name ?? '';
    const ref = { kind: 'Pod', namespace: 'default', name } as const;
    await bench.control.api.remove(ref, { fieldManager: 'kubectl' });
    await bench.play(minuteMs);
    expect(podsOf()).not.toEqual(before);
    expect([...bench.conditions.podDelayMs.keys()]).toEqual(before);
    await bench.play(3 * minuteMs);
    expect(bench.conditions.podDelayMs.size).toBe(0);
  });

  it('in a fork, without touching the original', async () => {
    const original = FaultBench.create();
    original.schedule.add([
      release('v0.11.0', { startMs: 0, durationMs: 20_000 }),
      release('v0.12.0', { startMs: 1000 }),
    ]);
    await original.play(10_000);
    const fork = await original.fork().play(30_000);
    await fork.rollBack();
    expect(await fork.image(catalogue)).toMatch(/:v0\.10\.2$/);
    expect(await original.image(catalogue)).toMatch(/:v0\.12\.0$/);
    expect(original.conditions.releaseTraits.size).toBe(2);
    original.control.drainChanges();
    await original.rollBack();
    // In the original the first release is still in force when the second is undone.
    const undone = original.control.drainChanges().map((change) => change.release);
    expect(undone).toEqual(['v0.11.0', 'v0.10.2']);
    expect(original.conditions).toEqual(fork.conditions);
  });

  it('of the faults only: a benign release stays', async () => {
    const bench = FaultBench.create();
    bench.schedule.add([
      release('v0.11.0', { startMs: 0, faultClass: null }),
      faultOf({ startMs: 0 }),
    ]);
    await bench.play(10_000);
    expect(() => bench.fork('drop')).toThrow(/network_partition of zone\/us-east-1a.*in force/);
    await bench.rollBack();
    expect(bench.conditions.isolatedZones.size).toBe(0);
    expect(await bench.image(catalogue)).toMatch(/:v0\.11\.0$/);
    expect(() => bench.fork('drop')).not.toThrow();
  });
});
