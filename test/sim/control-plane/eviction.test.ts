import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Status } from '../../../core/observable/index.ts';
import { budget, createWorld, deployment, expectOk, nodeSpecs, service } from './fixture.ts';

const data = process.env.FIREDRILL_DATA;
const manager = { fieldManager: 'kubectl' };

/** The JSON body of a recorded answer, by its title. */
function recorded(title: string): unknown {
  const text = readFileSync(`${data}/kubernetes-api/http-cases.txt`, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  return JSON.parse(section.slice(section.indexOf('\n{')));
}

function webWorld(...budgets: ReturnType<typeof budget>[]) {
  const world = createWorld({
    objects: [deployment('web', { replicas: 2 }), service('web'), ...budgets],
    nodes: nodeSpecs(3, 1),
  });
  world.plane.advance(0);
  const [first, second] = world.plane.pods();
  const ref = (name: string | undefined) =>
    ({ kind: 'Pod', namespace: 'default', name: name ?? '' }) as const;
  return { ...world, first: ref(first?.pod), second: ref(second?.pod) };
}

async function refusal(answer: Promise<{ ok: boolean; status?: Status }>): Promise<Status> {
  const { ok, status } = await answer;
  expect(ok).toBe(false);
  return status as Status;
}

describe('eviction', () => {
  it('is granted once and refused while the budget is exhausted', async () => {
    const { plane, first, second } = webWorld(budget('web', { minAvailable: 1 }));
    const granted = expectOk(await plane.api.evict(first, manager));
    expect(granted).toMatchObject({ status: 'Success', code: 201 });
    const status = await refusal(plane.api.evict(second, manager));
    expect(status.code).toBe(429);
    plane.advance(60_000);
    expectOk(await plane.api.evict(second, manager));
    plane.advance(120_000);
    expect(plane.pods()).toHaveLength(2);
    expect(plane.pods().every(({ ready }) => ready)).toBe(true);
  });

  it('on a dry run changes nothing', async () => {
    const { plane, first, second } = webWorld(budget('web', { minAvailable: 1 }));
    expectOk(await plane.api.evict(first, { ...manager, dryRun: true }));
    expectOk(await plane.api.evict(second, { ...manager, dryRun: true }));
    plane.advance(60_000);
    expect(plane.pods().map(({ pod }) => pod)).toEqual([first.name, second.name]);
  });

  it('is refused by a budget that its controller has not counted yet', async () => {
    const { plane, first } = webWorld();
    expectOk(await plane.api.create(budget('web', { minAvailable: 1 }), manager));
    expect((await refusal(plane.api.evict(first, manager))).code).toBe(429);
    plane.advance(1000);
    expectOk(await plane.api.evict(first, manager));
  });

  it('by maxUnavailable counts what the Deployment wants', async () => {
    const { plane, first, second } = webWorld(budget('web', { maxUnavailable: '50%' }));
    expectOk(await plane.api.evict(first, manager));
    expect((await refusal(plane.api.evict(second, manager))).code).toBe(429);
  });

  it.skipIf(!data)('is refused with the recorded 429 body (needs FIREDRILL_DATA)', async () => {
    const { plane, first } = webWorld(budget('web', { minAvailable: 9 }));
    expect(await refusal(plane.api.evict(first, manager))).toEqual(recorded('evict 429 pdb'));
  });

  it.skipIf(!data)('with two budgets is the recorded 500 (needs FIREDRILL_DATA)', async () => {
    const strict = { ...budget('web', { minAvailable: 2 }), metadata: { name: 'strict' } };
    const { plane, first } = webWorld(budget('web', { minAvailable: 1 }), strict);
    expect(await refusal(plane.api.evict(first, manager))).toEqual(
      recorded('evict multiple pdbs 500'),
    );
  });

  it.skipIf(!data)('granted is the recorded 201 (needs FIREDRILL_DATA)', async () => {
    const { plane, first } = webWorld();
    expect(expectOk(await plane.api.evict(first, manager))).toEqual(recorded('evict 201'));
  });
});

describe('drain', () => {
  it('of a cordoned node moves its pods elsewhere and takes them out of the endpoints at once', async () => {
    const { plane } = webWorld(budget('web', { minAvailable: 1 }));
    const [moved] = plane.view.pods;
    const node = { kind: 'Node', name: moved?.node ?? '' } as const;
    const cordon = { type: 'merge', body: { spec: { unschedulable: true } } } as const;
    expectOk(await plane.api.patch(node, cordon, manager));
    expectOk(
      await plane.api.evict(
        { kind: 'Pod', namespace: 'default', name: moved?.name ?? '' },
        manager,
      ),
    );
    plane.advance(0);
    const leaving = plane.view.pods.find(({ uid }) => uid === moved?.uid);
    expect(leaving).toMatchObject({ running: true, listening: true, inEndpoints: false });
    plane.advance(4999);
    expect(plane.view.pods.some(({ uid }) => uid === moved?.uid)).toBe(true);
    plane.advance(5000);
    expect(plane.view.pods.some(({ uid }) => uid === moved?.uid)).toBe(false);
    plane.advance(60_000);
    expect(plane.pods().some(({ node: name }) => name === node.name)).toBe(false);
    const cordoned = expectOk(await plane.api.get(node));
    expect(cordoned.spec?.taints).toMatchObject([
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
    ]);
  });
});
