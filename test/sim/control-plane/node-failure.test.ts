import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstantMs } from '../../../core/tools/index.ts';
import {
  budget,
  createWorld,
  deployment,
  eventLines,
  expectOk,
  getDeployment,
  listPods,
  nodeSpecs,
  readyOf,
  service,
  type World,
} from './fixture.ts';

function webWorld(options: { nodesPerZone: number; zones?: number; replicas?: number }): World {
  return createWorld({
    objects: [deployment('web', { replicas: options.replicas ?? 3 }), service('web')],
    nodes: nodeSpecs(options.zones ?? 3, options.nodesPerZone),
  });
}

function setPower({ conditions, plane }: World, nodes: readonly string[], powered: boolean): void {
  for (const node of nodes) {
    if (powered) conditions.unpoweredNodes.delete(node);
    else conditions.unpoweredNodes.add(node);
  }
  plane.refreshConditions();
}

/** When the monitor will call a node silent: 50 s after the pass that saw its last renewal. */
async function detectionMs({ plane }: World, name: string): Promise<number> {
  const lease = expectOk(
    await plane.api.get({ kind: 'Lease', namespace: 'kube-node-lease', name }),
  );
  const renewedMs = parseInstantMs(lease.spec?.renewTime ?? '');
  return Math.ceil(renewedMs / 5000) * 5000 + 50_000;
}

async function nodeOf({ plane }: World, name: string) {
  const node = expectOk(await plane.api.get({ kind: 'Node', name }));
  return {
    ready: node.status?.conditions?.find(({ type }) => type === 'Ready'),
    taints: node.spec?.taints ?? [],
  };
}

describe('a node without power', () => {
  it('looks healthy until the grace is over, then is Unknown, tainted and out of the endpoints', async () => {
    const world = webWorld({ nodesPerZone: 1 });
    const { plane } = world;
    plane.advance(0);
    plane.drainEvents();
    setPower(world, ['b1'], false);
    const atMs = await detectionMs(world, 'b1');
    expect(atMs).toBeGreaterThan(35_000);
    expect(atMs).toBeLessThanOrEqual(55_000);

    plane.advance(atMs - 1000);
    expect((await nodeOf(world, 'b1')).ready?.status).toBe('True');
    expect(plane.drainEvents()).toEqual([]);
    const before = plane.view.pods.find(({ node }) => node === 'b1');
    expect(before).toMatchObject({ running: false, listening: false, inEndpoints: true });

    plane.advance(atMs);
    const { ready, taints } = await nodeOf(world, 'b1');
    expect(ready).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: formatInstant(atMs),
    });
    const timeAdded = formatInstant(atMs);
    expect(taints).toEqual([
      { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule', timeAdded },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded },
    ]);
    expect(plane.view.pods.find(({ node }) => node === 'b1')?.inEndpoints).toBe(false);
    expect(plane.view.nodes.find(({ name }) => name === 'b1')?.ready).toBe(false);
  });

  it('keeps its pods Running in the API while Ready is False, and the Deployment counts them out', async () => {
    const world = createWorld({
      objects: [
        deployment('web', { replicas: 3 }),
        service('web'),
        budget('web', { minAvailable: 2 }),
      ],
    });
    const { plane } = world;
    plane.advance(0);
    setPower(world, ['b1'], false);
    plane.drainEvents();
    plane.advance(60_000);
    const pod = (await listPods(plane, 'web')).find(({ spec }) => spec?.nodeName === 'b1');
    expect(pod?.status?.phase).toBe('Running');
    expect(pod && readyOf(pod)).toBe('False');
    const containersReady = pod?.status?.conditions?.find(({ type }) => type === 'ContainersReady');
    expect(containersReady?.status).toBe('True');
    const { status } = await getDeployment(plane, 'web');
    expect(status).toMatchObject({ readyReplicas: 2, unavailableReplicas: 1 });
    expect(status?.conditions?.find(({ type }) => type === 'Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
      message: 'Deployment does not have minimum availability.',
    });
    const pdb = expectOk(
      await plane.api.get({ kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' }),
    );
    expect(pdb.status).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0, expectedPods: 3 });
    const events = plane.drainEvents();
    expect(events.filter(({ reason }) => reason === 'NodeNotReady')).toMatchObject([
      { type: 'Normal', message: 'Node b1 status is now: NodeNotReady', source: 'node-controller' },
      { type: 'Warning', message: 'Node is not ready', source: 'node-controller' },
    ]);
  });

  it('loses its pods 300 s after the taint; they stay Terminating and are replaced at once', async () => {
    const world = webWorld({ nodesPerZone: 2 });
    const { plane } = world;
    plane.advance(0);
    const lost = plane.pods().find(({ node }) => node === 'b1');
    setPower(world, ['b1'], false);
    const evictedMs = (await detectionMs(world, 'b1')) + 300_000;
    plane.advance(evictedMs - 1000);
    expect(plane.pods()).toHaveLength(3);
    plane.drainEvents();

    plane.advance(evictedMs);
    const evicted = (await listPods(plane, 'web')).find(
      ({ metadata }) => metadata?.name === lost?.pod,
    );
    expect(evicted?.metadata?.deletionTimestamp).toBe(formatInstant(evictedMs + 30_000));
    const events = plane.drainEvents();
    expect(eventLines(events, 'TaintManagerEviction')).toEqual([
      `${evictedMs / 1000} Marking for deletion Pod default/${lost?.pod}`,
    ]);
    const [created] = eventLines(events, 'SuccessfulCreate');
    expect(created).toMatch(new RegExp(`^${evictedMs / 1000} Created pod: web-`));

    plane.advance(evictedMs + 600_000);
    const pods = await listPods(plane, 'web');
    expect(pods).toHaveLength(4);
    expect(pods.filter((pod) => readyOf(pod) === 'True')).toHaveLength(3);
    const replacement = plane.view.pods.at(-1);
    expect(replacement).toMatchObject({ node: 'b2', ordinal: 3, inEndpoints: true });
  });
});

describe('power comes back', () => {
  it('before the grace is over: only the containers notice', async () => {
    const world = webWorld({ nodesPerZone: 1 });
    const { plane } = world;
    plane.advance(0);
    plane.drainEvents();
    setPower(world, ['b1'], false);
    plane.advance(20_000);
    setPower(world, ['b1'], true);
    plane.advance(120_000);
    const events = plane.drainEvents();
    expect(events.some(({ reason }) => reason === 'NodeNotReady')).toBe(false);
    expect(plane.view.pods.find(({ node }) => node === 'b1')).toMatchObject({
      running: true,
      listening: true,
      inEndpoints: true,
      restartCount: 1,
      processStartedUs: 21_500_000,
    });
    expect(plane.pods().find(({ node }) => node === 'b1')?.lastTerminationReason).toBe('Unknown');
  });

  it('before the tolerations end: taints go, deletions are cancelled, the same pod is ready again', async () => {
    const world = webWorld({ nodesPerZone: 1 });
    const { plane } = world;
    plane.advance(0);
    const lost = plane.pods().find(({ node }) => node === 'b1')?.pod;
    setPower(world, ['b1'], false);
    plane.advance(200_000);
    plane.drainEvents();
    setPower(world, ['b1'], true);
    plane.advance(205_000);
    expect(await nodeOf(world, 'b1')).toMatchObject({ ready: { status: 'True' }, taints: [] });
    expect(eventLines(plane.drainEvents(), 'TaintManagerEviction')).toEqual([
      `205 Cancelling deletion of Pod default/${lost}`,
    ]);
    plane.advance(900_000);
    expect(plane.pods()).toHaveLength(3);
    expect(plane.pods().find(({ pod }) => pod === lost)).toMatchObject({
      ready: true,
      restartCount: 1,
    });
  });

  it('after the eviction: the kubelet finishes the pending deletion', () => {
    const world = webWorld({ nodesPerZone: 2 });
    const { plane } = world;
    plane.advance(0);
    const lost = plane.pods().find(({ node }) => node === 'b1')?.pod;
    setPower(world, ['b1'], false);
    plane.advance(500_000);
    expect(plane.pods().some(({ pod }) => pod === lost)).toBe(true);
    setPower(world, ['b1'], true);
    expect(plane.pods().some(({ pod }) => pod === lost)).toBe(false);
    plane.advance(600_000);
    expect(plane.pods()).toHaveLength(3);
  });
});

describe('zones', () => {
  it('taint one node per 10 s when a whole zone is down and others are well', async () => {
    const world = webWorld({ nodesPerZone: 3 });
    const { plane } = world;
    plane.advance(0);
    setPower(world, ['a1', 'a2', 'a3'], false);
    plane.advance(120_000);
    const addedMs: number[] = [];
    for (const name of ['a1', 'a2', 'a3']) {
      const taint = (await nodeOf(world, name)).taints.find(({ effect }) => effect === 'NoExecute');
      addedMs.push(parseInstantMs(taint?.timeAdded ?? ''));
    }
    addedMs.sort((a, b) => a - b);
    const [first = 0, second = 0, third = 0] = addedMs;
    expect(first).toBeLessThanOrEqual(55_000);
    expect(second - first).toBeGreaterThanOrEqual(10_000);
    expect(third - second).toBeGreaterThanOrEqual(10_000);
    expect(third).toBeLessThanOrEqual(80_000);
  });

  it('evict nothing further while partially disrupted: 3 of 4 nodes of a small zone', async () => {
    const world = webWorld({ nodesPerZone: 4 });
    const { plane } = world;
    plane.advance(0);
    setPower(world, ['a1', 'a2', 'a3'], false);
    plane.advance(900_000);
    const tainted = await Promise.all(['a1', 'a2', 'a3'].map((name) => nodeOf(world, name)));
    const executed = tainted.filter(({ taints }) =>
      taints.some(({ effect }) => effect === 'NoExecute'),
    );
    expect(tainted.every(({ ready }) => ready?.status === 'Unknown')).toBe(true);
    expect(executed.length).toBeLessThan(3);
  });

  it('take the NoExecute taints back when every zone is down: the control plane is cut off', async () => {
    const world = webWorld({ nodesPerZone: 1, zones: 2, replicas: 2 });
    const { plane } = world;
    plane.advance(0);
    setPower(world, ['a1', 'b1'], false);
    plane.advance(900_000);
    for (const name of ['a1', 'b1']) {
      const { ready, taints } = await nodeOf(world, name);
      expect(ready?.status).toBe('Unknown');
      expect(taints.map(({ effect }) => effect)).toEqual(['NoSchedule']);
    }
    expect(eventLines(plane.drainEvents(), 'TaintManagerEviction').join()).not.toContain('Marking');
    setPower(world, ['a1', 'b1'], true);
    plane.advance(960_000);
    expect(plane.pods().every(({ ready }) => ready)).toBe(true);
  });
});
