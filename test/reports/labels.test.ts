import { describe, expect, it } from 'vitest';
import { faultWindows } from '../../reports/fault-windows.ts';
import { renderLabels } from '../../reports/index.ts';
import { tellStory } from '../../reports/story.ts';
import { fixtureRecord } from './fixture.ts';
import { fixtureScorecard } from './fixture-scorecard.ts';

describe('labels', () => {
  it('carries fault windows, onset, root causes, affected components and verdicts', () => {
    const labels = renderLabels(fixtureRecord(), fixtureScorecard());
    expect(labels).toMatchObject({
      scenario: { id: 'zone_failure' },
      faults: [
        { kind: 'network_partition', fromMs: 600_000, untilMs: 1_800_000 },
        { kind: 'node_power_loss', fromMs: 600_000, untilMs: 1_800_000 },
      ],
      onsetMs: 603_000,
      recoveredAtMs: 725_000,
      rootCauses: ['zone/us-east-1a', 'node/node-a1', 'node/node-a2', 'node/node-a3'],
      incidents: [
        { id: 'inc-1', openedAtMs: 615_000, closedAtMs: 840_000, verdict: 'true_positive' },
      ],
    });
    expect(JSON.parse(JSON.stringify(labels))).toEqual(labels);
  });

  it('ends a fault at its roll-back, else after its duration, else with the run', () => {
    const record = fixtureRecord();
    const [first] = record.events;
    if (first?.type !== 'fault_injected') throw new Error('the fixture begins with an injection');
    const events = [
      { ...first, fault: { ...first.fault, durationMs: 60_000 } },
      { ...first, fault: { ...first.fault, target: 'zone/b' } },
      { ...first, fault: { ...first.fault, target: 'zone/c' } },
      {
        type: 'fault_rolled_back' as const,
        atMs: 700_000,
        fault: { ...first.fault, target: 'zone/c' },
      },
    ];
    expect(faultWindows({ ...record, events }).map((window) => window.untilMs)).toEqual([
      660_000, 1_800_000, 700_000,
    ]);
  });
});

describe('story', () => {
  it('tells each thing once, in order of time and cause', () => {
    const kinds = tellStory(fixtureRecord(), fixtureScorecard()).map((line) => line.kind);
    expect(kinds).toEqual([
      'injected',
      'injected',
      'onset',
      'detected',
      'diagnosed',
      'acted',
      'acted',
      'acted',
      'refused',
      'recovered',
      'closed',
      'rolled back',
      'rolled back',
    ]);
  });

  it('repeats a diagnosis only when its top suspect changes', () => {
    const record = fixtureRecord();
    const diagnosed = record.events.find((event) => event.type === 'diagnosed');
    if (diagnosed?.type !== 'diagnosed') throw new Error('the fixture has a diagnosis');
    const { diagnosis } = diagnosed;
    const other = { ...diagnosis, suspects: diagnosis.suspects.slice(2) };
    const events = [
      diagnosed,
      { ...diagnosed, atMs: diagnosed.atMs + 15_000 },
      { ...diagnosed, atMs: diagnosed.atMs + 30_000, diagnosis: other },
    ];
    const lines = tellStory({ ...record, events }, fixtureScorecard()).filter(
      (line) => line.kind === 'diagnosed',
    );
    expect(lines.map((line) => [line.text.split(' ')[0], line.good])).toEqual([
      ['zone/us-east-1a', true],
      ['service/redis-cart', false],
    ]);
  });

  it('tells the strongest of what logs showed, and how much more there was', () => {
    const record = fixtureRecord();
    const evidence = [2, 5].map((strength) => ({
      atMs: 615_000,
      component: 'service/cart' as const,
      detector: 'new_template',
      template: `connection <*> refused ${strength}`,
      strength,
      count: 7,
      expected: 0.25,
    }));
    const events = [{ type: 'logs_changed' as const, atMs: 615_000, evidence }];
    const [line] = tellStory({ ...record, events }, fixtureScorecard()).filter(
      ({ kind }) => kind === 'logs',
    );
    expect(line?.text).toBe(
      'service/cart, new template: "connection <*> refused 5", 7 lines where 0.3 are usual; 1 more',
    );
  });
});
