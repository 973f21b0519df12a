import { describe, expect, it } from 'vitest';
import type { ControlPlane } from '../../../sim/control-plane/control-plane.ts';
import {
  createWorld,
  deployment,
  eventLines,
  expectOk,
  getDeployment,
  listPods,
  nodeSpecs,
  service,
} from './fixture.ts';

const web = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

function webPlane(options: Parameters<typeof deployment>[1] = {}): ControlPlane {
  const { plane } = createWorld({
    objects: [deployment('web', { replicas: 4, ...options }), service('web')],
    nodes: nodeSpecs(3, 2),
  });
  plane.advance(0);
  plane.drainEvents();
  return plane;
}

async function setImage(plane: ControlPlane, image: string): Promise<void> {
  const body = { spec: { template: { spec: { containers: [{ name: 'server', image }] } } } };
  expectOk(await plane.api.patch(web, { type: 'strategic', body }, { fieldManager: 'kubectl' }));
}

/**
 * Advances second by second; the fewest pods in the endpoints and the most pods seen on the way.
 */
function watch(plane: ControlPlane, fromMs: number, untilMs: number) {
  let serving = Number.POSITIVE_INFINITY;
  let pods = 0;
  for (let atMs = fromMs; atMs <= untilMs; atMs += 1000) {
    plane.advance(atMs);
    serving = Math.min(serving, plane.view.pods.filter(({ inEndpoints }) => inEndpoints).length);
    pods = Math.max(pods, plane.view.pods.length);
  }
  return { serving, pods };
}

describe('rolling update', () => {
  it('keeps three of four pods serving, at most one over, and ends with the new release', async () => {
    const plane = webPlane();
    await setImage(plane, 'web:2');
    const { serving } = watch(plane, 1000, 120_000);
    expect(serving).toBe(3);
    expect(plane.pods().map(({ release }) => release)).toEqual(['2', '2', '2', '2']);
    const { status, metadata } = await getDeployment(plane, 'web');
    expect(metadata?.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
    expect(status).toMatchObject({ replicas: 4, updatedReplicas: 4, readyReplicas: 4 });
    expect(status?.unavailableReplicas).toBeUndefined();
    const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
    expect(progressing?.reason).toBe('NewReplicaSetAvailable');
    const scalings = eventLines(plane.drainEvents(), 'ScalingReplicaSet');
    expect(scalings[0]).toMatch(/^0 Scaled up replica set web-\w+ from 0 to 1$/);
    expect(scalings[1]).toMatch(/^0 Scaled down replica set web-\w+ from 4 to 3$/);
    expect(scalings.at(-1)).toMatch(/Scaled down replica set web-\w+ from 1 to 0$/);
  });

  it('undone by patching the template back re-uses the old set and numbers it anew', async () => {
    const plane = webPlane();
    await setImage(plane, 'web:2');
    plane.advance(120_000);
    await setImage(plane, 'web:1');
    plane.advance(240_000);
    expect(plane.pods().map(({ release }) => release)).toEqual(['1', '1', '1', '1']);
    const sets = expectOk(await plane.api.list('ReplicaSet', { namespace: 'default' }));
    expect(sets).toHaveLength(2);
    const current = sets.find(({ spec }) => spec?.replicas === 4);
    expect(current?.metadata?.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
      'deployment.kubernetes.io/desired-replicas': '4',
      'deployment.kubernetes.io/max-replicas': '5',
    });
  });

  it('stands still when the new release never gets ready, and says so after the deadline', async () => {
    const plane = webPlane({ spec: { progressDeadlineSeconds: 60 } });
    const container = { name: 'server', readinessProbe: { initialDelaySeconds: 100_000 } };
    const body = { spec: { template: { spec: { containers: [container] } } } };
    expectOk(await plane.api.patch(web, { type: 'strategic', body }, { fieldManager: 'kubectl' }));
    const { serving } = watch(plane, 1000, 200_000);
    expect(serving).toBe(3);
    const { status } = await getDeployment(plane, 'web');
    expect(status?.conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    });
  });

  it('restarts all pods when restartedAt is set', async () => {
    const plane = webPlane();
    const before = new Set(plane.pods().map(({ pod }) => pod));
    const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-05T09:00:00Z' };
    const body = { spec: { template: { metadata: { annotations } } } };
    expectOk(await plane.api.patch(web, { type: 'strategic', body }, { fieldManager: 'kubectl' }));
    plane.advance(120_000);
    expect(plane.pods()).toHaveLength(4);
    expect(plane.pods().some(({ pod }) => before.has(pod))).toBe(false);
    const [ordinals] = [plane.view.pods.map(({ ordinal }) => ordinal)];
    expect(Math.min(...ordinals)).toBe(4);
  });

  it('with strategy Recreate never mixes releases', async () => {
    const plane = webPlane({ spec: { strategy: { type: 'Recreate' } } });
    await setImage(plane, 'web:2');
    for (let atMs = 1000; atMs <= 60_000; atMs += 500) {
      plane.advance(atMs);
      expect(new Set(plane.view.pods.map(({ release }) => release)).size).toBeLessThanOrEqual(1);
    }
    expect(plane.pods().map(({ release }) => release)).toEqual(['2', '2', '2', '2']);
  });
});

describe('scaling', () => {
  it('up adds pods over zones, down takes them from crowded nodes', async () => {
    const plane = webPlane();
    const scale = async (replicas: number): Promise<void> => {
      const patch = { type: 'merge', body: { spec: { replicas } } } as const;
      expectOk(await plane.api.patch(web, patch, { fieldManager: 'kubectl' }));
    };
    await scale(9);
    plane.advance(60_000);
    expect(plane.view.workloads).toMatchObject([{ desired: 9, ready: 9 }]);
    const perZone = Map.groupBy(plane.pods(), ({ zone }) => zone);
    expect([...perZone.values()].map((pods) => pods.length)).toEqual([3, 3, 3]);
    await scale(6);
    plane.advance(120_000);
    const perNode = Map.groupBy(plane.pods(), ({ node }) => node);
    expect([...perNode.values()].map((pods) => pods.length)).toEqual([1, 1, 1, 1, 1, 1]);
    const { status } = await getDeployment(plane, 'web');
    expect(status).toMatchObject({ replicas: 6, availableReplicas: 6 });
  });

  it('in the middle of a rollout spreads over both sets', async () => {
    const plane = webPlane({ replicas: 8 });
    const container = {
      name: 'server',
      image: 'web:2',
      readinessProbe: { initialDelaySeconds: 9999 },
    };
    const template = { spec: { containers: [container] } };
    const options = { fieldManager: 'kubectl' };
    expectOk(
      await plane.api.patch(web, { type: 'strategic', body: { spec: { template } } }, options),
    );
    plane.advance(30_000);
    expectOk(
      await plane.api.patch(web, { type: 'merge', body: { spec: { replicas: 16 } } }, options),
    );
    plane.advance(60_000);
    const sets = expectOk(await plane.api.list('ReplicaSet', { namespace: 'default' }));
    const sizes = sets.map(({ spec }) => spec?.replicas ?? 0).sort((a, b) => a - b);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20);
    expect(sizes[0]).toBeGreaterThan(4);
  });

  it('deletion of the Deployment takes its sets and pods along', async () => {
    const plane = webPlane();
    expectOk(await plane.api.remove(web, { fieldManager: 'kubectl' }));
    plane.advance(60_000);
    expect(await listPods(plane, 'web')).toEqual([]);
    expect(expectOk(await plane.api.list('ReplicaSet'))).toEqual([]);
  });
});
