import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ApiResult, CustomObject, KindMap, Status } from '../../../core/observable/index.ts';
import { InputError } from '../../../core/tools/index.ts';
import { createWorld, deployment, expectOk, getDeployment, service } from './fixture.ts';

const data = process.env.FIREDRILL_DATA;
const manager = { fieldManager: 'kubectl' };
const web = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

function recorded(title: string): unknown {
  const text = readFileSync(`${data}/kubernetes-api/http-cases.txt`, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  return JSON.parse(section.slice(section.indexOf('\n{')));
}

function plane() {
  const world = createWorld({ objects: [deployment('web'), service('web')] });
  world.plane.advance(0);
  return world.plane;
}

function failure<T>(result: ApiResult<T>): Status {
  if (result.ok) throw new Error('expected a failure');
  return result.status;
}

describe('errors', () => {
  it.each([{ periodSeconds: 0 }, { periodSeconds: -1 }, { failureThreshold: 0 }])(
    'refuse a probe with %o, which nobody could play',
    async (timing) => {
      const container = { name: 'server', livenessProbe: { tcpSocket: { port: 80 }, ...timing } };
      const body = { spec: { template: { spec: { containers: [container] } } } };
      const answer = await plane().api.patch(web, { type: 'strategic', body }, manager);
      expect(failure(answer)).toMatchObject({ code: 422, reason: 'Invalid' });
      expect(failure(answer).message).toContain('must be greater than or equal to 1');
    },
  );

  it.each([
    ['cpu', '2', '1', '"2": must be less than or equal to cpu limit of 1'],
    ['cpu', '1500m', '1000m', '"1500m": must be less than or equal to cpu limit of 1'],
    ['memory', '1.5Gi', '1024Mi', '"1536Mi": must be less than or equal to memory limit of 1Gi'],
  ])('refuse a request of %s %s above its limit of %s', async (resource, request, limit, why) => {
    const { api } = plane();
    const resources = { requests: { [resource]: request }, limits: { [resource]: limit } };
    const body = { spec: { template: { spec: { containers: [{ name: 'server', resources }] } } } };
    const answer = failure(await api.patch(web, { type: 'strategic', body }, manager));
    expect(answer).toMatchObject({ code: 422, reason: 'Invalid' });
    const field = 'spec.template.spec.containers[0].resources.requests';
    expect(answer.message).toBe(
      `Deployment.apps "web" is invalid: ${field}: Invalid value: ${why}`,
    );
    resources.requests[resource] = limit;
    expectOk(await api.patch(web, { type: 'strategic', body }, manager));
  });

  it('refuse data, labels and variables that are no text, in the words of each kind of write', async () => {
    const { api } = plane();
    const settings = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings' },
    } as const;
    const numbers = { ...settings, data: { level: 3 } } as unknown as KindMap['ConfigMap'];
    const why = 'json: cannot unmarshal number into Go struct field ConfigMap.data of type string';
    const unread = `ConfigMap in version "v1" cannot be handled as a ConfigMap: ${why}`;
    expect(failure(await api.create(numbers, manager))).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: unread,
    });
    expectOk(await api.create({ ...settings, data: { level: '3' } }, manager));
    expect(failure(await api.replace(numbers, manager)).message).toBe(unread);
    const ref = { kind: 'ConfigMap', namespace: 'default', name: 'settings' } as const;
    const body = { data: { level: 3 } };
    const strategic = failure(await api.patch(ref, { type: 'strategic', body }, manager));
    const shown = 'Invalid value: "map[data:map[level:3]]": cannot convert int64 to string';
    expect(strategic).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: ` "" is invalid: patch: ${shown}`,
      details: { causes: [{ reason: 'FieldValueInvalid', message: shown, field: 'patch' }] },
    });
    const merged = failure(await api.patch(ref, { type: 'merge', body }, manager));
    expect(merged.message).toContain(why);
    const labelled = { metadata: { labels: { tier: true } } };
    expect(
      failure(await api.patch(web, { type: 'merge', body: labelled }, manager)).message,
    ).toContain(
      'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
    );
    const env = [{ name: 'LEVEL', value: 3 }];
    const variable = { spec: { template: { spec: { containers: [{ name: 'server', env }] } } } };
    const answer = await api.patch(web, { type: 'strategic', body: variable }, manager);
    expect(failure(answer).message).toContain('cannot convert int64 to string');
    expect(expectOk(await api.get(ref)).data).toEqual({ level: '3' });
  });

  it.skipIf(!data)('have the recorded bodies (needs FIREDRILL_DATA)', async () => {
    const { api } = plane();
    const missing = await api.get({ kind: 'Pod', namespace: 'default', name: 'zz' });
    expect(failure(missing)).toEqual(recorded('get 404'));
    const twice = await api.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      manager,
    );
    expect(failure(twice)).toEqual(recorded('create duplicate 409'));
    const negative = await api.patch(
      web,
      { type: 'merge', body: { spec: { replicas: -1 } } },
      manager,
    );
    expect(failure(negative)).toEqual(recorded('invalid 422'));
    const selector = { spec: { selector: { matchLabels: { app: 'x' } } } };
    const immutable = await api.patch(web, { type: 'merge', body: selector }, manager);
    expect(failure(immutable)).toEqual(recorded('immutable 422'));
    const stale = { ...(await getDeployment(plane(), 'web')) };
    const replaced = await api.replace(
      { ...stale, metadata: { ...stale.metadata, resourceVersion: '1' } },
      manager,
    );
    expect(failure(replaced)).toEqual(recorded('put stale resourceVersion 409'));
  });

  it('refuse strategic patches of custom resources and JSON patches that do not fit', async () => {
    const { api } = plane();
    expectOk(await api.create(rateLimit(10), manager));
    const ref = { kind: 'BackendTrafficPolicy', namespace: 'default', name: 'limit' } as const;
    expect(failure(await api.patch(ref, { type: 'strategic', body: {} }, manager)).code).toBe(415);
    const operation = { op: 'replace', path: '/spec/nothing/here', value: 1 } as const;
    expect(failure(await api.patch(web, { type: 'json', body: [operation] }, manager)).code).toBe(
      422,
    );
  });

  it('of a manifest stop the boot and name it', () => {
    const bad = deployment('web', { replicas: -2 });
    expect(() => createWorld({ objects: [bad] })).toThrow(InputError);
    expect(() => createWorld({ objects: [bad] })).toThrow(/Deployment "web".*spec.replicas/);
  });
});

describe('writes', () => {
  it('number versions and generations, and name their manager', async () => {
    const { api } = plane();
    const before = await getDeployment({ api } as Parameters<typeof getDeployment>[0], 'web');
    const patch = { type: 'merge', body: { spec: { replicas: 3 } } } as const;
    const after = expectOk(await api.patch(web, patch, manager));
    expect(after.metadata?.generation).toBe((before.metadata?.generation ?? 0) + 1);
    expect(Number(after.metadata?.resourceVersion)).toBeGreaterThan(
      Number(before.metadata?.resourceVersion),
    );
    expect(after.metadata?.uid).toBe(before.metadata?.uid);
    const fields = after.metadata?.managedFields ?? [];
    expect(fields.at(-1)).toMatchObject({
      manager: 'kubectl',
      operation: 'Update',
      time: '2026-01-05T09:00:00Z',
    });
    const again = expectOk(await api.patch(web, patch, manager));
    expect(again.metadata?.resourceVersion).toBe(after.metadata?.resourceVersion);
  });

  it('on a dry run answer as if, and change nothing', async () => {
    const world = plane();
    const patch = { type: 'merge', body: { spec: { replicas: 7 } } } as const;
    const answer = expectOk(await world.api.patch(web, patch, { ...manager, dryRun: true }));
    expect(answer.spec?.replicas).toBe(7);
    world.advance(10_000);
    expect(world.pods()).toHaveLength(2);
    expect(world.drainChanges()).toEqual([]);
  });

  it('leave the status to the controllers', async () => {
    const { api } = plane();
    const patch = { type: 'merge', body: { status: { readyReplicas: 40 } } } as const;
    expect(expectOk(await api.patch(web, patch, manager)).status?.readyReplicas).toBe(2);
  });

  it('fill in the defaults of 1.34', async () => {
    const { api } = plane();
    const stored = expectOk(await api.get(web));
    expect(stored.spec).toMatchObject({
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
      },
    });
    const [pod] = expectOk(await api.list('Pod', { namespace: 'default' }));
    expect(pod?.spec?.tolerations?.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([
      300, 300,
    ]);
    expect(pod?.spec?.terminationGracePeriodSeconds).toBe(30);
    expect(pod?.status?.qosClass).toBe('Burstable');
  });
});

function rateLimit(requests: number): CustomObject {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'BackendTrafficPolicy',
    metadata: { name: 'limit' },
    spec: {
      targetRefs: [{ kind: 'HTTPRoute', name: 'web' }],
      rateLimit: { type: 'Local', local: { rules: [{ limit: { requests, unit: 'Second' } }] } },
    },
  };
}

function shift(to: Record<string, number>): CustomObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'away' },
    spec: {
      host: 'web.default.svc.cluster.local',
      trafficPolicy: { loadBalancer: { localityLbSetting: { distribute: [{ from: '*', to }] } } },
    },
  };
}

describe('traffic objects', () => {
  it('set and lift rate limits', async () => {
    const world = plane();
    expectOk(await world.api.create(rateLimit(250), manager));
    expect([...world.view.traffic.rateLimits]).toEqual([['web', 250]]);
    const ref = { kind: 'BackendTrafficPolicy', namespace: 'default', name: 'limit' } as const;
    expectOk(await world.api.remove(ref, manager));
    expect(world.view.traffic.rateLimits.size).toBe(0);
  });

  it('drain zones that have no weight', async () => {
    const world = plane();
    const to = {
      'us-east-1/us-east-1b/*': 50,
      'us-east-1/us-east-1c/*': 50,
      'us-east-1/us-east-1a/*': 0,
    };
    expectOk(await world.api.create(shift(to), manager));
    expect([...(world.view.traffic.drainedZones.get('web') ?? [])]).toEqual(['us-east-1a']);
  });
});

describe('change events', () => {
  const summaries = (world: ReturnType<typeof plane>) =>
    world
      .drainChanges()
      .map(({ actor, kind, component, summary }) => `${actor} ${kind} ${component} ${summary}`);

  it('tell what people and pipelines changed, in words', async () => {
    const world = plane();
    expect(world.drainChanges()).toEqual([]);
    const options = { fieldManager: 'cd-pipeline' };
    const container = { name: 'server', image: 'web:2' };
    const body = { spec: { template: { spec: { containers: [container] } } } };
    expectOk(await world.api.patch(web, { type: 'strategic', body }, options));
    const [release] = world.drainChanges();
    expect(release).toMatchObject({
      atMs: 0,
      actor: 'cd-pipeline',
      kind: 'release',
      component: 'service/web',
      summary: 'image web:1 -> web:2',
      release: '2',
    });
    expectOk(
      await world.api.patch(web, { type: 'merge', body: { spec: { replicas: 4 } } }, manager),
    );
    const annotations = { 'kubectl.kubernetes.io/restartedAt': 'now' };
    const restart = { spec: { template: { metadata: { annotations } } } };
    expectOk(await world.api.patch(web, { type: 'merge', body: restart }, manager));
    const env = { ...container, env: [{ name: 'A', value: '1' }] };
    const config = { spec: { template: { spec: { containers: [env] } } } };
    expectOk(await world.api.patch(web, { type: 'strategic', body: config }, manager));
    const cordon = { type: 'merge', body: { spec: { unschedulable: true } } } as const;
    expectOk(await world.api.patch({ kind: 'Node', name: 'a1' }, cordon, manager));
    expectOk(await world.api.create(rateLimit(9), manager));
    const map: KindMap['ConfigMap'] = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'flags' },
      data: { a: '1' },
    };
    expectOk(await world.api.create(map, manager));
    expect(summaries(world)).toEqual([
      'kubectl scale service/web replicas 2 -> 4',
      'kubectl restart service/web restarted at now',
      'kubectl config service/web container server reconfigured',
      'kubectl node node/a1 cordoned',
      'kubectl traffic service/web BackendTrafficPolicy limit created',
      'kubectl config config/flags ConfigMap flags created',
    ]);
  });

  it('do not tell of what controllers do', () => {
    const world = plane();
    world.advance(600_000);
    expect(world.drainChanges()).toEqual([]);
  });
});
