import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../../core/observable/index.ts';
import { createWorld, deployment, expectOk, type World } from './fixture.ts';

const person = { fieldManager: 'kubectl-edit' };

function storageClass(provisioner = 'disk.csi.example.com'): KindMap['StorageClass'] {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner,
  };
}

function claim(fields: object = {}): KindMap['PersistentVolumeClaim'] {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      resources: { requests: { storage: '1Gi' } },
      ...fields,
    },
  };
}

function volumeOf(zone: string): KindMap['PersistentVolume'] {
  const expression = { key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'old-disk' },
    spec: {
      capacity: { storage: '5Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
    },
  };
}

const data = { name: 'data', persistentVolumeClaim: { claimName: 'data' } };

/** A Deployment `web` whose pods have the claim `data`. */
function storing(options: { replicas: number; pod?: object }): KindMap['Deployment'] {
  return deployment('web', {
    replicas: options.replicas,
    container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    pod: { volumes: [data], ...options.pod },
  });
}

function messages({ plane }: World, reason: string): string[] {
  return plane
    .drainEvents()
    .filter((event) => event.reason === reason)
    .map(({ message }) => message);
}

async function phase({ plane }: World): Promise<string | undefined> {
  const ref = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' } as const;
  return expectOk(await plane.api.get(ref)).status?.phase;
}

describe('claims', () => {
  it('get a volume of their class, and pods start', async () => {
    const world = createWorld({ objects: [storageClass(), claim(), storing({ replicas: 1 })] });
    world.plane.advance(0);
    expect(await phase(world)).toBe('Bound');
    expect(world.plane.view.pods.map(({ listening }) => listening)).toEqual([true]);
  });

  it('without a class, where none is the default, cannot be bound', async () => {
    const { storageClassName: _, ...spec } = claim().spec ?? {};
    const world = createWorld({ objects: [{ ...claim(), spec }] });
    world.plane.advance(0);
    expect(await phase(world)).toBe('Pending');
    const events = world.plane
      .drainEvents()
      .filter(({ involved }) => involved.kind === 'PersistentVolumeClaim');
    expect(events[0]).toMatchObject({
      type: 'Normal',
      message: 'no persistent volumes available for this claim and no storage class is set',
    });
    expect(new Set(events.map(({ reason }) => reason))).toEqual(new Set(['FailedBinding']));
  });

  it('of an unknown class stay Pending, and so do their pods, until somebody makes the class', async () => {
    const world = createWorld({ objects: [claim(), storing({ replicas: 1 })] });
    world.plane.advance(0);
    expect(await phase(world)).toBe('Pending');
    const events = world.plane.drainEvents();
    expect(events.map(({ message }) => message)).toContain(
      'storageclass.storage.k8s.io "fast" not found',
    );
    const scheduling = events.find(({ reason }) => reason === 'FailedScheduling');
    expect(scheduling?.message).toContain('pod has unbound immediate PersistentVolumeClaims');
    expectOk(await world.plane.api.create(storageClass(), person));
    world.plane.advance(30_000);
    expect(world.plane.view.pods.map(({ listening }) => listening)).toEqual([true]);
  });

  it('for several nodes are refused by disks that know one', async () => {
    const wanted = claim({ accessModes: ['ReadWriteMany'] });
    const world = createWorld({ objects: [storageClass(), wanted] });
    world.plane.advance(0);
    expect(await phase(world)).toBe('Pending');
    expect(messages(world, 'ProvisioningFailed')[0]).toContain('MULTI_NODE_MULTI_WRITER');
  });

  it('that are missing are named by the scheduler', () => {
    const world = createWorld({ objects: [storing({ replicas: 1 })] });
    world.plane.advance(0);
    expect(messages(world, 'FailedScheduling')[0]).toContain(
      'persistentvolumeclaim "data" not found',
    );
  });
});

describe('volumes', () => {
  it('for one node keep pods on other nodes waiting', () => {
    const world = createWorld({ objects: [storageClass(), claim(), storing({ replicas: 3 })] });
    world.plane.advance(0);
    expect(world.plane.view.pods.filter(({ listening }) => listening)).toHaveLength(1);
    expect(messages(world, 'FailedAttachVolume')[0]).toMatch(
      /^Multi-Attach error for volume "pvc-\S+" Volume is already used by pod\(s\) web-/,
    );
  });

  it('go on to the next pod when the one that had them is gone', async () => {
    const world = createWorld({ objects: [storageClass(), claim(), storing({ replicas: 2 })] });
    world.plane.advance(0);
    const holder = world.plane.view.pods.find(({ listening }) => listening);
    const ref = { kind: 'Pod', namespace: 'default', name: holder?.name ?? '' } as const;
    expectOk(await world.plane.api.remove(ref, person));
    world.plane.advance(180_000);
    const serving = world.plane.view.pods.filter(({ listening }) => listening);
    expect(serving).toHaveLength(1);
    expect(serving[0]?.name).not.toBe(holder?.name);
  });

  it('that lie in a zone draw their pods there, or keep them Pending', () => {
    const objects = [storageClass(), volumeOf('us-east-1b'), claim({ volumeName: 'old-disk' })];
    const free = createWorld({ objects: [...objects, storing({ replicas: 1 })] });
    free.plane.advance(0);
    expect(free.plane.view.pods.map(({ zone }) => zone)).toEqual(['us-east-1b']);
    const nodeSelector = { 'topology.kubernetes.io/zone': 'us-east-1a' };
    const pinned = createWorld({
      objects: [...objects, storing({ replicas: 1, pod: { nodeSelector } })],
    });
    pinned.plane.advance(0);
    expect(messages(pinned, 'FailedScheduling')[0]).toContain(
      "didn't match PersistentVolume's node affinity",
    );
  });

  it('that belong to root end a process that is not, unless a group has them', async () => {
    const rooted = { securityContext: { runAsUser: 999 } };
    const world = createWorld({
      objects: [storageClass(), claim(), storing({ replicas: 1, pod: rooted })],
    });
    world.plane.advance(0);
    expect(world.plane.view.pods[0]?.lastWords?.text).toContain('permission denied');
    const owned = { securityContext: { runAsUser: 999, fsGroup: 999 } };
    const other = createWorld({
      objects: [storageClass(), claim(), storing({ replicas: 1, pod: owned })],
    });
    other.plane.advance(0);
    expect(other.plane.view.pods.map(({ listening }) => listening)).toEqual([true]);
  });
});
