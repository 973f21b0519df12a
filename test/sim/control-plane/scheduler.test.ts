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

describe('what the scheduler keeps from round to round', () => {
  it('places pods as a scheduler does that looks at everything anew', async () => {
    const deployments = ['web', 'cart', 'db'].map((name) => deployment(name, { replicas: 4 }));
    const { plane } = placed(deployments, 3, 2);
    const web = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    const scale = async (to: ControlPlane, replicas: number): Promise<unknown> =>
      expectOk(await to.api.patch(web, { type: 'merge', body: { spec: { replicas } } }, manager));
    const cordon = async (to: ControlPlane, unschedulable: boolean): Promise<unknown> => {
      const body = { spec: { unschedulable } };
      return expectOk(
        await to.api.patch({ kind: 'Node', name: 'a1' }, { type: 'merge', body }, manager),
      );
    };
    const steps: ((to: ControlPlane) => Promise<unknown>)[] = [
      (to) => scale(to, 9),
      (to) => cordon(to, true),
      (to) => scale(to, 2),
      (to) => cordon(to, false),
      (to) => scale(to, 12),
    ];
    for (const [i, step] of steps.entries()) {
      // A fork starts with nothing kept.
      const fresh = plane.fork(createConditions());
      for (const one of [plane, fresh]) {
        await step(one);
        one.advance(60_000 * (i + 1));
      }
      expect(plane.pods()).toEqual(fresh.pods());
    }
    expect(new Set(plane.pods().map(({ node }) => node)).size).toBe(6);
  });
});
