import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../core/tools/index.ts';
import {
  parsePolicies,
  policyKnobs,
  readShippedPolicies,
  serializePolicies,
  withKnobs,
} from '../../healers/index.ts';
import { configMap } from './context.ts';

const rule = `- name: high-cpu
  condition: cpu_utilization > 80 for 5m
  target: deployment
  action: { type: scale_up, factor: 2, max_replicas: 10 }
  cooldown: 10m`;

/** The error that a text gives, as `line:column: message`. */
function complaintOf(text: string): string {
  try {
    parsePolicies(text, 'p.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message.replace('p.yaml:', '');
  }
  return 'no complaint';
}

describe('the shipped policies', () => {
  it('hold the four examples that on-call engineers know', () => {
    const { rules, warnings } = readShippedPolicies('examples');
    expect(warnings).toEqual([]);
    expect(rules).toMatchObject([
      {
        condition: [
          { metric: 'cpu_utilization', operator: '>', limit: { value: 0.8 }, forMs: 300_000 },
        ],
        actions: [{ kind: 'scale_up', parameters: { factor: 2, maxReplicas: 10 } }],
        cooldownMs: 600_000,
      },
      {
        condition: [
          { metric: 'memory_usage', operator: '>', limit: { value: 0.9 }, forMs: 60_000 },
        ],
        actions: [{ kind: 'restart', parameters: { restartCountLimit: 3 } }],
        cooldownMs: 1_800_000,
      },
      {
        condition: [{ metric: 'health_check_failed', forMs: 180_000 }],
        actions: [{ kind: 'restart' }],
        cooldownMs: 300_000,
      },
      {
        condition: [{ metric: 'qps', limit: { kind: 'threshold', factor: 2 }, forMs: 60_000 }],
        actions: [{ kind: 'rate_limit', parameters: { limitRequestsPerSec: 1000 } }],
      },
    ]);
  });

  it.each(['default', 'examples'] as const)('%s survives being written and read again', (name) => {
    const policies = readShippedPolicies(name);
    const again = parsePolicies(serializePolicies(policies), 'again.yaml');
    expect(again).toEqual(policies);
  });
});

describe('mistakes are shown where they stand in the ConfigMap', () => {
  it.each([
    ['> 80', '>', '9:38: condition: expected a number, got "for"'],
    ['> 80 for', '> 80 foo', '9:41: condition: expected "and", "for" or the end, got "foo"'],
    [
      'for 5m',
      'for 5x',
      '9:45: condition: expected a duration such as 250ms, 30s, 5m or 1h30m, got "5x"',
    ],
    [
      'for 5m',
      'for',
      '9:44: condition: expected a duration after "for", got the end of the condition',
    ],
    ['cpu_utilization', 'cpu_load', '9:20: condition: unknown metric "cpu_load"'],
    ['>', '=>', '9:36: condition: unexpected "="'],
    ['target: deployment', 'target: pod', '10:17: expected a target'],
    ['scale_up', 'explode', '11:25: policies[0].action.type: expected scale_up or'],
    ['scale_up', 'drain', '11:25: drain needs a target of kind node or zone, got deployment'],
    ['factor: 2', 'factor: 1', '11:43: scale_up: expected factor to be a number above 1, got 1'],
    ['factor: 2', 'factr: 2', '11:35: scale_up has no setting "factr" (did you mean factor?)'],
    [
      'cooldown: 10m',
      'cooldown: 10',
      '12:19: policies[0].cooldown: expected a duration such as 250ms, 30s, 5m or 1h30m, got 10',
    ],
    [
      'cooldown:',
      'cooldwn:',
      '12:9: policies[0]: unknown field "cooldwn" (did you mean "cooldown"?)',
    ],
    ['kind: ConfigMap', 'kind: Secret', '2:7: kind: expected ConfigMap, got "Secret"'],
    ['{ type', '[ type', '11:63: malformed YAML'],
  ])('%s -> %s', (from, to, complaint) => {
    expect(complaintOf(configMap(rule).replace(from, to))).toContain(complaint);
  });

  it('a rule without any question, twice the same name, a wildcard that selects nothing', () => {
    const bare = rule.replace(/ {2}condition.*\n/, '');
    expect(complaintOf(configMap(bare))).toContain('8:9: policy "high-cpu" needs a condition');
    expect(complaintOf(configMap(`${rule}\n${rule}`))).toContain(
      '13:15: policy "high-cpu" is defined twice',
    );
    const wild = bare.replace(
      'target: deployment',
      'diagnosis: { class: load_surge }\n  target: deployment/*',
    );
    expect(complaintOf(configMap(wild))).toContain(
      '10:17: target "deployment/*" needs a condition',
    );
  });

  it('warns of a ratio where percent is meant, with line and column', () => {
    const { warnings, rules } = parsePolicies(configMap(rule.replace('80', '0.8')), 'p.yaml');
    expect(warnings).toEqual([
      {
        message: 'cpu_utilization is in percent: 0.8 means 0.8 %; did you mean 80?',
        position: { file: 'p.yaml', line: 9, column: 38 },
      },
    ]);
    expect(rules[0]?.condition[0]?.limit).toEqual({ kind: 'constant', value: 0.008 });
  });

  it('does not warn of a ratio that is one', () => {
    const text = configMap(rule.replace('cpu_utilization > 80', 'error_ratio > 0.05'));
    expect(parsePolicies(text, 'p.yaml').warnings).toEqual([]);
  });
});

describe('knobs', () => {
  const policies = readShippedPolicies('default');

  it('cover thresholds, windows, cooldowns and actions, each with its present value', () => {
    const knobs = policyKnobs(parsePolicies(configMap(rule), 'p.yaml'));
    expect(knobs.map(({ name, value }) => [name, value])).toEqual([
      ['high-cpu.cpu_utilization.limit', 80],
      ['high-cpu.cpu_utilization.for', 300_000],
      ['high-cpu.cooldown', 600_000],
      ['high-cpu.action', 'scale_up'],
      ['high-cpu.factor', 2],
    ]);
    for (const knob of policyKnobs(policies)) expect(knob.values).toContain(knob.value);
  });

  it('turned to any legal values, a policy set stays one that can be written and read', () => {
    const knobs = policyKnobs(policies).filter(({ name }) => !name.endsWith('.factor'));
    const choices = fc.record(
      Object.fromEntries(knobs.map((knob) => [knob.name, fc.constantFrom(...knob.values)])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(choices, (values) => {
        const turned = withKnobs(policies, values as Record<string, number | string>);
        const now = new Map(policyKnobs(turned).map(({ name, value }) => [name, value]));
        for (const [name, value] of Object.entries(values)) expect(now.get(name)).toBe(value);
        expect(parsePolicies(serializePolicies(turned), 'p.yaml')).toEqual(turned);
      }),
      { numRuns: 30 },
    );
  });

  it('refuse what does not exist', () => {
    expect(() => withKnobs(policies, { 'no.such': 1 })).toThrow(UsageError);
    expect(() => withKnobs(policies, { 'empty-lost-zone.cooldown': 7 })).toThrow('expected one of');
  });
});
