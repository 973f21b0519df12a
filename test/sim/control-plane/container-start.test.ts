import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../../core/observable/index.ts';
import type { ControlPlane } from '../../../sim/control-plane/control-plane.ts';
import { createWorld, deployment, expectOk, service } from './fixture.ts';

type Deployment = KindMap['Deployment'];
type Pod = KindMap['Pod'];

const person = { fieldManager: 'kubectl-edit' };

/** A shipped Deployment `web` with an address, rolled out with Recreate. */
function shipped(): Deployment {
  return deployment('web', {
    replicas: 1,
    container: { env: [{ name: 'STORE_ADDR', value: 'store:6379' }] },
    spec: { strategy: { type: 'Recreate' } },
  });
}

/** The world a minute after `edit` was written to the Deployment's pod template. */
async function edited(
  spec: object,
  objects: Parameters<typeof createWorld>[0]['objects'] = [],
): Promise<ControlPlane> {
  const { plane } = createWorld({ objects: [shipped(), service('web'), ...objects] });
  plane.advance(0);
  const ref = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
  const body = { spec: { template: { spec } } };
  expectOk(await plane.api.patch(ref, { type: 'strategic', body }, person));
  plane.drainEvents();
  plane.advance(60_000);
  return plane;
}

async function onlyPod(plane: ControlPlane): Promise<Pod> {
  const pods = expectOk(await plane.api.list('Pod', { labelSelector: { app: 'web' } }));
  expect(pods).toHaveLength(1);
  return pods[0] as Pod;
}

function container(fields: object): object {
  return { containers: [{ name: 'server', ...fields }] };
}

describe('images', () => {
  it('that are not in the registry leave the pod in ImagePullBackOff, with the usual events', async () => {
    const plane = await edited(container({ image: 'web:9' }));
    const [status] = (await onlyPod(plane)).status?.containerStatuses ?? [];
    expect(status?.state?.waiting).toEqual({
      reason: 'ImagePullBackOff',
      message: 'Back-off pulling image "web:9"',
    });
    const said = plane.drainEvents().map(({ type, reason, message }) => [type, reason, message]);
    expect(said).toContainEqual(['Normal', 'Pulling', 'Pulling image "web:9"']);
    expect(said).toContainEqual(['Warning', 'Failed', 'Error: ErrImagePull']);
    expect(said).toContainEqual(['Normal', 'BackOff', 'Back-off pulling image "web:9"']);
    expect(said).toContainEqual(['Warning', 'Failed', 'Error: ImagePullBackOff']);
    const pulls = said.filter(([, reason]) => reason === 'Pulling');
    // At once, after 10 s and after 20 s more.
    expect(pulls).toHaveLength(3);
  });

  it('of a registry without a name say so', async () => {
    const plane = await edited(container({ image: 'registry.corp.example/web:1' }));
    const failed = plane.drainEvents().find(({ message }) => message.includes('no such host'));
    expect(failed?.message).toMatch(
      /^Failed to pull image "registry\.corp\.example\/web:1": rpc error/,
    );
  });

  it('that nobody here builds are pulled from elsewhere', async () => {
    const plane = await edited({
      containers: [{ name: 'proxy', image: 'envoyproxy/envoy:v1.31.0' }],
    });
    expect((await onlyPod(plane)).status?.phase).toBe('Running');
    expect(plane.view.pods.map(({ listening }) => listening)).toEqual([true]);
  });
});

describe('settings', () => {
  const reference = (name: string) =>
    container({ env: [{ name: 'MODE', valueFrom: { configMapKeyRef: { name, key: 'mode' } } }] });

  it('from a ConfigMap that is missing hold the container up until it is there', async () => {
    const plane = await edited(reference('flags'));
    const waiting = (await onlyPod(plane)).status?.containerStatuses?.[0]?.state?.waiting;
    expect(waiting?.reason).toBe('CreateContainerConfigError');
    expect(waiting?.message).toBe('configmap "flags" not found');
    const metadata = { name: 'flags', namespace: 'default' };
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { mode: 'on' } };
    expectOk(await plane.api.create(map, person));
    plane.advance(90_000);
    expect(plane.view.pods.map(({ inEndpoints }) => inEndpoints)).toEqual([true]);
  });

  it('from a key that is missing name the key', async () => {
    const metadata = { name: 'flags', namespace: 'default' };
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { other: 'on' } };
    const plane = await edited(reference('flags'), [map]);
    const waiting = (await onlyPod(plane)).status?.containerStatuses?.[0]?.state?.waiting;
    expect(waiting?.message).toBe("couldn't find key mode in ConfigMap default/flags");
  });

  it('that the process cannot do without end it at its start', async () => {
    const plane = await edited(container({ env: [{ name: 'STORE_ADDR', value: '' }] }));
    const [status] = (await onlyPod(plane)).status?.containerStatuses ?? [];
    expect(status?.state?.waiting?.reason).toBe('CrashLoopBackOff');
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(plane.view.pods[0]?.lastWords?.text).toContain('"STORE_ADDR" is not set');
  });
});

describe('commands', () => {
  it('that the image does not have are not executed', async () => {
    const plane = await edited(container({ command: ['server2'] }));
    const [status] = (await onlyPod(plane)).status?.containerStatuses ?? [];
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
    const reasons = plane.drainEvents().map(({ reason }) => reason);
    expect(reasons).toContain('Failed');
    expect(reasons).not.toContain('Started');
  });

  it('that a shell does not find end with 127', async () => {
    const plane = await edited(container({ command: ['sh', '-c', 'vault read x; exec server'] }));
    const [status] = (await onlyPod(plane)).status?.containerStatuses ?? [];
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 127, reason: 'Error' });
  });
});

describe('init containers', () => {
  const waitFor = (name: string) => ({
    initContainers: [
      {
        name: 'wait',
        image: 'busybox:1.36',
        command: ['sh', '-c', `until nslookup ${name}; do sleep 2; done`],
      },
    ],
  });

  it('wait until the name they look for exists', async () => {
    const plane = await edited(waitFor('migrations'));
    const { status } = await onlyPod(plane);
    expect(status?.phase).toBe('Pending');
    expect(status?.initContainerStatuses?.[0]?.state).toEqual({ running: {} });
    expect(status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing');
    expect(status?.conditions?.find(({ type }) => type === 'Initialized')?.status).toBe('False');
    expectOk(await plane.api.create(service('migrations'), person));
    plane.advance(90_000);
    const after = (await onlyPod(plane)).status;
    expect(after?.initContainerStatuses?.[0]?.state?.terminated?.reason).toBe('Completed');
    expect(after?.phase).toBe('Running');
  });

  it('that fail keep the pod from starting', async () => {
    const plane = await edited({
      initContainers: [{ name: 'check', image: 'busybox:1.36', command: ['false'] }],
    });
    const [status] = (await onlyPod(plane)).status?.initContainerStatuses ?? [];
    expect(status?.state?.waiting?.reason).toBe('CrashLoopBackOff');
  });
});

describe('strategies', () => {
  const ref = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
  const refusal = async (strategy: object): Promise<string> => {
    const { plane } = createWorld({ objects: [deployment('web')] });
    const patch = { type: 'strategic', body: { spec: { strategy } } } as const;
    const result = await plane.api.patch(ref, patch, person);
    return result.ok ? 'accepted' : (result.status.message ?? '');
  };

  it('that could never move a pod are refused', async () => {
    const rollingUpdate = { maxSurge: 0, maxUnavailable: 0 };
    expect(await refusal({ rollingUpdate })).toBe(
      'Deployment.apps "web" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    );
    expect(await refusal({ rollingUpdate: { maxSurge: 0, maxUnavailable: '100%' } })).toBe(
      'accepted',
    );
  });

  it('without rolling updates have no parameters for them', async () => {
    expect(await refusal({ type: 'Recreate' })).toContain('Forbidden: may not be specified when');
    expect(await refusal({ type: 'Recreate', rollingUpdate: null })).toBe('accepted');
  });
});

describe('ports of the node', () => {
  it('belong to one pod at a time', () => {
    const ports = [{ containerPort: 8080, hostPort: 9000 }];
    const { plane } = createWorld({
      objects: [deployment('web', { replicas: 4, container: { ports } })],
    });
    plane.advance(0);
    const nodes = plane.view.pods.map(({ node }) => node);
    expect(new Set(nodes).size).toBe(3);
    expect(nodes).toHaveLength(3);
    const failure = plane.drainEvents().find(({ reason }) => reason === 'FailedScheduling');
    expect(failure?.message).toContain(
      "3 node(s) didn't have free ports for the requested pod ports",
    );
  });
});

describe('containers of one pod', () => {
  it('cannot both have a port: the later one ends, the other runs on', async () => {
    const plane = await edited({
      containers: [
        { name: 'server' },
        { name: 'metrics', image: 'prom/exporter:1', ports: [{ containerPort: 8080 }] },
      ],
    });
    const statuses = (await onlyPod(plane)).status?.containerStatuses ?? [];
    const of = (name: string) => statuses.find((status) => status.name === name);
    expect(of('metrics')?.lastState?.terminated?.exitCode).toBe(1);
    expect(of('server')).toMatchObject({ ready: true, restartCount: 0 });
    expect(plane.view.pods.map(({ inEndpoints }) => inEndpoints)).toEqual([false]);
  });
});
