import { describe, expect, it } from 'vitest';
import { createConditions } from '../../../sim/conditions.ts';
import type { ControlPlane } from '../../../sim/control-plane/control-plane.ts';
import {
  createWorld,
  deployment,
  eventLines,
  expectOk,
  listPods,
  nodeSpecs,
  service,
} from './fixture.ts';

const manager = { fieldManager: 'kubectl' };

function placed(objects: Parameters<typeof createWorld>[0]['objects'], zones = 3, perZone = 1) {
  const world = createWorld({ objects, nodes: nodeSpecs(zones, perZone) });
  world.plane.advance(0);
  return world;
}

const hungry = { resources: { requests: { cpu: '1500m', memory: '64Mi' } } };

describe('placement', () => {
  it('spreads a workload over zones, then nodes', () => {
    const { plane } = placed([deployment('web', { replicas: 5 }), service('web')], 3, 2);
    expect(plane.pods().map(({ node }) => node)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2']);
  });

  it('obeys node selectors, required and preferred affinity', () => {
    const term = (zone: string) => ({
      matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }],
    });
    const { plane } = placed([
      deployment('selected', {
        replicas: 2,
        pod: { nodeSelector: { 'kubernetes.io/hostname': 'c1' } },
      }),
      deployment('required', {
        replicas: 2,
        pod: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [term('us-east-1b')],
              },
            },
          },
        },
      }),
      deployment('preferred', {
        replicas: 1,
        pod: {
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 1, preference: term('us-east-1c') },
              ],
            },
          },
        },
      }),
    ]);
    expect(plane.pods().map(({ node }) => node)).toEqual(['c1', 'c1', 'b1', 'b1', 'c1']);
  });

  it('without room leaves pods pending, says why, and tries again when room appears', async () => {
    const { plane } = placed([
      deployment('web', { replicas: 4, container: hungry }),
      service('web'),
    ]);
    const [pending] = plane.pods().filter(({ node }) => node === '');
    const [, message] =
      /^-?\d+ (.*)$/.exec(eventLines(plane.drainEvents(), 'FailedScheduling')[0] ?? '') ?? [];
    expect(message).toBe(
      '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
    );
    const condition = (await listPods(plane, 'web'))
      .find(({ metadata }) => metadata?.name === pending?.pod)
      ?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    expect(condition).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
    const web = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    const first = plane.pods().find(({ node }) => node === 'a1')?.pod ?? '';
    expectOk(
      await plane.api.patch(web, { type: 'merge', body: { spec: { replicas: 3 } } }, manager),
    );
    plane.advance(1000);
    expect(plane.pods().some(({ pod }) => pod === pending?.pod)).toBe(false);
    expectOk(
      await plane.api.patch(web, { type: 'merge', body: { spec: { replicas: 4 } } }, manager),
    );
    expectOk(await plane.api.remove({ kind: 'Pod', namespace: 'default', name: first }, manager));
    plane.advance(20_000);
    expect(plane.pods().filter(({ node }) => node !== '')).toHaveLength(3);
  });

  it('names taints, cordons and selectors that keep a pod off', async () => {
    const { plane } = placed([service('web')], 3, 1);
    const patch = (name: string, spec: Record<string, unknown>) =>
      plane.api.patch({ kind: 'Node', name }, { type: 'merge', body: { spec } }, manager);
    expectOk(await patch('a1', { unschedulable: true }));
    expectOk(await patch('b1', { taints: [{ key: 'team', value: 'x', effect: 'NoSchedule' }] }));
    const pod = { nodeSelector: { disk: 'ssd' } };
    expectOk(await plane.api.create(deployment('web', { replicas: 1, pod }), manager));
    plane.advance(1000);
    expect(eventLines(plane.drainEvents(), 'FailedScheduling')[0]).toContain(
      "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {team: x}, 1 node(s) were unschedulable. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    );
    expectOk(
      await plane.api.patch(
        { kind: 'Node', name: 'c1' },
        { type: 'merge', body: { metadata: { labels: { disk: 'ssd' } } } },
        manager,
      ),
    );
    plane.advance(10_000);
    expect(plane.pods()[0]).toMatchObject({ node: 'c1' });
  });

  it('runs a Deployment that no service describes, outside the view', () => {
    const { plane } = placed([
      deployment('loadgenerator', { replicas: 1 }),
      deployment('web'),
      service('web'),
    ]);
    expect(plane.pods().find(({ pod }) => pod.startsWith('loadgenerator'))).toMatchObject({
      service: '',
      ready: true,
    });
    expect(plane.view.pods.map(({ service: name }) => name)).toEqual(['web', 'web']);
  });
});

type Step = (to: ControlPlane) => Promise<unknown>;

const minuteMs = 60_000;

/**
 * Plays a minute after each step, there and in forks, which start with nothing kept; answers when
 * it is then.
 */
async function expectLikeForks(
  plane: ControlPlane,
  steps: readonly Step[],
  fromMs: number = 0,
): Promise<number> {
  for (const [i, step] of steps.entries()) {
    const fresh = plane.fork(createConditions());
    for (const one of [plane, fresh]) {
      await step(one);
      one.advance(fromMs + minuteMs * (i + 1));
    }
    expect(plane.pods(), `after step ${i}`).toEqual(fresh.pods());
  }
  return fromMs + minuteMs * steps.length;
}

function scale(name: string, replicas: number): Step {
  const ref = { kind: 'Deployment', namespace: 'default', name } as const;
  const body = { spec: { replicas } };
  return async (to) => expectOk(await to.api.patch(ref, { type: 'merge', body }, manager));
}

function cordon(name: string, unschedulable: boolean): Step {
  const body = { spec: { unschedulable } };
  return async (to) =>
    expectOk(await to.api.patch({ kind: 'Node', name }, { type: 'merge', body }, manager));
}

function nodesOf(plane: ControlPlane, workload: string): string[] {
  const pods = plane.pods().filter(({ pod }) => pod.startsWith(`${workload}-`));
  return pods.map(({ node }) => node);
}

describe('what the scheduler keeps from round to round', () => {
  const three = (): ControlPlane => {
    const objects = ['web', 'cart', 'db'].map((name) => deployment(name, { replicas: 4 }));
    return placed(objects, 3, 2).plane;
  };

  it('places pods as a scheduler does that looks at everything anew', async () => {
    const plane = three();
    await expectLikeForks(plane, [
      scale('web', 9),
      cordon('a1', true),
      scale('web', 2),
      cordon('a1', false),
      scale('web', 12),
    ]);
    expect(new Set(plane.pods().map(({ node }) => node)).size).toBe(6);
  });

  it('has pods of earlier rounds keep others off, as long as they are there', async () => {
    const apart = {
      labelSelector: { matchLabels: { app: 'cart' } },
      topologyKey: 'kubernetes.io/hostname',
    };
    const affinity = {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [apart] },
    };
    const { plane } = placed(
      [deployment('web', { replicas: 4, pod: { affinity } }), deployment('cart', { replicas: 2 })],
      3,
      2,
    );
    const nowMs = await expectLikeForks(plane, [scale('cart', 6)]);
    expect(nodesOf(plane, 'web')).toEqual(['a1', 'b1', 'c1', 'a2']);
    expect(new Set(nodesOf(plane, 'cart'))).toEqual(new Set(['b2', 'c2']));
    await expectLikeForks(plane, [scale('web', 1), scale('cart', 12)], nowMs);
    expect(nodesOf(plane, 'web')).toEqual(['a1']);
    expect(new Set(nodesOf(plane, 'cart'))).toEqual(new Set(['b2', 'c2', 'b1', 'c1', 'a2']));
  });

  it('takes in nodes that go and come back in another zone, at once or later', async () => {
    const plane = three();
    const a1 = { kind: 'Node', name: 'a1' } as const;
    const { metadata, ...node } = expectOk(await plane.api.get(a1));
    const remove: Step = async (to) => expectOk(await to.api.remove(a1, manager));
    const restoreIn = (zone: string): Step => {
      const labels = { ...metadata?.labels, 'topology.kubernetes.io/zone': zone };
      const object = { ...node, metadata: { name: 'a1', labels } };
      return async (to) => expectOk(await to.api.create(object, manager));
    };
    const nowMs = await expectLikeForks(plane, [scale('web', 6), remove, scale('web', 9)]);
    const before = nodesOf(plane, 'web');
    expect(before.filter((name) => name === 'a1')).toHaveLength(1);
    const replace: Step = async (to) => {
      await remove(to);
      await restoreIn('us-east-1b')(to);
    };
    // A cordon elsewhere is a round after which nothing of a1 changes but the node.
    const later = [scale('web', 12), cordon('b2', true), replace, scale('web', 18)];
    await expectLikeForks(plane, [restoreIn('us-east-1c'), ...later], nowMs);
    expect(nodesOf(plane, 'web').slice(before.length)).toContain('a1');
  });

  it('forgets what a pod took that goes before another round', async () => {
    const plane = three();
    const killLast: Step = async (to) => {
      const last = to.pods().findLast(({ pod }) => pod.startsWith('web-'));
      const ref = { kind: 'Pod', namespace: 'default', name: last?.pod ?? '' } as const;
      return expectOk(await to.api.remove(ref, { ...manager, gracePeriodSeconds: 0 }));
    };
    await expectLikeForks(plane, [scale('web', 5), killLast, scale('web', 8)]);
    expect(nodesOf(plane, 'web')).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'b2', 'a2', 'b1']);
  });
});
