import { describe, expect, it } from 'vitest';
import { type KindMap, runbookJob } from '../../../core/observable/index.ts';
import { nextCronMs } from '../../../sim/control-plane/cron-schedule.ts';
import { createWorld, deployment, eventLines, expectOk, type World } from './fixture.ts';

const person = { fieldManager: 'kubectl' };

function job(name: string, spec: Partial<NonNullable<KindMap['Job']['spec']>>): KindMap['Job'] {
  const template = {
    metadata: { labels: { app: name } },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'tool:1', command: ['sleep', '10'] }],
    },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default' },
    spec: { template, ...spec },
  };
}

function failing(name: string, spec: Partial<NonNullable<KindMap['Job']['spec']>>): KindMap['Job'] {
  const made = job(name, spec);
  const [container] = made.spec?.template.spec?.containers ?? [];
  if (container) container.command = ['false'];
  return made;
}

async function getJob({ plane }: World, name: string): Promise<KindMap['Job']> {
  return expectOk(await plane.api.get({ kind: 'Job', namespace: 'default', name }));
}

async function podsOf({ plane }: World, app: string): Promise<readonly KindMap['Pod'][]> {
  return expectOk(await plane.api.list('Pod', { labelSelector: { app } }));
}

describe('a Job', () => {
  it('runs its pod to completion and keeps it', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    world.plane.drainEvents();
    expectOk(await world.plane.api.create(job('sum', {}), person));
    world.plane.advance(5_000);
    expect((await getJob(world, 'sum')).status).toMatchObject({ active: 1, ready: 1 });
    world.plane.advance(20_000);
    const { status } = await getJob(world, 'sum');
    expect(status).toMatchObject({ succeeded: 1, completionTime: expect.any(String) });
    expect(status?.conditions?.map(({ type, reason }) => [type, reason])).toEqual([
      ['SuccessCriteriaMet', 'CompletionsReached'],
      ['Complete', 'CompletionsReached'],
    ]);
    const [pod] = await podsOf(world, 'sum');
    expect(pod?.status?.phase).toBe('Succeeded');
    expect(pod?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0 });
    expect(eventLines(world.plane.drainEvents(), 'Completed')).toEqual(['12 Job completed']);
  });

  it('makes as many pods as it needs, no more at a time than it may', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    expectOk(await world.plane.api.create(job('many', { completions: 3, parallelism: 2 }), person));
    world.plane.advance(5_000);
    expect(await podsOf(world, 'many')).toHaveLength(2);
    world.plane.advance(60_000);
    expect((await getJob(world, 'many')).status?.succeeded).toBe(3);
  });

  it('gives up after its back-off limit, with growing waits', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    expectOk(await world.plane.api.create(failing('bad', { backoffLimit: 2 }), person));
    world.plane.advance(120_000);
    const { status } = await getJob(world, 'bad');
    expect(status?.failed).toBe(3);
    expect(status?.conditions?.at(-1)).toMatchObject({
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
    });
    const starts = (await podsOf(world, 'bad')).map(({ status }) => status?.startTime ?? '');
    const [first, second, third] = starts.sort().map((text) => Date.parse(text) / 1000);
    expect((second as number) - (first as number)).toBeGreaterThanOrEqual(10);
    expect((third as number) - (second as number)).toBeGreaterThanOrEqual(20);
  });

  it('restarts the container in place when its policy says so', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    const made = failing('again', { backoffLimit: 2 });
    if (made.spec?.template.spec) made.spec.template.spec.restartPolicy = 'OnFailure';
    expectOk(await world.plane.api.create(made, person));
    world.plane.advance(10_000);
    const [pod] = await podsOf(world, 'again');
    expect(pod?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    world.plane.advance(120_000);
    expect((await getJob(world, 'again')).status?.conditions?.at(-1)?.type).toBe('Failed');
  });

  it('ends at its deadline, and goes after its time to live', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    const slow = job('slow', { activeDeadlineSeconds: 5, ttlSecondsAfterFinished: 30 });
    expectOk(await world.plane.api.create(slow, person));
    world.plane.advance(15_000);
    expect((await getJob(world, 'slow')).status?.conditions?.at(-1)?.reason).toBe(
      'DeadlineExceeded',
    );
    world.plane.advance(60_000);
    const gone = await world.plane.api.get({ kind: 'Job', namespace: 'default', name: 'slow' });
    expect(gone.ok).toBe(false);
    expect(await podsOf(world, 'slow')).toEqual([]);
  });

  it('of the runbook tells what was done, once, when it completes', async () => {
    const world = createWorld({ objects: [deployment('web')] });
    world.plane.advance(0);
    expectOk(await world.plane.api.create(runbookJob('clean_disk', 'node/a1', 1), person));
    world.plane.advance(20_000);
    expect(world.plane.drainProcedures()).toEqual([]);
    world.plane.advance(25_000);
    expect(world.plane.drainProcedures()).toEqual([{ procedure: 'clean_disk', target: 'node/a1' }]);
    world.plane.advance(60_000);
    expect(world.plane.drainProcedures()).toEqual([]);
  });
});

describe('a Job that runs kubectl', () => {
  const patchJob = (words: string[]): KindMap['Job'] => {
    const made = job('tool', { backoffLimit: 0 });
    const [container] = made.spec?.template.spec?.containers ?? [];
    if (container) container.command = ['kubectl', 'patch', ...words];
    return made;
  };

  it('patches an object of its namespace', async () => {
    const world = createWorld({ objects: [deployment('web')] });
    world.plane.advance(0);
    const body = '{"spec":{"replicas":4}}';
    expectOk(await world.plane.api.create(patchJob(['Deployment', 'web', '-p', body]), person));
    world.plane.advance(30_000);
    const ref = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
    expect(expectOk(await world.plane.api.get(ref)).spec?.replicas).toBe(4);
    const change = world.plane.drainChanges().find(({ kind }) => kind === 'scale');
    expect(change).toMatchObject({ actor: 'kubectl-patch', summary: 'replicas 2 -> 4' });
    expect((await getJob(world, 'tool')).status?.succeeded).toBe(1);
  });

  it('fails on what is not there', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    expectOk(await world.plane.api.create(patchJob(['Deployment', 'web', '-p', '{}']), person));
    world.plane.advance(30_000);
    expect((await getJob(world, 'tool')).status?.failed).toBe(1);
  });
});

describe('a CronJob', () => {
  function cronJob(spec: Partial<NonNullable<KindMap['CronJob']['spec']>>): KindMap['CronJob'] {
    const { spec: jobSpec } = job('tick', {});
    return {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tick', namespace: 'default' },
      spec: { schedule: '*/2 * * * *', jobTemplate: { spec: jobSpec as never }, ...spec },
    };
  }

  async function namesOf({ plane }: World): Promise<string[]> {
    const jobs = expectOk(await plane.api.list('Job'));
    return jobs.map(({ metadata }) => metadata?.name ?? '');
  }

  it('makes a Job at each instant of its schedule and keeps three', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    expectOk(await world.plane.api.create(cronJob({}), person));
    world.plane.advance(119_000);
    expect(await namesOf(world)).toEqual([]);
    world.plane.advance(121_000);
    expect(await namesOf(world)).toHaveLength(1);
    world.plane.advance(600_000);
    expect(await namesOf(world)).toHaveLength(4);
    world.plane.advance(630_000);
    expect(await namesOf(world)).toHaveLength(3);
  });

  it('rests while suspended, and does not overlap itself when that is forbidden', async () => {
    const world = createWorld({ objects: [] });
    world.plane.advance(0);
    const long = cronJob({ concurrencyPolicy: 'Forbid' });
    const [container] = long.spec?.jobTemplate.spec?.template.spec?.containers ?? [];
    if (container) container.command = ['sleep', '200'];
    expectOk(await world.plane.api.create(long, person));
    world.plane.advance(250_000);
    expect(await namesOf(world)).toHaveLength(1);
    const ref = { kind: 'CronJob', namespace: 'default', name: 'tick' } as const;
    const body = { spec: { suspend: true } };
    expectOk(await world.plane.api.patch(ref, { type: 'merge', body }, person));
    world.plane.advance(900_000);
    expect(await namesOf(world)).toHaveLength(1);
  });

  it('reads crontab lines in UTC', () => {
    const minute = 60_000;
    // Virtual time 0 is Monday 2026-01-05 09:00.
    expect(nextCronMs('*/5 * * * *', 0)).toBe(5 * minute);
    expect(nextCronMs('30 9 * * *', 0)).toBe(30 * minute);
    expect(nextCronMs('0 2 * * *', 0)).toBe(17 * 60 * minute);
    expect(nextCronMs('0 9 * * 2', 0)).toBe(24 * 60 * minute);
    expect(nextCronMs('0 9 6 * 1', 1)).toBe(24 * 60 * minute);
    expect(nextCronMs('15,45 9-10 * 1 *', 20 * minute)).toBe(45 * minute);
    expect(nextCronMs('now and then', 0)).toBeNull();
  });
});
