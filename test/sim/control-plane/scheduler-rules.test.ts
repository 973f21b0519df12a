import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../../core/observable/index.ts';
import { createWorld, deployment, eventLines, expectOk, listPods, nodeSpecs } from './fixture.ts';

const person = { fieldManager: 'kubectl' };
const zoneKey = 'topology.kubernetes.io/zone';

type PodSpec = NonNullable<KindMap['Pod']['spec']>;

function apart(app: string, topologyKey: string): Pick<PodSpec, 'affinity'> {
  const term = { labelSelector: { matchLabels: { app } }, topologyKey };
  return {
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  };
}

function priorityClass(name: string, value: number): KindMap['PriorityClass'] {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value };
}

describe('rules between pods', () => {
  it('required anti-affinity takes one pod per domain and says why of the others', async () => {
    const objects = [deployment('web', { replicas: 5, pod: apart('web', zoneKey) })];
    const { plane } = createWorld({ objects, nodes: nodeSpecs(3, 2) });
    plane.advance(0);
    const nodes = (await listPods(plane, 'web')).flatMap(({ spec }) => spec?.nodeName ?? []);
    expect(nodes.sort()).toEqual(['a1', 'b1', 'c1']);
    expect(eventLines(plane.drainEvents(), 'FailedScheduling')[0]).toContain(
      "0/6 nodes are available: 6 node(s) didn't match pod anti-affinity rules. preemption: 0/6",
    );
  });

  it('the rules of pods there are bind newcomers', async () => {
    const objects = [
      deployment('web', { replicas: 3, pod: apart('batch', 'kubernetes.io/hostname') }),
    ];
    const { plane } = createWorld({ objects });
    plane.advance(0);
    expectOk(await plane.api.create(deployment('batch', { replicas: 1 }), person));
    plane.advance(1_000);
    expect((await listPods(plane, 'batch'))[0]?.spec?.nodeName).toBeUndefined();
    expect(eventLines(plane.drainEvents(), 'FailedScheduling')[0]).toContain(
      "3 node(s) didn't satisfy existing pods anti-affinity rules",
    );
  });

  it('required affinity follows its mate; the first of a group may go anywhere', async () => {
    const near = (app: string): Pick<PodSpec, 'affinity'> => ({
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { labelSelector: { matchLabels: { app } }, topologyKey: zoneKey },
          ],
        },
      },
    });
    const objects = [
      deployment('web', { replicas: 3, pod: near('web') }),
      deployment('lost', { replicas: 1, pod: near('nobody') }),
    ];
    const { plane } = createWorld({ objects });
    plane.advance(0);
    const nodes = (await listPods(plane, 'web')).map(({ spec }) => spec?.nodeName);
    expect(new Set(nodes).size).toBe(1);
    expect(nodes[0]).toBeDefined();
    expect((await listPods(plane, 'lost'))[0]?.spec?.nodeName).toBeUndefined();
  });

  it('a hard spread keeps zones even, counting those that have no room', async () => {
    const constraint = {
      maxSkew: 1,
      topologyKey: zoneKey,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
    };
    const objects = [
      deployment('web', { replicas: 6, pod: { topologySpreadConstraints: [constraint] } }),
    ];
    const { plane } = createWorld({ objects });
    for (const name of ['b1']) {
      const body = { spec: { unschedulable: true } };
      expectOk(await plane.api.patch({ kind: 'Node', name }, { type: 'merge', body }, person));
    }
    for (const { metadata } of await listPods(plane, 'web')) {
      const ref = { kind: 'Pod', namespace: 'default', name: metadata?.name ?? '' } as const;
      await plane.api.remove(ref, { ...person, gracePeriodSeconds: 0 });
    }
    plane.advance(0);
    const bound = (await listPods(plane, 'web')).filter(({ spec }) => spec?.nodeName);
    expect(bound).toHaveLength(2);
    expect(eventLines(plane.drainEvents(), 'FailedScheduling').at(-1)).toContain(
      "2 node(s) didn't match pod topology spread constraints",
    );
  });
});

describe('preemption', () => {
  const large = { resources: { requests: { cpu: '1500m', memory: '64Mi' } } };

  it('deletes the fewest and least important pods and binds when they are gone', async () => {
    const objects = [
      priorityClass('low', 10),
      priorityClass('high', 1000),
      deployment('plain', { replicas: 2, container: large }),
      deployment('low', { replicas: 1, container: large, pod: { priorityClassName: 'low' } }),
    ];
    const { plane } = createWorld({ objects });
    plane.advance(0);
    plane.drainEvents();
    const high = deployment('high', {
      replicas: 1,
      container: large,
      pod: { priorityClassName: 'high' },
    });
    expectOk(await plane.api.create(high, person));
    plane.advance(1_000);
    const [waiting] = await listPods(plane, 'high');
    expect(waiting?.spec?.nodeName).toBeUndefined();
    const nominated = waiting?.status?.nominatedNodeName;
    const events = plane.drainEvents().filter(({ reason }) => reason === 'Preempted');
    expect(events).toHaveLength(1);
    expect(events[0]?.involved.name).toMatch(/^plain-/);
    expect(events[0]?.message).toContain(`on node ${nominated}`);
    plane.advance(40_000);
    expect((await listPods(plane, 'high'))[0]?.spec?.nodeName).toBe(nominated);
    // The replacement of the victim has no room, and may not take it from its equals.
    const pending = (await listPods(plane, 'plain')).filter(({ spec }) => !spec?.nodeName);
    expect(pending).toHaveLength(1);
  });

  it('keeps the room it made from pods of lower priority', async () => {
    const objects = [
      priorityClass('high', 1000),
      deployment('plain', { replicas: 3, container: large }),
    ];
    const { plane } = createWorld({ objects });
    plane.advance(0);
    const high = deployment('high', {
      replicas: 3,
      container: large,
      pod: { priorityClassName: 'high' },
    });
    expectOk(await plane.api.create(high, person));
    plane.advance(60_000);
    const nodes = (await listPods(plane, 'high')).map(({ spec }) => spec?.nodeName);
    expect(nodes.sort()).toEqual(['a1', 'b1', 'c1']);
    expect((await listPods(plane, 'plain')).every(({ spec }) => !spec?.nodeName)).toBe(true);
  });

  it('does nothing for pods that never preempt', async () => {
    const never = { ...priorityClass('high', 1000), preemptionPolicy: 'Never' };
    const objects = [never, deployment('plain', { replicas: 3, container: large })];
    const { plane } = createWorld({ objects });
    plane.advance(0);
    const high = deployment('high', {
      replicas: 1,
      container: large,
      pod: { priorityClassName: 'high' },
    });
    expectOk(await plane.api.create(high, person));
    plane.advance(60_000);
    expect((await listPods(plane, 'plain')).every(({ spec }) => spec?.nodeName)).toBe(true);
  });
});
