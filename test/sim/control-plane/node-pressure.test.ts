import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../../core/observable/index.ts';
import { createWorld, deployment, eventLines, expectOk, listPods, type World } from './fixture.ts';

const person = { fieldManager: 'kubectl' };

function poolConfig(free: string): KindMap['ConfigMap'] {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kubelet-config-us-east-1a', namespace: 'kube-system' },
    data: {
      kubelet: `evictionHard:\n  memory.available: "100Mi"\n  nodefs.available: "${free}"\n`,
    },
  };
}

async function pressureOf({ plane }: World, name: string): Promise<string | undefined> {
  const node = expectOk(await plane.api.get({ kind: 'Node', name }));
  return node.status?.conditions?.find(({ type }) => type === 'DiskPressure')?.status;
}

describe('a pool whose kubelets evict below a threshold of free disk', () => {
  it('above what is free sends its pods away one by one and takes no new ones', async () => {
    const world = createWorld({ objects: [deployment('web', { replicas: 6 })] });
    world.plane.advance(0);
    world.plane.drainEvents();
    expectOk(await world.plane.api.create(poolConfig('80%'), person));
    world.plane.advance(5_000);
    expect(await pressureOf(world, 'a1')).toBe('True');
    expect(await pressureOf(world, 'b1')).toBe('False');
    world.plane.advance(60_000);
    const evicted = world.plane.drainEvents().filter(({ reason }) => reason === 'Evicted');
    expect(evicted.map(({ atMs }) => atMs)).toEqual([10_000, 20_000]);
    const pods = await listPods(world.plane, 'web');
    const failed = pods.filter(({ status }) => status?.phase === 'Failed');
    expect(failed.map(({ spec, status }) => [spec?.nodeName, status?.reason])).toEqual([
      ['a1', 'Evicted'],
      ['a1', 'Evicted'],
    ]);
    const running = pods.filter(({ status }) => status?.phase === 'Running');
    expect(running).toHaveLength(6);
    expect(running.some(({ spec }) => spec?.nodeName === 'a1')).toBe(false);
  });

  it('is back five minutes after the threshold is right again', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    expectOk(await world.plane.api.create(poolConfig('80%'), person));
    world.plane.advance(60_000);
    const ref = { kind: 'ConfigMap', namespace: 'kube-system' } as const;
    const named = { ...ref, name: 'kubelet-config-us-east-1a' };
    expectOk(await world.plane.api.remove(named, person));
    world.plane.advance(350_000);
    expect(await pressureOf(world, 'a1')).toBe('True');
    world.plane.advance(365_000);
    expect(await pressureOf(world, 'a1')).toBe('False');
    const taints = expectOk(await world.plane.api.get({ kind: 'Node', name: 'a1' })).spec?.taints;
    expect(taints).toBeUndefined();
  });

  it('below what is free changes nothing', async () => {
    const world = createWorld({ objects: [deployment('web')] });
    world.plane.advance(0);
    world.plane.drainEvents();
    expectOk(await world.plane.api.create(poolConfig('10%'), person));
    world.plane.advance(60_000);
    expect(await pressureOf(world, 'a1')).toBe('False');
    expect(eventLines(world.plane.drainEvents(), 'Evicted')).toEqual([]);
  });
});
