import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ChangeEvent,
  type Kind,
  signalCatalogue,
  type Telemetry,
} from '../../core/observable/index.ts';
import { causeNames, type Fault, faultKinds, type Scenario } from '../../core/truth/index.ts';
import { runTrial } from '../../lab/index.ts';
import { WarmWorlds } from '../../lab/warm-worlds.ts';
import { listScenarios, loadScenario, resolveEpisode } from '../../scenarios/index.ts';
import { servedKinds } from '../../sim/control-plane/kinds.ts';
import type { Twin } from '../../sim/index.ts';
import { boutique, warmTwin } from '../sim/boutique.ts';
import { badRelease, requestFor, type ScenarioText, writeScenario, zoneDown } from './trials.ts';

const minuteMs = 60_000;
const keep = { faults: 'keep', telemetry: true } as const;
let warm: Twin;
beforeAll(async () => {
  warm = await warmTwin();
});

/** The faults or ambient happenings of a shipped scenario, the first of them at minute 1. */
function happeningsOf(scenario: Scenario, list: 'faults' | 'ambient'): Fault[] {
  const happenings = resolveEpisode(scenario, 1, boutique)[list];
  const firstMs = Math.min(...happenings.map(({ startMs }) => startMs));
  return happenings.map((fault) => ({ ...fault, startMs: fault.startMs - firstMs + minuteMs }));
}

async function playWith(faults: readonly Fault[], untilMs: number): Promise<[Twin, Telemetry]> {
  const twin = warm.fork(keep);
  twin.schedule(faults);
  return [twin, await twin.advance(untilMs)];
}

describe('names that only the lab knows change nothing observable', () => {
  const usual: ScenarioText = { id: 'first', faults: zoneDown };

  async function digestsOf(text: ScenarioText): Promise<string[]> {
    const { record } = await runTrial(requestFor(writeScenario(text)), { clockMs: () => 0 });
    return [record.telemetry.digest, record.exogenousDigest];
  }

  it('neither id, file, title and description, nor class and order of the faults', async () => {
    const expected = await digestsOf(usual);
    const renamed = { ...usual, id: 'zzz_other', title: 'Another name', description: 'Other.' };
    expect(await digestsOf(renamed)).toEqual(expected);
    const reclassed = { ...usual, faults: zoneDown.replaceAll('zone_outage', 'bad_release') };
    expect(await digestsOf(reclassed)).toEqual(expected);
    const [first, second] = ['network_partition', 'node_power_loss'];
    const swapped = zoneDown.replace(first, '*').replace(second, first).replace('*', second);
    expect(swapped).not.toBe(zoneDown);
    expect(await digestsOf({ ...usual, faults: swapped })).toEqual(expected);
  });

  it('nor who bears which id, nor the order in which the files are read and played', async () => {
    const texts = [
      { id: 'first', faults: zoneDown },
      { id: 'second', faults: badRelease },
      { id: 'third', faults: '[]', ends: 'healthy' },
    ];
    const digests: string[][] = [];
    for (const text of texts) digests.push(await digestsOf(text));
    expect(new Set(digests.map(([telemetry]) => telemetry)).size).toBe(3);
    for (const i of [2, 0, 1]) {
      const { id } = texts[(i + 1) % 3] as ScenarioText;
      expect(await digestsOf({ ...(texts[i] as ScenarioText), id })).toEqual(digests[i]);
    }
  });
});

/**
 * A name as somebody might have let it slip: zone_failure, zone-failure, zone failure, zoneFailure.
 */
function spellingsOf(name: string): RegExp {
  return new RegExp(`\\b${name.split('_').join('[-_ ./]?')}\\b`, 'i');
}

/** Words of the lab that no cluster, proxy, database or service has a use for. */
const labWords: readonly string[] = [
  'chaos',
  'fault',
  'faulty',
  'firedrill',
  'impairment',
  'injected',
  'leak',
  'mechanism',
  'remedy',
  'scenario',
  'slowdown',
  'spike',
  'trap',
];

/**
 * What others say in the words of a scenario's name: an errno, the node controller, an audit log.
 */
const wordsOfOthers = /too many open files|Kubelet stopped posting node status|-service deleted/g;

/** Every key and text in a value. */
function collectTexts(value: unknown, texts: Set<string>): void {
  if (typeof value === 'string') texts.add(value);
  else if (Array.isArray(value)) for (const item of value) collectTexts(item, texts);
  else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      texts.add(key);
      collectTexts(item, texts);
    }
  }
}

/** All text an operator could read: telemetry, its labels, and the objects of the API. */
async function textsOf([twin, telemetry]: [Twin, Telemetry]): Promise<Set<string>> {
  const texts = new Set<string>();
  const { logs, spans, events, changes, frames } = telemetry;
  collectTexts([logs, spans, events, changes, frames.at(-1)?.index.series], texts);
  for (const kind of servedKinds) {
    const answer = await twin.cluster.list(kind as Kind);
    // What the API server does not answer, nobody can read.
    if (answer.ok) collectTexts(answer.object, texts);
  }
  return texts;
}

/** Lower-case words; camelCase counts as two. What has digits in it is an identifier. */
function vocabularyOf(texts: ReadonlySet<string>): Set<string> {
  const words = new Set<string>();
  for (const text of texts) {
    const spaced = text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
    for (const [word] of spaced.matchAll(/\b[a-z]+\b/g)) words.add(word);
  }
  return words;
}

describe('nothing an operator can see contains a scenario, fault or mechanism word', () => {
  const scenarios = listScenarios().map(({ id }) => loadScenario(id));
  const faulty = scenarios.filter(({ faults }) => faults.length > 0);
  const names = [...scenarios.map(({ id }) => id), ...faultKinds, ...causeNames];
  /** The names of signals are said all the time. */
  const isSaid = (name: string): boolean => signalCatalogue.some((signal) => signal.name === name);
  const spellings = names.filter((name) => name.includes('_') && !isSaid(name)).map(spellingsOf);
  const worlds = new WarmWorlds();
  /** Scenarios on one topology say much the same. */
  const harmless = new Set<string>();

  /** Texts that give something away in the four minutes after the first fault. */
  async function leaksOf(scenario: Scenario): Promise<string[]> {
    const { spec } = worlds.describe(scenario);
    const { faults, ambient } = resolveEpisode(scenario, 1, spec);
    const soonerMs = Math.min(...faults.map(({ startMs }) => startMs)) - minuteMs;
    const world = await worlds.at({ ...scenario, warmUpMs: 5 * minuteMs }, 1);
    const twin = world.twin.fork(keep);
    // A benign happening may prepare what the fault then breaks.
    twin.schedule(
      [...ambient, ...faults].map((happening) => ({
        ...happening,
        startMs: Math.max(0, happening.startMs - soonerMs),
      })),
    );
    const texts = await textsOf([twin, await twin.advance(5 * minuteMs)]);
    expect(texts.size).toBeGreaterThan(3_000);
    const said = vocabularyOf(texts);
    return [
      ...labWords.filter((word) => said.has(word)),
      ...[...texts].filter((text) => {
        if (harmless.has(text)) return false;
        const own = text.replaceAll(wordsOfOthers, '');
        const isLeak = spellings.some((name) => name.test(own));
        if (!isLeak) harmless.add(text);
        return isLeak;
      }),
    ];
  }

  it('has names to look for, and scenarios to look in', () => {
    for (const name of ['zone_failure', 'network_partition', 'lost_index']) {
      expect(names).toContain(name);
    }
    expect(faulty.length).toBeGreaterThanOrEqual(60);
    const said = (text: string): boolean => spellings.some((name) => name.test(text));
    expect(said('a ZoneFailure, it seems')).toBe(true);
    expect(said('the zone has a failure')).toBe(false);
  });

  it('reads every kind of object, those that only some scenarios write among them', async () => {
    const { edits } = resolveEpisode(loadScenario('batch_work_preempts'), 1, boutique)
      .faults[0] as Fault;
    const manifests = (edits ?? []).flatMap((edit) => ('manifest' in edit ? [edit.manifest] : []));
    expect(manifests.map(({ kind }) => kind)).toEqual(['PriorityClass', 'Job']);
    const twin = warm.fork(keep);
    for (const manifest of manifests) await twin.cluster.create(manifest, { fieldManager: 'x' });
    const texts = await textsOf([twin, await twin.advance(twin.nowMs + 15_000)]);
    expect(texts).toContain('Month-end reports');
    expect(texts).toContain('report-builder');
    for (const kind of ['Secret', 'NetworkPolicy', 'Job', 'ResourceQuota', 'CronJob', 'Ingress']) {
      expect(servedKinds).toContain(kind);
    }
  });

  // All of them take minutes: FIREDRILL_FULL plays them, every sixth is played always.
  const played = process.env.FIREDRILL_FULL ? faulty : faulty.filter((_, i) => i % 6 === 0);
  const topologies = [...new Set(played.map(({ topology }) => topology))];
  it.each(topologies)(
    'on %s',
    async (topology) => {
      const leaks: [string, string[]][] = [];
      for (const scenario of played.filter((entry) => entry.topology === topology)) {
        leaks.push([scenario.id, await leaksOf(scenario)]);
      }
      expect(leaks.filter(([, texts]) => texts.length > 0)).toEqual([]);
    },
    600_000,
  );
});

describe('a bad release is written like a good one', () => {
  /** Without what is the release's own: service and tag. */
  function anonymous({ atMs: _at, ...change }: ChangeEvent): unknown {
    const service = change.component.slice('service/'.length);
    const text = JSON.stringify(change).replaceAll(service, 'SERVICE');
    return JSON.parse(text.replaceAll(change.release ?? '', 'TAG'));
  }

  it('same actor, same kind, same words', async () => {
    const bad = happeningsOf(loadScenario('bad_deploy'), 'faults');
    const [, withBad] = await playWith(bad, 3 * minuteMs);
    const good = resolveEpisode(loadScenario('benign_deploy'), 1, boutique).ambient;
    const [, withGood] = await playWith(
      good.map((fault, i) => ({ ...fault, startMs: (i + 1) * 2 * minuteMs })),
      10 * minuteMs,
    );
    expect(withGood.changes).toHaveLength(good.length);
    expect(withBad.changes).toHaveLength(1);
    const [expected] = withBad.changes.map(anonymous);
    for (const change of withGood.changes) expect(anonymous(change)).toEqual(expected);
  });

  it('of the same tag leaves the same objects, field managers and events', async () => {
    const [bad] = happeningsOf(loadScenario('bad_deploy'), 'faults') as [Fault];
    const good: Fault = { ...bad, parameters: { tag: 'v0.10.3' }, faultClass: null };
    const [badTwin, withBad] = await playWith([bad], 4 * minuteMs);
    const [goodTwin, withGood] = await playWith([good], 4 * minuteMs);
    expect(withBad.changes).toEqual(withGood.changes);
    expect(withBad.events).toEqual(withGood.events);
    for (const kind of ['Deployment', 'ReplicaSet', 'Pod', 'Event'] as const) {
      const lists = await Promise.all([badTwin, goodTwin].map(({ cluster }) => cluster.list(kind)));
      expect(lists[0]).toEqual(lists[1]);
    }
    const errors = ({ logs }: Telemetry): number =>
      logs.filter(({ severity }) => severity === 'ERROR').length;
    expect(errors(withBad)).toBeGreaterThan(3 * errors(withGood));
  });
});
