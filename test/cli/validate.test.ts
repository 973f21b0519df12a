import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runCli } from '../../cli/run-cli.ts';
import { root, temporaryFolder, writeScenario } from './firedrill.ts';

const folder = temporaryFolder();

/**
 * What `validate` says of the usual scenario with these lines at its end, and with its times
 * changed.
 */
async function complaintsAbout(
  id: string,
  {
    end = '',
    times = 'warmUp: 2m\nduration: 4m',
    change = { from: '', to: '' },
  }: { end?: string; times?: string; change?: { from: string; to: string } },
): Promise<string> {
  const file = writeScenario(
    folder,
    id,
    { from: 'warmUp: 2m\nduration: 4m', to: times },
    { from: 'ends: remedied\n', to: `ends: remedied\n${end}` },
    change,
  );
  let said = '';
  const spies = [
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += text;
      return true;
    }),
    vi.spyOn(process.stdout, 'write').mockReturnValue(true),
  ];
  try {
    const code = await runCli(['validate', file, '--json'], {});
    expect(code).toBe(said === '' ? 0 : 2);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return said.replaceAll(`${join(folder, id)}.yaml`, 'mine.yaml');
}

const remedy = (step: string): string =>
  `remedies:\n  - id: r\n    why: w\n    do:\n      - ${step}\n`;
const trap = (step: string): string => remedy(step).replace('remedies', 'traps');
const happening = (edits: string): string => `ambient:
  - kind: object_edit
    target: service/cartservice
    start: 30s
    edits:
${edits}`;
const request = (cpu: string): string =>
  `{ patch: Deployment/$workload, with: { spec: { template: { spec: { containers: [{ name: $container, resources: { requests: { cpu: ${cpu} }, limits: { cpu: 200m } } }] } } } } }`;

describe('validate finds, with its place in the file,', () => {
  it.each([
    [
      'an edit of a happening that the API would refuse',
      happening(`      - ${request('200m')}\n      - ${request('300m')}\n`),
      'mine.yaml:22:9: ambient[0].edits[1]: Deployment.apps "cartservice" is invalid: spec.template.spec.containers[0].resources.requests: Invalid value: "300m": must be less than or equal to cpu limit of 200m',
    ],
    [
      'a number in a ConfigMap',
      remedy(
        '{ create: { apiVersion: v1, kind: ConfigMap, metadata: { name: c }, data: { n: 3 } } }',
      ),
      'mine.yaml:20:9: remedies[0].do[0]: ConfigMap in version "v1" cannot be handled',
    ],
    [
      'an object that is not there, after other steps',
      trap(
        'wait: 10s\n      - { action: restart, target: $target }\n      - { delete: Service/none }',
      ),
      'mine.yaml:22:9: traps[0].do[2]: services "none" not found',
    ],
    [
      'a service that the topology does not have',
      remedy('{ action: restart, target: service/cartservce }'),
      'mine.yaml:20:36: remedies[0].do[0].target: unknown service "cartservce" in topology online_boutique\n  did you mean cartservice?',
    ],
    [
      'a node that the topology does not have, of a procedure',
      trap('{ run: reboot_node, target: node/node-a9 }'),
      'mine.yaml:20:37: traps[0].do[0].target: unknown node "node-a9" in topology online_boutique',
    ],
    [
      'a zone that the topology does not have',
      remedy('{ action: cordon, target: zone/nowhere }'),
      'mine.yaml:20:35: remedies[0].do[0].target: unknown zone "nowhere" in topology online_boutique',
    ],
    [
      'an action that cannot be asked of its target',
      remedy('{ action: drain, target: $target }'),
      'mine.yaml:20:34: remedies[0].do[0].target: drain needs a node or zone, got "service/redis-cart"',
    ],
    [
      'more pods than a run could play',
      trap('{ patch: Deployment/$workload, merge: { spec: { replicas: 1001 } } }'),
      'mine.yaml:20:9: traps[0].do[0]: replicas: expected 1000 or less, got 1001',
    ],
    [
      'the same in a JSON patch',
      trap(
        '{ patch: Deployment/$workload, json: [{ op: replace, path: /spec/replicas, value: 5000 }] }',
      ),
      'mine.yaml:20:9: traps[0].do[0]: replicas: expected 1000 or less, got 5000',
    ],
  ])('%s', async (what, end, message) => {
    expect(await complaintsAbout(what.replaceAll(/\W+/g, '_').toLowerCase(), { end })).toContain(
      message,
    );
  });

  it.each([
    ['warmUp: 169h\nduration: 4m', '6:9: warmUp: expected 7 days or less, got 169 h'],
    ['warmUp: 2m\nduration: 745h', '7:11: duration: expected 31 days or less with its lead, got'],
    ['warmUp: 2m\nlead: 10h\nduration: 740h', '8:11: duration: expected 31 days or less'],
  ])('times that no machine plays to the end: %s', async (times, message) => {
    const id = `long_${times.length}_${times.includes('lead')}`.toLowerCase();
    expect(await complaintsAbout(id, { times })).toContain(`mine.yaml:${message}`);
  });
});

it('validate finds a manifest of a topology that the API would refuse', async () => {
  const topology = join(folder, 'shop');
  const own = join(root, 'scenarios/topologies/online_boutique');
  cpSync(own, topology, { recursive: true });
  const ads = join(topology, 'manifests/adservice.yaml');
  writeFileSync(ads, readFileSync(ads, 'utf8').replace('limits: { cpu: 200m', 'limits: { cpu: 1m'));
  const change = { from: 'topology: online_boutique', to: 'topology: ./shop' };
  const said = await complaintsAbout('own_shop', { change });
  expect(said).toContain('manifest of Deployment "adservice" refused: Deployment.apps "adservice"');
});

describe('validate takes', () => {
  it('an edit of what an earlier step or happening has made', async () => {
    const made = '{ apiVersion: v1, kind: ConfigMap, metadata: { name: c }, data: { n: "3" } }';
    const end = [
      happening(`      - { create: ${made} }\n`),
      remedy('{ patch: ConfigMap/c, merge: { data: { n: "4" } } }'),
      trap('{ delete: ConfigMap/c }\n      - { action: rate_limit, target: service/frontend }')
        .replace('$', '')
        .concat('      - { create: '.concat(made, ' }\n')),
    ].join('');
    expect(await complaintsAbout('made_before', { end })).toBe('');
  });

  it('as many pods and as long a run as the limits say', async () => {
    const end = trap('{ patch: Deployment/$workload, merge: { spec: { replicas: 1000 } } }');
    const times = 'warmUp: 168h\nduration: 744h';
    expect(await complaintsAbout('just_so', { end, times })).toBe('');
  });
});
