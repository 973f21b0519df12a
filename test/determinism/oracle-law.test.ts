import { beforeAll, describe, expect, it } from 'vitest';
import type { ChangeEvent, Kind, Telemetry } from '../../core/observable/index.ts';
import { type Fault, faultKinds, type Scenario } from '../../core/truth/index.ts';
import { runTrial } from '../../lab/index.ts';
import { listScenarios, loadScenario, resolveEpisode } from '../../scenarios/index.ts';
import type { Twin } from '../../sim/index.ts';
import { boutique, warmTwin } from '../sim/boutique.ts';
import { requestFor, type ScenarioText, writeScenario, zoneDown } from './trials.ts';

const minuteMs = 60_000;
const keep = { faults: 'keep', telemetry: true } as const;
let warm: Twin;
beforeAll(async () => {
  warm = await warmTwin();
}, 60_000);

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
});

/**
 * Words of scenario ids and fault kinds that good software and Kubernetes use every day, so that
 * finding them tells nothing. Each is said by the twin while nothing is wrong; a test makes sure.
 */
const ordinaryWords: readonly string[] = [
  // Kubernetes: kinds, fields and labels of objects.
  'node',
  'zone', // topology.kubernetes.io/zone
  'failure', // failureThreshold of a probe
  'delay', // initialDelaySeconds of a probe
  'healthy', // currentHealthy of a disruption budget; proxies say "no healthy upstream"
  'memory', // resources, and MemoryPressure
  // OpenTelemetry and delivery pipelines: the release that runs somewhere.
  'release',
  // The demo's own load generator.
  'load',
];

function wordsOf(name: string): string[] {
  return name.split('_');
}

/**
 * A name as somebody might have let it slip: zone_failure, zone-failure, zone failure, zoneFailure.
 */
function spellingsOf(name: string): RegExp {
  return new RegExp(wordsOf(name).join('[-_ ./]?'), 'i');
}

const kinds: readonly Kind[] = [
  'ConfigMap',
  'Deployment',
  'EndpointSlice',
  'Event',
  'HorizontalPodAutoscaler',
  'Lease',
  'Namespace',
  'Node',
  'Pod',
  'PodDisruptionBudget',
  'ReplicaSet',
  'Service',
];

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
  for (const kind of kinds) {
    const answer = await twin.cluster.list(kind);
    if (!answer.ok) throw new Error(answer.status.message);
    collectTexts(answer.object, texts);
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

describe('nothing an operator can see contains a scenario or fault word', () => {
  const ids = listScenarios().map(({ id }) => id);
  const banned = [...new Set([...ids, ...faultKinds].flatMap(wordsOf))].filter(
    (word) => !ordinaryWords.includes(word),
  );
  const faulty = ids.map(loadScenario).filter(({ faults }) => faults.length > 0);

  it('has words to look for, and scenarios to look in', () => {
    for (const word of ['partition', 'power', 'loss', 'leak', 'spike', 'slowdown', 'bad']) {
      expect(banned).toContain(word);
    }
    expect(faulty.length).toBeGreaterThanOrEqual(5);
  });

  it('leaves out only words that are said while nothing is wrong', async () => {
    const said = vocabularyOf(await textsOf(await playWith([], 5 * minuteMs)));
    expect(ordinaryWords.filter((word) => !said.has(word))).toEqual([]);
    expect(banned.filter((word) => said.has(word))).toEqual([]);
  });

  it.each(faulty.map((scenario) => scenario.id))('%s', async (id) => {
    const faults = happeningsOf(loadScenario(id), 'faults');
    const texts = await textsOf(await playWith(faults, 12 * minuteMs));
    expect(texts.size).toBeGreaterThan(10_000);
    const said = vocabularyOf(texts);
    expect(banned.filter((word) => said.has(word))).toEqual([]);
    const names = [...ids, ...faultKinds].filter((name) => name.includes('_')).map(spellingsOf);
    const leaks = [...texts].filter((text) => names.some((name) => name.test(text)));
    expect(leaks).toEqual([]);
  });
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
