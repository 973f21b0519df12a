import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../core/tools/index.ts';
import { createConditions } from '../../../sim/conditions.ts';
import type { ControlPlane } from '../../../sim/control-plane/control-plane.ts';
import {
  budget,
  createWorld,
  deployment,
  expectOk,
  getDeployment,
  nodeSpecs,
  service,
} from './fixture.ts';

function busyWorld() {
  const names = ['web', 'cart', 'db'];
  const world = createWorld({
    objects: names.flatMap((name) => [
      deployment(name, { replicas: 3 }),
      service(name),
      budget(name, { minAvailable: 1 }),
    ]),
    nodes: nodeSpecs(3, 2),
    services: names,
  });
  world.plane.advance(0);
  return world;
}

/** Everything an observer could see, as one digest. */
async function digest(plane: ControlPlane): Promise<string> {
  const kinds = [
    'Deployment',
    'ReplicaSet',
    'Pod',
    'Node',
    'Event',
    'EndpointSlice',
    'PodDisruptionBudget',
  ] as const;
  const objects = await Promise.all(
    kinds.map(async (kind) => expectOk(await plane.api.list(kind))),
  );
  return digestOf([
    objects,
    plane.pods(),
    plane.view.pods,
    plane.view.workloads,
    plane.drainEvents(),
  ]);
}

describe('fork', () => {
  it('runs on exactly like the original, also in the middle of a failure', async () => {
    const { plane, conditions } = busyWorld();
    conditions.unpoweredNodes.add('a1').add('a2');
    plane.refreshConditions();
    plane.advance(200_000);
    plane.drainEvents();
    const copyConditions = { ...createConditions(), unpoweredNodes: new Set(['a1', 'a2']) };
    const copy = plane.fork(copyConditions);
    for (const world of [
      { plane, conditions },
      { plane: copy, conditions: copyConditions },
    ]) {
      world.plane.advance(500_000);
      world.conditions.unpoweredNodes.clear();
      world.plane.refreshConditions();
      world.plane.advance(900_000);
    }
    expect(await digest(copy)).toBe(await digest(plane));
  });

  it('and original do not see each other', async () => {
    const { plane } = busyWorld();
    const reference = plane.fork(createConditions());
    const conditions = createConditions();
    const copy = plane.fork(conditions);
    conditions.unpoweredNodes.add('b1');
    copy.refreshConditions();
    const web = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    const patch = { type: 'merge', body: { spec: { replicas: 6 } } } as const;
    expectOk(await copy.api.patch(web, patch, { fieldManager: 'kubectl' }));
    copy.reportVitals(
      copy.view.pods.map(({ uid }) => ({ uid, cpuCores: 1, memoryBytes: 1e9, answerMs: 5000 })),
    );
    copy.advance(400_000);
    plane.advance(400_000);
    reference.advance(400_000);
    expect(await digest(plane)).toBe(await digest(reference));
    expect((await getDeployment(copy, 'web')).spec?.replicas).toBe(6);
    expect(copy.drainChanges()).toHaveLength(1);
    expect(plane.drainChanges()).toEqual([]);
  });

  it('is unhurt by a caller that changes an answer', async () => {
    const { plane } = busyWorld();
    const web = await getDeployment(plane, 'web');
    if (web.spec) web.spec.replicas = 99;
    expect((await getDeployment(plane, 'web')).spec?.replicas).toBe(3);
  });
});
