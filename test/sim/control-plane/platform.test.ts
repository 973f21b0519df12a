import { describe, expect, it } from 'vitest';
import { type KindMap, runbookJob } from '../../../core/observable/index.ts';
import { onNode } from '../../../sim/platform-components.ts';
import {
  createWorld,
  deployment,
  eventLines,
  expectOk,
  getDeployment,
  listPods,
  readyOf,
  service,
  type World,
} from './fixture.ts';

const person = { fieldManager: 'kubectl' };

function warmWorld(replicas = 3): World {
  const world = createWorld({ objects: [deployment('web', { replicas }), service('web')] });
  world.plane.advance(0);
  world.plane.drainEvents();
  return world;
}

function take(world: World, ...names: string[]): void {
  for (const name of names) world.conditions.downComponents.add(name);
  world.plane.refreshConditions();
}

function giveBack(world: World, ...names: string[]): void {
  for (const name of names) world.conditions.downComponents.delete(name);
  world.plane.refreshConditions();
}

async function killOne({ plane }: World): Promise<string> {
  const name = (await listPods(plane, 'web'))[0]?.metadata?.name ?? '';
  const ref = { kind: 'Pod', namespace: 'default', name } as const;
  expectOk(await plane.api.remove(ref, { ...person, gracePeriodSeconds: 0 }));
  return name;
}

async function nodeOf({ plane }: World, name: string): Promise<KindMap['Node']> {
  return expectOk(await plane.api.get({ kind: 'Node', name }));
}

function readyCondition(node: KindMap['Node']): string {
  const found = node.status?.conditions?.find(({ type }) => type === 'Ready');
  return `${found?.status} ${found?.reason}`;
}

describe('a node without a kubelet', () => {
  it('goes on serving until its grace is over, then leaves the endpoints', async () => {
    const world = warmWorld();
    take(world, onNode('kubelet', 'a1'));
    world.plane.advance(30_000);
    expect(readyCondition(await nodeOf(world, 'a1'))).toBe('True KubeletReady');
    world.plane.advance(70_000);
    expect(readyCondition(await nodeOf(world, 'a1'))).toBe('Unknown NodeStatusUnknown');
    const here = world.plane.view.pods.filter(({ node }) => node === 'a1');
    expect(
      here.map(({ running, listening, inEndpoints }) => [running, listening, inEndpoints]),
    ).toEqual([[true, true, false]]);
    expect(world.plane.view.nodes.find(({ name }) => name === 'a1')?.powered).toBe(true);
  });

  it('has its pods replaced after five minutes; they stay Terminating and go on running', async () => {
    const world = warmWorld();
    take(world, onNode('kubelet', 'a1'));
    world.plane.advance(400_000);
    const pods = await listPods(world.plane, 'web');
    expect(pods).toHaveLength(4);
    const left = pods.filter(({ metadata }) => metadata?.deletionTimestamp);
    expect(left.map(({ spec }) => spec?.nodeName)).toEqual(['a1']);
    expect(world.plane.view.pods.filter(({ running }) => running)).toHaveLength(4);
    giveBack(world, onNode('kubelet', 'a1'));
    world.plane.advance(410_000);
    expect(await listPods(world.plane, 'web')).toHaveLength(3);
  });

  it('is well again as soon as its kubelet is back', async () => {
    const world = warmWorld();
    take(world, onNode('kubelet', 'a1'));
    world.plane.advance(100_000);
    giveBack(world, onNode('kubelet', 'a1'));
    world.plane.advance(102_000);
    expect(readyCondition(await nodeOf(world, 'a1'))).toBe('True KubeletReady');
    expect((await listPods(world.plane, 'web')).map(readyOf)).toEqual(['True', 'True', 'True']);
    world.plane.advance(500_000);
    expect(await listPods(world.plane, 'web')).toHaveLength(3);
  });
});

describe('a node without a container runtime', () => {
  it('reports it after its grace, keeps what runs and starts nothing', async () => {
    const world = warmWorld(2);
    take(world, onNode('container_runtime', 'c1'));
    const body = { spec: { replicas: 3 } };
    const ref = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    expectOk(await world.plane.api.patch(ref, { type: 'merge', body }, person));
    world.plane.advance(25_000);
    const waiting = (await listPods(world.plane, 'web')).filter((pod) => readyOf(pod) !== 'True');
    expect(waiting.map(({ spec, status }) => [spec?.nodeName, status?.phase])).toEqual([
      ['c1', 'Pending'],
    ]);
    const events = world.plane.drainEvents();
    expect(eventLines(events, 'FailedCreatePodSandBox').length).toBeGreaterThan(0);
    world.plane.advance(40_000);
    expect(readyCondition(await nodeOf(world, 'c1'))).toBe('False KubeletNotReady');
    const taints = (await nodeOf(world, 'c1')).spec?.taints?.map(({ key }) => key);
    expect(taints).toContain('node.kubernetes.io/not-ready');
    giveBack(world, onNode('container_runtime', 'c1'));
    world.plane.advance(70_000);
    expect(readyCondition(await nodeOf(world, 'c1'))).toBe('True KubeletReady');
    expect((await getDeployment(world.plane, 'web')).status?.readyReplicas).toBe(3);
  });
});

describe('a cluster without its scheduler', () => {
  it('leaves new pods Pending without a word, except those of the runbook', async () => {
    const world = warmWorld();
    take(world, 'scheduler');
    await killOne(world);
    expectOk(await world.plane.api.create(runbookJob('restart_scheduler', 'config/x', 1), person));
    world.plane.advance(20_000);
    const pending = (await listPods(world.plane, 'web')).filter(({ spec }) => !spec?.nodeName);
    expect(pending.map(({ status }) => status?.phase)).toEqual(['Pending']);
    expect(pending[0]?.status?.conditions).toBeUndefined();
    expect(eventLines(world.plane.drainEvents(), 'FailedScheduling')).toEqual([]);
    world.plane.advance(30_000);
    expect(world.plane.drainProcedures().map(({ procedure }) => procedure)).toEqual([
      'restart_scheduler',
    ]);
    giveBack(world, 'scheduler');
    world.plane.advance(45_000);
    expect((await getDeployment(world.plane, 'web')).status?.readyReplicas).toBe(3);
  });

  it('a pod that asks for another scheduler waits for it', async () => {
    const world = createWorld({
      objects: [deployment('web', { pod: { schedulerName: 'other' } })],
    });
    world.plane.advance(0);
    expect((await listPods(world.plane, 'web')).map(({ spec }) => spec?.nodeName)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('a cluster without its controller manager', () => {
  it('makes up for nothing until it is back, and then for everything', async () => {
    const world = warmWorld();
    take(world, 'controller_manager');
    await killOne(world);
    take(world, onNode('kubelet', 'b1'));
    world.plane.advance(200_000);
    expect(await listPods(world.plane, 'web')).toHaveLength(2);
    expect(readyCondition(await nodeOf(world, 'b1'))).toBe('True KubeletReady');
    giveBack(world, 'controller_manager');
    world.plane.advance(300_000);
    expect(readyCondition(await nodeOf(world, 'b1'))).toBe('Unknown NodeStatusUnknown');
    expect((await listPods(world.plane, 'web')).length).toBeGreaterThanOrEqual(3);
  });
});

describe('an API server that cannot serve', () => {
  const ref = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
  const patch = { type: 'merge', body: { spec: { replicas: 5 } } } as const;

  it('refuses everything, and nothing is reconciled', async () => {
    const world = warmWorld();
    take(world, 'api_server');
    const read = await world.plane.api.get(ref);
    const write = await world.plane.api.patch(ref, patch, person);
    for (const answer of [read, write]) {
      expect(answer.ok ? 200 : answer.status.code).toBe(503);
    }
    giveBack(world, 'api_server');
    expect((await world.plane.api.get(ref)).ok).toBe(true);
  });

  it('without its store still reads', async () => {
    const world = warmWorld();
    take(world, 'etcd');
    expect((await world.plane.api.get(ref)).ok).toBe(true);
    const write = await world.plane.api.patch(ref, patch, person);
    expect(write.ok ? '' : write.status.message).toBe('etcdserver: request timed out');
  });
});

describe('processes and nodes', () => {
  it('a killed process is restarted in place', async () => {
    const world = warmWorld();
    const [victim] = world.plane.view.pods;
    world.conditions.doomedProcesses.add(victim?.uid ?? '');
    world.plane.refreshConditions();
    expect(world.conditions.doomedProcesses.size).toBe(0);
    world.plane.advance(10_000);
    const after = world.plane.view.pods.find(({ uid }) => uid === victim?.uid);
    expect(after).toMatchObject({ restartCount: 1, running: true });
  });

  it('a rebooting node is without power, and a fork remembers it', async () => {
    const world = warmWorld();
    world.conditions.rebootingNodes.set('a1', 60_000);
    world.plane.refreshConditions();
    const powered = (plane: World['plane']): boolean | undefined =>
      plane.view.nodes.find(({ name }) => name === 'a1')?.powered;
    expect(powered(world.plane)).toBe(false);
    const fork = world.plane.fork(world.conditions);
    world.conditions.rebootingNodes.clear();
    world.plane.refreshConditions();
    expect(powered(world.plane)).toBe(true);
    expect(powered(fork)).toBe(false);
  });
});
