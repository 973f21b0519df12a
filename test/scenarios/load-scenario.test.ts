import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../core/tools/index.ts';
import type { Scenario } from '../../core/truth/index.ts';
import { listScenarios, loadScenario, scenarioJsonSchema } from '../../scenarios/index.ts';

const dir = mkdtempSync(join(tmpdir(), 'firedrill-scenarios-'));

const base = `id: mine
version: 1
title: A slow store
description: The store is slow.
topology: online_boutique
duration: 75m
faults:
  - kind: network_delay
    target: service/redis-cart
    start: { between: [4m, 9m] }
    parameters:
      delay: 500ms
    faultClass: network_latency
ends: remedied
`;

/** Loads the base scenario with one text replaced by another. */
function loadWith(find = '', replacement = ''): Scenario {
  expect(base).toContain(find);
  const path = join(dir, 'mine.yaml');
  writeFileSync(path, base.replace(find, replacement));
  return loadScenario(path);
}

function errorOf(run: () => unknown): InputError | UsageError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError || error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('a scenario file', () => {
  it('is read with defaults, units and draws as ranges', () => {
    expect(loadWith()).toMatchObject({
      id: 'mine',
      warmUpMs: 1_200_000,
      durationMs: 4_500_000,
      faults: [
        {
          kind: 'network_delay',
          startMs: { low: 240_000, high: 540_000 },
          startGroup: null,
          durationMs: null,
          parameters: { delayMs: { low: 500, high: 500 } },
        },
      ],
      ambient: [],
      expect: { availabilityMin: 0.99, recoveryMaxMs: 300_000, incidentsMax: null, why: null },
      workload: {},
    });
  });

  it('fills in what a release leaves out, so that every release has all its traits', () => {
    const release = `  - kind: release
    target: service/frontend
    start: 5m
    parameters: { tag: v2, leakPerSec: { between: [1Ki, 2Ki] } }
    faultClass: bad_release
`;
    const scenario = loadWith('ends: remedied', `${release}ends: remedied`);
    expect(scenario.faults[1]?.parameters).toEqual({
      tag: 'v2',
      errorRatio: { low: 0, high: 0 },
      cpuFactor: { low: 1, high: 1 },
      leakBytesPerSec: { low: 1024, high: 2048 },
    });
  });

  it('shares a start through `with`', () => {
    const second = `  - kind: node_power_loss
    target: node/node-a1
    start: { with: 0 }
    duration: 10m
    faultClass: node_outage
`;
    const { faults } = loadWith('ends: remedied', `${second}ends: remedied`);
    expect(faults[0]?.startGroup).not.toBeNull();
    expect(faults[1]?.startGroup).toBe(faults[0]?.startGroup);
    expect(faults[1]?.startMs).toEqual(faults[0]?.startMs);
  });

  it.each([
    ['an unknown field', 'title:', 'titel:', '3:1: unknown field "titel" (did you mean "title"?)'],
    [
      'a nested unknown field',
      'delay:',
      'dely:',
      '12:7: faults[0].parameters: unknown field "dely" (did you mean "delay"?)',
    ],
    [
      'a bare number',
      '500ms',
      '500',
      '12:14: faults[0].parameters.delay: expected a duration such as 250ms, 30s, 5m or 1h30m, or { between: [low, high] }, got 500: durations need a unit, e.g. 500s or 500ms',
    ],
    [
      'a wrong unit',
      '75m',
      '75 minutes',
      '6:11: duration: expected a duration such as 250ms, 30s, 5m or 1h30m, got "75 minutes"',
    ],
    [
      'a bare number in a range',
      '[4m, 9m]',
      '[4m, 9]',
      '10:28: faults[0].start.between[1]: expected a duration such as 250ms, 30s, 5m or 1h30m, got 9',
    ],
    [
      'a range upside down',
      '[4m, 9m]',
      '[9m, 4m]',
      '10:23: faults[0].start.between: expected the lower bound first',
    ],
    [
      'an unknown kind',
      'kind: network_delay',
      'kind: network_dealy',
      '8:11: faults[0].kind: unknown fault kind "network_dealy" (did you mean network_delay?)',
    ],
    [
      'a target of the wrong kind',
      'service/redis-cart',
      'zone/us-east-1a',
      '9:13: faults[0].target: expected a target such as service/redis-cart, got "zone/us-east-1a"',
    ],
    [
      'an unknown topology',
      'online_boutique',
      'online_butique',
      '5:11: topology: unknown topology "online_butique" (did you mean online_boutique?)',
    ],
    [
      'an id unlike the file name',
      'id: mine',
      'id: yours',
      '1:5: id: expected the file\'s name "mine", got "yours"',
    ],
    [
      'a fault outside the run',
      '[4m, 9m]',
      '[4m, 80m]',
      '10:12: faults[0].start: must lie before the run ends (1 h 15 m), got 1 h 20 m',
    ],
    [
      'a warm-up of half a scrape',
      'duration: 75m',
      'warmUp: 20s\nduration: 75m',
      '6:9: warmUp: expected a multiple of 15s, the scrape interval, got 20 s',
    ],
    [
      'an end that contradicts the faults',
      'remedied',
      'healthy',
      '14:7: ends: expected healthy exactly when there are no faults, got healthy and 1 faults',
    ],
    ['malformed YAML', '[4m, 9m]', '[4m, 9m', '10:31: malformed YAML'],
    ['a missing field', 'title: A slow store\n', '', '1:1: title: missing, expected a title'],
  ])('%s is an error with file, line and column', (_, find, replacement, message) => {
    const error = errorOf(() => loadWith(find, replacement));
    expect(error.message).toContain(`mine.yaml:${message}`);
    expect(error.exitCode).toBe(2);
  });

  it('reports all problems at once, in file order', () => {
    const error = errorOf(() => loadWith('75m\nfaults:', '75\nfautls: []\nfaults:'));
    expect(error.message.split('\n').map((line) => /:(\d+:\d+): /.exec(line)?.[1])).toEqual([
      '6:11',
      '7:1',
    ]);
  });

  it('wants a reason for a limit laxer than the default', () => {
    const lax = 'ends: remedied\nexpect: { availability: 0.9 }';
    expect(errorOf(() => loadWith('ends: remedied', lax)).message).toContain(
      'mine.yaml:15:25: expect.availability: a limit laxer than the default (0.99) needs expect.why',
    );
    const why = 'ends: remedied\nexpect: { availability: 0.9, why: measured }';
    expect(loadWith('ends: remedied', why).expect.availabilityMin).toBe(0.9);
  });

  it('cannot be a directory or absent', () => {
    mkdirSync(join(dir, 'folder.yaml'));
    expect(errorOf(() => loadScenario(join(dir, 'folder.yaml'))).message).toContain(
      'it is a folder',
    );
    expect(errorOf(() => loadScenario(join(dir, 'gone.yaml'))).message).toContain('no such file');
  });
});

describe('the catalogue', () => {
  const scenarios = listScenarios().map(({ id }) => loadScenario(id));

  it('is sorted by id and knows near matches', () => {
    const ids = scenarios.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    const error = errorOf(() => loadScenario('zone_falure'));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.hint).toBe('did you mean zone_failure?');
  });

  it.each(scenarios.map((scenario) => [scenario.id, scenario] as const))(
    '%s leaves an hour after the latest onset, or has no faults and expects no incident',
    (_, scenario) => {
      if (scenario.faults.length === 0) {
        expect(scenario.expect).toMatchObject({ incidentsMax: 0, actionsMax: 0 });
      }
      const { leadMs } = scenario;
      for (const { startMs } of scenario.faults) {
        expect(leadMs.high + startMs.high + 3_600_000).toBeLessThanOrEqual(scenario.durationMs);
      }
    },
  );

  it('fills the memory of a leaking cart service in six to ten minutes', () => {
    const leak = loadScenario('memory_leak').faults[0]?.parameters.leakBytesPerSec;
    const free = (256 - 76) * 1024 ** 2;
    if (typeof leak !== 'object' || 'oneOf' in leak) throw new Error('expected a range');
    expect(free / leak.high).toBeGreaterThanOrEqual(360);
    expect(free / leak.low).toBeLessThanOrEqual(600);
  });
});

describe('the JSON Schema', () => {
  const file = 'scenarios/scenario.schema.json';

  it(`equals ${file}; when stale, run npm run schema`, () => {
    const written = JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
    expect(written).toEqual(scenarioJsonSchema());
  });
});

it('refuses a part of a node at the configuration of the cluster', () => {
  const fault = `network_delay
    target: service/redis-cart
    start: { between: [4m, 9m] }
    parameters:
      delay: 500ms`;
  const stopped = `component_down
    target: config/control-plane
    start: { between: [4m, 9m] }
    parameters: { component: kubelet }`;
  const { message } = errorOf(() => loadWith(fault, stopped));
  expect(message).toContain('kubelet needs a target node/…, got config/control-plane');
});
