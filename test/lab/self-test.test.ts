import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ScenarioSelfTest, SelfTestCheck } from '../../core/truth/index.ts';
import { findLosses } from '../../lab/self-test/losses.ts';
import { findSigns, record } from '../../lab/self-test/observe.ts';
import { selfTest } from '../../lab/self-test/self-test.ts';
import { buildStage, type Stage } from '../../lab/self-test/stage.ts';
import { WarmWorlds } from '../../lab/warm-worlds.ts';
import { loadScenario, resolveEpisode } from '../../scenarios/index.ts';

/** Each test plays a whole battery. */
vi.setConfig({ testTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), 'self-test-'));
const worlds = new WarmWorlds();

interface Planted {
  readonly id: string;
  readonly faults: string;
  readonly ends?: string;
  readonly rest?: string;
}

function load({
  id,
  faults,
  ends = 'remedied',
  rest = '',
}: Planted): ReturnType<typeof loadScenario> {
  const path = join(folder, `${id}.yaml`);
  const lines = [
    `id: ${id}`,
    'version: 1',
    'title: Planted',
    'description: Planted.',
    'topology: online_boutique',
    'warmUp: 5m',
    'duration: 8m',
    `faults: ${faults}`,
    `ends: ${ends}`,
    rest,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return loadScenario(path);
}

async function stageOf(planted: Planted): Promise<Stage> {
  const scenario = load(planted);
  const episode = resolveEpisode(scenario, 1, worlds.describe(scenario).spec);
  return buildStage(episode, await worlds.at(scenario, 1));
}

async function test(planted: Planted): Promise<ScenarioSelfTest> {
  return selfTest(await stageOf(planted), 'again', { impactOnly: false });
}

function of(
  result: ScenarioSelfTest,
  check: SelfTestCheck['check'],
  subject?: string,
): SelfTestCheck {
  const found = result.checks.find(
    (entry) => entry.check === check && (subject === undefined || entry.subject === subject),
  );
  if (!found) throw new Error(`no check ${check} ${subject}`);
  return found;
}

const badRelease = `[
  { kind: release, target: service/productcatalogservice, start: 60s, faultClass: bad_release,
    parameters: { tag: v0.10.3, errorRatio: 0.4 } } ]`;
const rollBack = '{ action: rollback, target: $target }';
const restart = '{ action: restart, target: $target }';
const mailBudget = `{ create: { apiVersion: policy/v1, kind: PodDisruptionBudget,
    metadata: { name: mail, namespace: default },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: emailservice } } } } }`;
const noReplicas = '{ patch: Deployment/$workload, merge: { spec: { replicas: 0 } } }';

describe('a sound scenario', () => {
  it('passes, and wrong remedies and traps beside it are caught one by one', async () => {
    const treatments = (good: string, wrong: string, extra = ''): string =>
      `[{ id: right, why: w, do: [${good}] }, { id: wrong, why: w, do: [${wrong}] }${extra}]`;
    const killed = `, { id: nothing_left, why: w, do: [${noReplicas}] }`;
    const bystander = `, { id: bystander, why: w, do: [${rollBack}, { action: cordon, target: node/node-a1 }] }`;
    const budgeted = `, { id: budgeted, why: w, do: [${rollBack}, ${mailBudget}] }`;
    const refused = `, { id: refused, why: w, do: [${noReplicas.replace('$workload', 'nowhere')}] }`;
    const result = await test({
      id: 'planted_release',
      faults: badRelease,
      rest: [
        `remedies: ${treatments(rollBack, restart, killed + bystander + budgeted)}`,
        `traps: ${treatments(restart, rollBack, refused)}`,
      ].join('\n'),
    });
    for (const check of [
      'healthy_before',
      'after_injection',
      'after_undo',
      'observability',
      'determinism',
    ] as const) {
      expect(of(result, check)).toMatchObject({ verdict: 'passed' });
    }
    expect(of(result, 'remedy', 'right')).toMatchObject({ verdict: 'passed' });
    expect(of(result, 'remedy', 'wrong')).toMatchObject({
      verdict: 'failed',
      expected: 'cures',
      measured: expect.stringMatching(/^not recovered, .* % good at the end$/),
    });
    expect(of(result, 'remedy', 'bystander').measured).toContain('collateral actions 1');
    expect(of(result, 'remedy', 'budgeted').measured).toContain('collateral actions 1');
    expect(of(result, 'playable', 'trap refused')).toMatchObject({
      verdict: 'failed',
      measured: expect.stringMatching(/^the trap could not be played: .*"nowhere" not found$/),
    });
    expect(result.checks.filter(({ subject }) => subject === 'refused')).toEqual([]);
    expect(of(result, 'trap', 'right')).toMatchObject({ verdict: 'passed' });
    expect(of(result, 'trap', 'wrong')).toMatchObject({ verdict: 'failed' });
    expect(of(result, 'cheat', 'scale_to_zero')).toMatchObject({
      verdict: 'skipped',
      measured: 'equals the remedy nothing_left',
    });
    expect(of(result, 'cheat', 'restart_in_a_loop').measured).toBe('equals the remedy wrong');
    expect(of(result, 'cheat', 'mute_the_alert')).toMatchObject({ verdict: 'skipped' });
    expect(of(result, 'cheat', 'delete_deployment')).toMatchObject({ verdict: 'passed' });
  });
});

describe('a scenario that is not what it says', () => {
  const harmless = badRelease.replace('0.4', '0');
  it('whose fault does nothing users feel', async () => {
    const result = await test({ id: 'planted_nothing', faults: harmless });
    expect(of(result, 'after_injection')).toMatchObject({
      verdict: 'failed',
      measured: 'no user felt anything',
    });
    expect(of(result, 'observability')).toMatchObject({ verdict: 'passed' });
  });

  it('whose fault nobody can see', async () => {
    const faults = `[{ kind: load_factor, target: user/*, start: 60s, faultClass: load_surge,
      parameters: { factor: 1 } }]`;
    const result = await test({ id: 'planted_unseen', faults, ends: 'silent' });
    expect(of(result, 'after_injection')).toMatchObject({ verdict: 'passed' });
    expect(of(result, 'observability')).toMatchObject({
      verdict: 'failed',
      measured: 'none differs',
    });
  });

  it.each(['silent', 'self', 'metastable'])('%s', async (ends) => {
    const result = await test({ id: `planted_${ends}`, faults: badRelease, ends });
    const check = ends === 'metastable' ? 'after_undo' : 'after_injection';
    expect(of(result, check)).toMatchObject({ verdict: 'failed' });
  });

  it('metastable, though users are well once it is undone and only an object is missing', async () => {
    const stage = await stageOf({ id: 'planted_loss', faults: badRelease, ends: 'metastable' });
    const metadata = { name: 'lost', namespace: 'default' };
    const lost = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} };
    await stage.noFault.cluster.create(lost, { fieldManager: 'kubectl-edit' });
    const result = await selfTest(stage, 'again', { impactOnly: false });
    expect(of(result, 'after_undo')).toMatchObject({
      verdict: 'failed',
      measured: expect.stringContaining('ConfigMap default/lost is gone'),
    });
  });

  it('that begins in a system without health', async () => {
    const broken = badRelease.replace('0.4', '0.9').replace(/, faultClass: bad_release/, '');
    const result = await test({
      id: 'planted_unwell',
      faults: badRelease.replace('60s', '210s').replaceAll('productcatalogservice', 'adservice'),
      rest: `ambient: ${broken}`,
    });
    expect(of(result, 'healthy_before')).toMatchObject({
      verdict: 'failed',
      measured: expect.stringContaining('no steady state before injection'),
    });
  });
});

describe('the general criteria', () => {
  it('see a probe, an object and the last ready pod that are gone', async () => {
    const scenario = load({ id: 'planted_losses', faults: badRelease });
    const { twin } = await worlds.at(scenario, 1);
    const treated = twin.fork({ faults: 'keep', telemetry: false });
    const none = { livenessProbe: null, readinessProbe: null };
    const object = { kind: 'Deployment', namespace: 'default', name: 'cartservice' } as const;
    const containers = [{ name: 'server', ...none }];
    const writer = { fieldManager: 'kubectl-edit' };
    const found = await treated.cluster.get(object);
    if (!found.ok) throw new Error(found.status.message);
    const name = found.object.spec?.template.spec?.containers[0]?.name ?? 'server';
    const body = { spec: { template: { spec: { containers: [{ ...containers[0], name }] } } } };
    await treated.cluster.patch(object, { type: 'strategic', body }, writer);
    await treated.cluster.remove({ ...object, name: 'adservice' }, writer);
    const idle = { spec: { replicas: 0 } };
    await treated.cluster.patch(
      { ...object, name: 'redis-cart' },
      { type: 'merge', body: idle },
      writer,
    );
    await treated.advance(treated.nowMs + 120_000);
    const losses = await findLosses(treated.cluster, twin.cluster);
    expect(losses).toContain('Deployment default/adservice is gone');
    expect(losses).toContain('Deployment default/redis-cart has no ready pod');
    expect(losses.join()).toMatch(/Deployment default\/cartservice has no .*Probe/);
    expect(await findLosses(twin.cluster, twin.cluster)).toEqual([]);
  });

  it('see another digest and signs only where something differs', async () => {
    const scenario = load({ id: 'planted_signs', faults: badRelease });
    const { spec } = worlds.describe(scenario);
    const { twin } = await worlds.at(scenario, 1);
    const before = twin.fork({ faults: 'keep', telemetry: false });
    before.schedule(resolveEpisode(scenario, 1, spec).faults);
    const [faulty, again, sound] = [
      await record(before, 'keep', 180_000),
      await record(before, 'keep', 180_000),
      await record(before, 'drop', 180_000),
    ];
    expect(again.digest).toBe(faulty.digest);
    expect(sound.digest).not.toBe(faulty.digest);
    expect(findSigns(again.telemetry, faulty.telemetry)).toEqual([]);
    expect(findSigns(faulty.telemetry, sound.telemetry)).toEqual(
      expect.arrayContaining(['error_ratio of service/productcatalogservice']),
    );
  });
});
