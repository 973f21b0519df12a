import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KubernetesObject, Telemetry } from '../../core/observable/index.ts';
import { InputError, InvariantError } from '../../core/tools/index.ts';
import type { ObjectEdit } from '../../core/truth/index.ts';
import { subjectsOf } from '../../lab/self-test/edit-subjects.ts';
import { findSigns, record } from '../../lab/self-test/observe.ts';
import { createSelfTester } from '../../lab/self-test/tester.ts';
import { WorkerPool } from '../../lab/worker-pool.ts';
import { describeTopology, loadTopology } from '../../scenarios/index.ts';
import { createTwin, type Twin } from '../../sim/index.ts';

const spec = loadTopology('online_boutique');
const topology = describeTopology(spec);
const person = { fieldManager: 'kubectl-edit' };

async function world(): Promise<Twin> {
  const twin = createTwin({ spec, topology, seed: 1, startMs: -60_000, telemetry: false });
  await twin.advance(0);
  return twin;
}

async function create(twin: Twin, ...objects: object[]): Promise<void> {
  for (const object of objects) {
    const answer = await twin.cluster.create(object as KubernetesObject, person);
    if (!answer.ok) throw new Error(answer.status.message);
  }
}

const meta = (name: string): { name: string; namespace: string } => ({
  name,
  namespace: 'default',
});
const matchLabels = { app: 'adservice' };
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'adservice' };
const owned = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('ad-settings'), data: { level: '1' } },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: meta('ads'),
    spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 4 },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: meta('ads'),
    spec: { podSelector: { matchLabels }, policyTypes: ['Ingress'], ingress: [{}] },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: meta('ads'),
    spec: { selector: { matchLabels }, maxUnavailable: 1 },
  },
];
const quota = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: meta('team'),
  spec: { hard: { pods: '900' } },
};

describe('what an edit acts on', () => {
  it('is the service whose pods an object feeds, scales, selects or guards', async () => {
    const sound = await world();
    await create(sound, ...owned);
    const reads = {
      spec: {
        template: { spec: { volumes: [{ name: 'v', configMap: { name: 'ad-settings' } }] } },
      },
    };
    const deployment = { kind: 'Deployment', ...meta('adservice') } as const;
    await sound.cluster.patch(deployment, { type: 'strategic', body: reads }, person);
    const place = { cluster: sound.cluster, noFault: sound.cluster, topology };
    for (const { kind, metadata } of owned) {
      const edit = { verb: 'delete', object: { kind, ...metadata } } as ObjectEdit;
      expect(await subjectsOf(edit, place), kind).toEqual(['default/deployment/adservice']);
    }
    const { kind, metadata, ...policy } = owned[2] as (typeof owned)[2];
    const manifest = { kind, metadata: meta('new'), ...policy } as KubernetesObject;
    expect(await subjectsOf({ verb: 'create', manifest }, place)).toEqual([
      'default/deployment/adservice',
    ]);
  });

  it('is the object itself where nobody owns it, unless the fault has touched it', async () => {
    const sound = await world();
    await create(sound, quota);
    const faulty = sound.fork({ faults: 'keep', telemetry: false });
    const place = { cluster: faulty.cluster, noFault: sound.cluster, topology };
    const object = { kind: 'ResourceQuota', ...meta('team') } as const;
    const edit: ObjectEdit = { verb: 'delete', object };
    expect(await subjectsOf(edit, place)).toEqual(['config/team']);
    const body = { spec: { hard: { pods: '3' } } };
    await faulty.cluster.patch(object, { type: 'merge', body }, person);
    expect(await subjectsOf(edit, place)).toEqual([]);
    const volume = { kind: 'PersistentVolumeClaim', ...meta('data') } as const;
    const claim = { apiVersion: 'v1', metadata: meta('data'), spec: {} };
    for (const twin of [sound, faulty]) await create(twin, { ...claim, kind: volume.kind });
    expect(await subjectsOf({ verb: 'delete', object: volume }, place)).toEqual(['volume/data']);
  });
});

describe('a recording', () => {
  it('shows a copy that forgets something on the way', async () => {
    const before = await world();
    const fault = {
      kind: 'load_factor',
      target: 'user/*',
      startMs: 75_000,
      durationMs: null,
      parameters: { factor: 2 },
      faultClass: 'load_surge',
    } as const;
    before.schedule([fault]);
    const whole = await record(before, 'keep', 120_000);
    const halved = await record(before, 'keep', 120_000, 60_000);
    expect(halved.digest).toBe(whole.digest);
    expect(halved.telemetry.frames).toHaveLength(whole.telemetry.frames.length);
    const forgetful = {
      fork: () => {
        const start = before.fork({ faults: 'keep', telemetry: true });
        const fork = (): Twin => start.fork({ faults: 'drop', telemetry: true });
        return { advance: (untilMs: number) => start.advance(untilMs), fork };
      },
    } as unknown as Twin;
    expect((await record(forgetful, 'keep', 120_000, 60_000)).digest).not.toBe(whole.digest);
  });

  it('does not take what the hand of the fault wrote for a sign of it', () => {
    const sound: Telemetry = {
      ...{ fromMs: 0, untilMs: 15_000 },
      ...{ frames: [], logs: [], spans: [], events: [], changes: [] },
    };
    const change = {
      atMs: 5_000,
      kind: 'config',
      component: 'service/adservice',
      summary: 'HorizontalPodAutoscaler ads: maxReplicas 4 -> 2',
      actor: 'kubectl-edit',
    } as unknown as Telemetry['changes'][number];
    expect(findSigns({ ...sound, changes: [change] }, sound)).toEqual([]);
  });
});

describe('errors', () => {
  const request = { scenario: 'zone_failure', seed: 7, impactOnly: false };

  it('of the author make a failed check, so that the others are still tested', async () => {
    const test = createSelfTester(async () => {
      throw new InputError('object_edit on service/x: refused');
    });
    expect(await test(request)).toMatchObject({
      scenario: 'zone_failure',
      seed: 7,
      checks: [
        { check: 'playable', verdict: 'failed', measured: 'object_edit on service/x: refused' },
      ],
    });
  });

  it.each([new TypeError('x is undefined'), new InvariantError('a sum is off')])(
    'of ours surface: %s',
    async (error) => {
      const test = createSelfTester(async () => {
        throw error;
      });
      await expect(test(request)).rejects.toBe(error);
    },
  );

  it('of a worker say which scenario and seed, in their stack as well', async () => {
    const script = new URL(`file://${join(import.meta.dirname, 'failing-worker.ts')}`);
    const pool = new WorkerPool(script, { jobs: 1 });
    const error = await pool.play([request]).catch((caught: unknown) => caught as Error);
    await pool.close();
    expect(error).toMatchObject({ message: 'x is undefined (zone_failure, seed 7)', exitCode: 3 });
    expect((error as Error).stack).toMatch(/^TypeError: x is undefined \(zone_failure, seed 7\)\n/);
  });
});
