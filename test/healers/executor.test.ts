import { describe, expect, it } from 'vitest';
import type { Action, ActionOutcome } from '../../core/observable/index.ts';
import { UsageError } from '../../core/tools/index.ts';
import { Executor } from '../../healers/index.ts';
import { FakeCluster, nodeObject, podOn, testTopology, webDeployment } from './fake-cluster.ts';

const web = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;

function setUp(objects: readonly unknown[]): {
  cluster: FakeCluster;
  act: (
    kind: Action['kind'],
    target: string,
    parameters?: Action['parameters'],
  ) => Promise<ActionOutcome>;
  clock: { nowMs: number };
} {
  const cluster = new FakeCluster(objects);
  const clock = { nowMs: 60_000 };
  const executor = new Executor(cluster, { nowMs: () => clock.nowMs, topology: testTopology });
  const act = (kind: Action['kind'], target: string, parameters: Action['parameters'] = {}) =>
    executor.execute({ kind, target, parameters });
  return { cluster, act, clock };
}

const autoscaler = (minReplicas: number, maxReplicas: number): unknown => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas, maxReplicas },
});

describe('scaling', () => {
  it('multiplies the replicas up to the maximum and tells both counts', async () => {
    const { cluster, act } = setUp(webDeployment());
    const parameters = { factor: 3, maxReplicas: 5 };
    const first = await act('scale_up', 'shop/deployment/web', parameters);
    expect(first).toMatchObject({
      atMs: 60_000,
      outcome: 'done',
      detail: 'replicas 2 -> 5',
      before: { replicas: 2 },
      after: { replicas: 5 },
    });
    expect(cluster.read(web).spec?.replicas).toBe(5);
    expect(cluster.calls).toEqual([
      {
        verb: 'patch',
        kind: 'Deployment',
        name: 'web',
        fieldManager: 'firedrill-executor',
        patch: { type: 'merge', body: { spec: { replicas: 5 } } },
      },
    ]);
    expect((await act('scale_up', 'deployment/web', parameters)).outcome).toBe('no_change');
  });

  it('never shrinks a deployment that is above the maximum already', async () => {
    const { cluster, act } = setUp(webDeployment());
    await act('scale_up', 'deployment/web', { factor: 10, maxReplicas: 20 });
    expect((await act('scale_up', 'deployment/web', { maxReplicas: 10 })).outcome).toBe(
      'no_change',
    );
    expect(cluster.read(web).spec?.replicas).toBe(20);
  });

  it('scales down to the minimum', async () => {
    const { act } = setUp(webDeployment());
    expect((await act('scale_down', 'deployment/web')).after).toEqual({ replicas: 1 });
    expect((await act('scale_down', 'deployment/web')).outcome).toBe('no_change');
  });

  it('moves the floor of an autoscaler instead of fighting it, and stays below its ceiling', async () => {
    const { cluster, act } = setUp([...webDeployment(), autoscaler(1, 3)]);
    const outcome = await act('scale_up', 'deployment/web');
    expect(outcome.outcome).toBe('done');
    expect(outcome.detail).toContain('minReplicas 1 -> 3');
    expect(outcome.detail).toContain('maxReplicas 3 is below the wanted 4');
    expect(cluster.read(web).spec?.replicas).toBe(2);
    expect(cluster.calls.map((call) => call.kind)).toEqual(['HorizontalPodAutoscaler']);
    expect((await act('scale_up', 'deployment/web')).outcome).toBe('no_change');
  });
});

describe('rollouts', () => {
  it('restarts by the annotation that kubectl writes, and never deletes', async () => {
    const { cluster, act, clock } = setUp(webDeployment());
    expect((await act('restart', 'deployment/web')).outcome).toBe('done');
    const key = 'kubectl.kubernetes.io/restartedAt';
    const { template } = cluster.read(web).spec ?? {};
    expect(template?.metadata?.annotations?.[key]).toBe('2026-01-05T09:01:00Z');
    expect(cluster.calls.map(({ verb, patch }) => [verb, patch?.type])).toEqual([
      ['patch', 'strategic'],
    ]);
    expect((await act('restart', 'deployment/web')).outcome).toBe('no_change');
    clock.nowMs += 1000;
    expect((await act('restart', 'deployment/web')).outcome).toBe('done');
  });

  it('rolls back to the previous release without the hash label', async () => {
    const { cluster, act } = setUp(webDeployment());
    const outcome = await act('rollback', 'deployment/web');
    expect(outcome).toMatchObject({
      outcome: 'done',
      before: { revision: 2, images: 'web:v2' },
      after: { revision: 1, images: 'web:v1' },
    });
    const { spec, metadata } = cluster.read(web);
    expect(spec?.template.metadata?.labels).toEqual({ app: 'web' });
    expect(spec?.template.spec?.containers[0]?.image).toBe('web:v1');
    expect(metadata?.annotations).toEqual({
      'deployment.kubernetes.io/revision': '2',
      cause: 'to web:v1',
    });
  });

  it('looks past a restart, which is a revision with the same release', async () => {
    const { cluster, act } = setUp(webDeployment());
    await act('restart', 'deployment/web');
    const restarted = cluster.read({ kind: 'ReplicaSet', namespace: 'shop', name: 'web-2' });
    const template = cluster.read(web).spec?.template;
    cluster.put({
      ...restarted,
      metadata: {
        ...restarted.metadata,
        name: 'web-3',
        annotations: { 'deployment.kubernetes.io/revision': '3' },
      },
      spec: { ...restarted.spec, template },
    } as typeof restarted);
    expect((await act('rollback', 'deployment/web')).after).toEqual({
      revision: 1,
      images: 'web:v1',
    });
  });

  it('does not undo its own undo', async () => {
    const { cluster, act } = setUp(webDeployment());
    await act('rollback', 'deployment/web');
    const second = await act('rollback', 'deployment/web');
    expect(second.outcome).toBe('failed');
    expect(second.detail).toContain('was itself rolled back');
    expect(cluster.read(web).spec?.template.spec?.containers[0]?.image).toBe('web:v1');
  });

  it('says so when there is no history', async () => {
    const { act } = setUp(webDeployment().slice(0, 1));
    expect(await act('rollback', 'deployment/web')).toMatchObject({
      outcome: 'failed',
      detail: 'no rollout history with another release found for deployment "web"',
    });
  });
});

describe('traffic', () => {
  it('creates a rate limit, changes it, and does nothing when it stands already', async () => {
    const { cluster, act } = setUp(webDeployment());
    const limit = (rate: number) =>
      act('rate_limit', 'deployment/web', { limitRequestsPerSec: rate });
    expect(await limit(1000)).toMatchObject({
      outcome: 'done',
      before: { limitRequestsPerSec: 'none' },
      after: { limitRequestsPerSec: 1000 },
    });
    expect((await limit(1000)).outcome).toBe('no_change');
    expect((await limit(500)).before).toEqual({ limitRequestsPerSec: 1000 });
    expect(cluster.calls.map((call) => call.verb)).toEqual(['create', 'patch']);
    const policy = cluster.read({
      kind: 'BackendTrafficPolicy',
      namespace: 'shop',
      name: 'web-rate-limit',
    });
    expect(policy.spec).toMatchObject({
      rateLimit: {
        type: 'Local',
        local: { rules: [{ limit: { requests: 500, unit: 'Second' } }] },
      },
    });
  });

  it('leads all services around a zone with weights that sum to 100', async () => {
    const { cluster, act } = setUp(webDeployment());
    expect(await act('traffic_shift', 'zone/zone-a')).toMatchObject({
      outcome: 'done',
      after: { shiftedServices: 3 },
    });
    const rule = cluster.read({
      kind: 'DestinationRule',
      namespace: 'shop',
      name: 'cart-locality',
    });
    const { trafficPolicy } = rule.spec as {
      trafficPolicy: {
        loadBalancer: {
          localityLbSetting: { distribute: { from: string; to: Record<string, number> }[] };
        };
      };
    };
    const { distribute } = trafficPolicy.loadBalancer.localityLbSetting;
    expect(distribute.map(({ from }) => from)).toContain('region/zone-a/*');
    for (const { to } of distribute) {
      expect(Object.keys(to)).toEqual(['region/zone-b/*', 'region/zone-c/*']);
      expect(Object.values(to).reduce((sum, weight) => sum + weight, 0)).toBe(100);
    }
    expect((await act('traffic_shift', 'zone/zone-a')).outcome).toBe('no_change');
  });
});

describe('nodes', () => {
  const daemon = podOn('a1', 'agent', {
    ownerReferences: [{ kind: 'DaemonSet', name: 'agent', uid: 'd' }],
  });
  const world = [
    nodeObject('a1'),
    podOn('a1', 'web-1'),
    podOn('a1', 'web-2'),
    podOn('a2', 'web-3'),
    daemon,
  ];

  it('cordons once', async () => {
    const { cluster, act } = setUp(world);
    expect((await act('cordon', 'node/a1')).outcome).toBe('done');
    expect(cluster.read({ kind: 'Node', name: 'a1' }).spec?.unschedulable).toBe(true);
    expect((await act('cordon', 'node/a1')).outcome).toBe('no_change');
  });

  it('drains through evictions, leaving daemons and other nodes alone', async () => {
    const { cluster, act } = setUp(world);
    expect(await act('drain', 'node/a1')).toMatchObject({
      outcome: 'done',
      after: { pods: 0, evicted: 2 },
    });
    const evicted = cluster.calls.filter((call) => call.verb === 'evict').map((call) => call.name);
    expect(evicted).toEqual(['web-1', 'web-2']);
    expect(cluster.read({ kind: 'Node', name: 'a1' }).spec?.unschedulable).toBe(true);
    expect((await act('drain', 'node/a1')).outcome).toBe('no_change');
  });

  it('obeys disruption budgets: reports, goes on at the next call, gives up, never forces', async () => {
    const budget = (disruptionsAllowed: number): unknown => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed },
    });
    const { cluster, act } = setUp([...world, budget(1)]);
    const first = await act('drain', 'node/a1');
    expect(first).toMatchObject({ outcome: 'partial', after: { pods: 1, evicted: 1 } });
    expect(first.detail).toContain("violate the pod's disruption budget");
    const tries: ActionOutcome[] = [];
    for (let i = 0; i < 45; i += 1) tries.push(await act('drain', 'node/a1'));
    expect(tries[0]).toMatchObject({ outcome: 'partial' });
    expect(tries.at(-1)).toMatchObject({ outcome: 'failed' });
    expect(cluster.calls.some((call) => call.verb === 'remove')).toBe(false);
    cluster.put(budget(1) as Parameters<FakeCluster['put']>[0]);
    expect((await act('drain', 'node/a1')).outcome).toBe('done');
  });
});

describe('what goes wrong', () => {
  it("tells the API's own words", async () => {
    const { cluster, act } = setUp(webDeployment());
    const message = 'admission webhook "freeze" denied the request';
    cluster.outage = { status: 'Failure', code: 403, reason: 'Forbidden', message };
    for (const kind of ['scale_up', 'restart', 'rollback', 'rate_limit'] as const) {
      expect(await act(kind, 'deployment/web')).toMatchObject({
        outcome: 'failed',
        detail: message,
      });
    }
    expect(await act('restart', 'other/deployment/none')).toMatchObject({
      outcome: 'failed',
      detail: 'deployments "none" not found',
    });
  });

  it('refuses unknown actions and targets of the wrong kind', async () => {
    const { act } = setUp(webDeployment());
    await expect(act('explode' as 'drain', 'node/a1')).rejects.toThrow(UsageError);
    await expect(act('restart', 'node/a1')).rejects.toThrow('restart needs a deployment');
    await expect(act('drain', 'zone/zone-a')).rejects.toThrow('drain needs a node');
    await expect(act('restart', 'deployment')).rejects.toThrow('expected a target');
  });
});
