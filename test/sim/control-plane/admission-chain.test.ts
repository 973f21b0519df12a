import { describe, expect, it } from 'vitest';
import type { KindMap, KubernetesObject } from '../../../core/observable/index.ts';
import {
  createWorld,
  deployment,
  expectOk,
  getDeployment,
  listPods,
  service,
  type World,
} from './fixture.ts';

const person = { fieldManager: 'kubectl' };

/** A world with two pods of `web`, in which these objects were created afterwards. */
async function worldWith(...objects: KubernetesObject[]): Promise<World> {
  const world = createWorld({ objects: [deployment('web')] });
  world.plane.advance(0);
  for (const object of objects) expectOk(await world.plane.api.create(object, person));
  world.plane.advance(1_000);
  world.plane.drainEvents();
  return world;
}

/** Deletes all pods of `web` and looks what comes back, and with which words. */
async function killAll(world: World): Promise<{ left: number; why: string }> {
  const { plane } = world;
  for (const { metadata } of await listPods(plane, 'web')) {
    const ref = { kind: 'Pod', namespace: 'default', name: metadata?.name ?? '' } as const;
    expectOk(await plane.api.remove(ref, { ...person, gracePeriodSeconds: 0 }));
  }
  plane.advance(10_000);
  const failure = plane.drainEvents().find(({ reason }) => reason === 'FailedCreate');
  return { left: (await listPods(plane, 'web')).length, why: failure?.message ?? '' };
}

function quota(hard: Record<string, string>): KindMap['ResourceQuota'] {
  const metadata = { name: 'team', namespace: 'default' };
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } };
}

function webhook(
  kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration',
  name: string,
  fields: Record<string, unknown>,
): KubernetesObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: { service: { name, namespace: 'default', path: '/admit' } },
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
        ...fields,
      },
    ],
  } as KubernetesObject;
}

describe('a quota', () => {
  it('counts what runs and refuses what is more, without a Pending pod', async () => {
    const world = await worldWith(quota({ pods: '1', 'requests.cpu': '150m' }));
    const ref = { kind: 'ResourceQuota', namespace: 'default', name: 'team' } as const;
    const before = expectOk(await world.plane.api.get(ref));
    expect(before.status?.used).toEqual({ pods: '2', 'requests.cpu': '200m' });
    const { left, why } = await killAll(world);
    expect(left).toBe(1);
    expect(why).toMatch(
      /^Error creating: pods "web-\w+-\w+" is forbidden: exceeded quota: team, requested: pods=1,requests\.cpu=100m, used: pods=1,requests\.cpu=100m, limited: pods=1,requests\.cpu=150m$/,
    );
    const { status } = await getDeployment(world.plane, 'web');
    expect(status?.conditions?.find(({ type }) => type === 'ReplicaFailure')).toMatchObject({
      status: 'True',
      reason: 'FailedCreate',
    });
  });

  it('asks for limits where it counts them', async () => {
    const bare = deployment('bare', { replicas: 1, container: { resources: {} } });
    const world = await worldWith(quota({ 'limits.memory': '10Gi' }));
    expectOk(await world.plane.api.create(bare, person));
    world.plane.advance(5_000);
    const failure = world.plane.drainEvents().find(({ reason }) => reason === 'FailedCreate');
    expect(failure?.message).toContain(
      'failed quota: team: must specify limits.memory for: server',
    );
  });

  it('lets the missing pods in after it was raised, at a retry that has backed off', async () => {
    const world = await worldWith(quota({ pods: '0' }));
    expect((await killAll(world)).left).toBe(0);
    const ref = { kind: 'ResourceQuota', namespace: 'default', name: 'team' } as const;
    const body = { spec: { hard: { pods: '10' } } };
    expectOk(await world.plane.api.patch(ref, { type: 'merge', body }, person));
    // Refused eleven or twelve times in ten seconds, so the next attempt is some seconds away.
    world.plane.advance(30_000);
    expect(await listPods(world.plane, 'web')).toHaveLength(2);
    const { status } = await getDeployment(world.plane, 'web');
    expect(status?.conditions?.some(({ type }) => type === 'ReplicaFailure')).toBe(false);
  });
});

describe('a limit range', () => {
  const range = (limits: Record<string, unknown>): KindMap['LimitRange'] => ({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'limits', namespace: 'default' },
    spec: { limits: [{ type: 'Container', ...limits }] as never },
  });

  it('refuses containers beyond its bounds', async () => {
    const { left, why } = await killAll(await worldWith(range({ max: { memory: '100Mi' } })));
    expect(left).toBe(0);
    expect(why).toContain('maximum memory usage per Container is 100Mi, but limit is 128Mi');
  });

  it('says when a container asks for nothing where there is a minimum', async () => {
    const world = await worldWith(range({ min: { cpu: '50m' } }));
    const bare = deployment('bare', { replicas: 1, container: { resources: {} } });
    expectOk(await world.plane.api.create(bare, person));
    world.plane.advance(5_000);
    const failure = world.plane.drainEvents().find(({ reason }) => reason === 'FailedCreate');
    expect(failure?.message).toContain(
      'minimum cpu usage per Container is 50m.  No request is specified',
    );
  });

  it('gives defaults to containers that say nothing', async () => {
    const world = await worldWith(range({ default: { cpu: '300m' } }));
    const bare = deployment('bare', { replicas: 1, container: { resources: {} } });
    expectOk(await world.plane.api.create(bare, person));
    world.plane.advance(5_000);
    const [pod] = await listPods(world.plane, 'bare');
    expect(pod?.spec?.containers[0]?.resources).toMatchObject({ limits: { cpu: '300m' } });
  });

  it('whose default is below what a container asks for leaves a pod that is not valid', async () => {
    const world = await worldWith(range({ default: { cpu: '300m' } }));
    const greedy = { resources: { requests: { cpu: '400m' } } };
    const { api } = world.plane;
    expectOk(await api.create(deployment('bare', { replicas: 1, container: greedy }), person));
    world.plane.advance(5_000);
    const failure = world.plane.drainEvents().find(({ reason }) => reason === 'FailedCreate');
    expect(failure?.message).toMatch(
      /^Error creating: Pod "bare-\w+-\w+" is invalid: spec.containers\[0\].resources.requests: Invalid value: "400m": must be less than or equal to cpu limit of 300m$/,
    );
  });
});

describe('the order of admission', () => {
  it('lets a mutating webhook make a pod fit before the limit range judges it', async () => {
    const caps = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'check', namespace: 'default' },
      data: { 'limits.memory': '100Mi' },
    } as const;
    const hook = webhook('MutatingWebhookConfiguration', 'check', { failurePolicy: 'Ignore' });
    const world = await worldWith(deployment('check'), service('check'), caps);
    world.plane.advance(20_000);
    for (const object of [hook, maximumOf('100Mi')]) {
      expectOk(await world.plane.api.create(object, person));
    }
    const [first] = await listPods(world.plane, 'web');
    const ref = { kind: 'Pod', namespace: 'default', name: first?.metadata?.name ?? '' } as const;
    expectOk(await world.plane.api.remove(ref, { ...person, gracePeriodSeconds: 0 }));
    world.plane.advance(30_000);
    expect(await listPods(world.plane, 'web')).toHaveLength(2);
  });

  it('asks validating webhooks after the limit range and Pod Security, and quota last', async () => {
    const hook = webhook('ValidatingWebhookConfiguration', 'check', { failurePolicy: 'Fail' });
    const secured = await worldWith(hook);
    const ref = { kind: 'Namespace', name: 'default' } as const;
    const body = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } };
    expectOk(await secured.plane.api.patch(ref, { type: 'merge', body }, person));
    expect((await killAll(secured)).why).toContain('violates PodSecurity');
    const ranged = await worldWith(hook, maximumOf('100Mi'));
    expect((await killAll(ranged)).why).toContain('maximum memory usage per Container');
    const counted = await worldWith(hook, quota({ pods: '0' }));
    expect((await killAll(counted)).why).toContain('failed calling webhook');
  });

  function maximumOf(memory: string): KindMap['LimitRange'] {
    return {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'limits', namespace: 'default' },
      spec: { limits: [{ type: 'Container', max: { memory } }] },
    };
  }
});

describe('accounts, classes and security levels', () => {
  it('a missing service account is a missing pod', async () => {
    const world = createWorld({
      objects: [deployment('web', { pod: { serviceAccountName: 'w' } })],
    });
    world.plane.advance(0);
    expect(await listPods(world.plane, 'web')).toEqual([]);
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'w', namespace: 'default' },
    } as const;
    expectOk(await world.plane.api.create(account, person));
    world.plane.advance(120_000);
    expect(await listPods(world.plane, 'web')).toHaveLength(2);
  });

  it('a pod has the priority of its class, and an unknown class is refused', async () => {
    const high = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 1000,
    } as const;
    const objects = [high, deployment('web', { pod: { priorityClassName: 'high' } })];
    const world = createWorld({ objects });
    world.plane.advance(0);
    expect((await listPods(world.plane, 'web'))[0]?.spec?.priority).toBe(1000);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'lone', namespace: 'default' },
      spec: { priorityClassName: 'none', containers: [{ name: 'c', image: 'c:1' }] },
    } as const;
    const answer = await world.plane.api.create(pod as never, person);
    expect(answer.ok ? 201 : answer.status).toMatchObject({
      code: 403,
      message: 'pods "lone" is forbidden: no PriorityClass with name none was found',
    });
  });

  it('an enforced restricted level refuses pods that may gain privileges', async () => {
    const world = await worldWith();
    const ref = { kind: 'Namespace', name: 'default' } as const;
    const body = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } };
    expectOk(await world.plane.api.patch(ref, { type: 'merge', body }, person));
    const { left, why } = await killAll(world);
    expect(left).toBe(0);
    expect(why).toContain(
      'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "server" must set securityContext.allowPrivilegeEscalation=false)',
    );
  });
});

describe('a webhook', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'check-tls', namespace: 'default' },
    data: { 'ca.crt': 'bmV3' },
  } as const;
  const backend = [deployment('check'), service('check'), secret];

  it('without a Service that answers lets nothing in, unless it may fail', async () => {
    const hook = webhook('ValidatingWebhookConfiguration', 'check', { failurePolicy: 'Fail' });
    const { left, why } = await killAll(await worldWith(hook));
    expect(left).toBe(0);
    expect(why).toBe(
      'Error creating: Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: Post "https://check.default.svc:443/admit?timeout=10s": service "check" not found',
    );
    const lax = webhook('ValidatingWebhookConfiguration', 'check', { failurePolicy: 'Ignore' });
    expect((await killAll(await worldWith(lax))).left).toBe(2);
  });

  it('needs a bundle of the authority that signed its certificate', async () => {
    const hook = (caBundle: string): KubernetesObject =>
      webhook('ValidatingWebhookConfiguration', 'check', {
        clientConfig: {
          caBundle,
          service: { name: 'check', namespace: 'default', path: '/admit' },
        },
        failurePolicy: 'Fail',
      });
    const wrong = await worldWith(...backend);
    wrong.plane.advance(20_000);
    expectOk(await wrong.plane.api.create(hook('b2xk'), person));
    wrong.plane.advance(21_000);
    for (const { metadata } of await listPods(wrong.plane, 'web')) {
      const ref = { kind: 'Pod', namespace: 'default', name: metadata?.name ?? '' } as const;
      await wrong.plane.api.remove(ref, { ...person, gracePeriodSeconds: 0 });
    }
    wrong.plane.advance(25_000);
    const failure = wrong.plane.drainEvents().find(({ reason }) => reason === 'FailedCreate');
    expect(failure?.message).toContain('x509: certificate signed by unknown authority');
    const name = 'check';
    const body = [
      { op: 'replace' as const, path: '/webhooks/0/clientConfig/caBundle', value: 'bmV3' },
    ];
    const ref = { kind: 'ValidatingWebhookConfiguration', name } as const;
    expectOk(await wrong.plane.api.patch(ref, { type: 'json', body }, person));
    wrong.plane.advance(60_000);
    expect(await listPods(wrong.plane, 'web')).toHaveLength(2);
  });

  it('that never answers costs its time, and three cost more than a request has', async () => {
    const slow = (name: string): KubernetesObject =>
      webhook('MutatingWebhookConfiguration', name, {
        clientConfig: { url: 'https://vendor.example.com/mutate' },
        failurePolicy: 'Ignore',
        timeoutSeconds: 25,
      });
    expect((await killAll(await worldWith(slow('a'), slow('b')))).left).toBe(2);
    const { left, why } = await killAll(await worldWith(slow('a'), slow('b'), slow('c')));
    expect(left).toBe(0);
    expect(why).toContain('request did not complete within requested timeout');
  });

  it('that mutates makes pods smaller than their Deployment', async () => {
    const caps = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'check', namespace: 'default' },
      data: { 'limits.cpu': '50m' },
    } as const;
    const world = await worldWith(deployment('check'), service('check'), caps);
    world.plane.advance(20_000);
    const hook = webhook('MutatingWebhookConfiguration', 'check', { failurePolicy: 'Ignore' });
    expectOk(await world.plane.api.create(hook, person));
    const { plane } = world;
    const pods = await listPods(plane, 'web');
    const ref = { kind: 'Pod', namespace: 'default', name: pods[0]?.metadata?.name ?? '' } as const;
    expectOk(await plane.api.remove(ref, { ...person, gracePeriodSeconds: 0 }));
    plane.advance(30_000);
    const limits = (await listPods(plane, 'web')).map(
      ({ spec }) => spec?.containers[0]?.resources?.limits?.cpu,
    );
    expect(limits.sort()).toEqual(['200m', '50m']);
  });
});
