import { expect, it } from 'vitest';
import {
  type Detector,
  type Evidence,
  type LogRecord,
  scrapeIntervalMs,
  type Topology,
  type World,
} from '../../core/observable/index.ts';
import { createHealer, Guard, readShippedPolicies } from '../../healers/index.ts';
import { HealingLoop } from '../../lab/loop.ts';

const topology: Topology = {
  name: 'one',
  entry: 'cart',
  services: [],
  calls: [],
  nodes: [],
} as unknown as Topology;

/** Scrapes at which there is an alarm; log lines change at the first and at the last of these. */
const alarmFrom = 100;
const alarmUntil = 110;
const strangeAt = [60, 101, 140];

function line(atMs: number, body: string): LogRecord {
  return {
    atMs,
    severity: 'INFO',
    body,
    resource: { service: 'cart', pod: 'default/cart-1' },
  } as unknown as LogRecord;
}

/** One series, and one service that writes lines of one kind but in some scrapes. */
function scriptedWorld(): World {
  let nowMs = -100 * scrapeIntervalMs;
  return {
    topology,
    cluster: { list: async () => ({ ok: true, object: [] }) } as unknown as World['cluster'],
    get nowMs() {
      return nowMs;
    },
    scrapeIntervalMs,
    advance: async (untilMs) => {
      nowMs = untilMs;
      const scrape = untilMs / scrapeIntervalMs;
      const series = [{ signal: 'error_ratio', component: 'service/cart', labels: {} }] as const;
      const strange = strangeAt.indexOf(scrape);
      const usual = Array.from({ length: 20 }, (_, i) => `took order ${20 * scrape + i}`);
      const words = ['ledger torn', 'ring closed', 'gate jammed'][strange];
      const bodies = words === undefined ? usual : [`${words} at once`, `${words} at once`];
      return {
        fromMs: untilMs - scrapeIntervalMs,
        untilMs,
        frames: [{ atMs: untilMs, index: { series }, values: Float64Array.of(0) }],
        logs: bodies.map((body) => line(untilMs - 1, body)),
        spans: [],
        events: [],
        changes: [],
      };
    },
  };
}

const scripted: Detector = {
  name: 'scripted',
  threshold: 1,
  score: ({ atMs }) => {
    const scrape = atMs / scrapeIntervalMs;
    const score = scrape >= alarmFrom && scrape <= alarmUntil ? 2 : 0;
    return {
      scores: Float64Array.of(score),
      expected: Float64Array.of(0),
      zScores: Float64Array.of(score),
    };
  },
  learn: () => {},
};

it('tells what logs show once, while an incident is open, and gives it to the localizer', async () => {
  const seen: Evidence[] = [];
  const policies = readShippedPolicies('default');
  const loop = new HealingLoop({
    world: scriptedWorld(),
    detector: scripted,
    localizer: {
      name: 'listening',
      rank: (evidence) => {
        seen.push(evidence);
        return [];
      },
    },
    healer: createHealer('none', { policies, seed: 1 }),
    guard: new Guard({ policies }),
    beforeActions: () => {},
  });
  for (let scrape = -99; scrape <= 150; scrape += 1) await loop.advance(scrape * scrapeIntervalMs);
  const opened = loop.events.filter(({ type }) => type === 'incident_opened');
  expect(opened).toHaveLength(1);
  const told = loop.events.flatMap((event) => (event.type === 'logs_changed' ? [event] : []));
  const templates = told.flatMap(({ evidence }) => evidence.map(({ template }) => template));
  expect(templates).toContain('ring closed at once');
  expect(templates).not.toContain('ledger torn at once');
  expect(templates).not.toContain('gate jammed at once');
  const names = told.flatMap(({ evidence }) =>
    evidence.map(({ detector, template }) => `${detector} ${template}`),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(seen.at(-1)?.logEvidence?.map(({ component }) => component)).toContain('service/cart');
});
