import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runCli } from '../../cli/run-cli.ts';
import { type Ended, firedrill, root, temporaryFolder, writeScenario } from './firedrill.ts';

const folder = temporaryFolder();
const out = join(folder, 'out');
const stackLine = /\n\s+at .*:\d+:\d+/;

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const scenario = (id: string, from: string, to: string): string =>
  writeScenario(folder, id, { from, to });

const policyOf = (condition: string, action: string): string => `apiVersion: v1
kind: ConfigMap
metadata: { name: p }
data:
  policies.yaml: |
    policies:
      - name: busy
        condition: ${condition}
        target: deployment
        action: { type: ${action} }
`;

mkdirSync(join(folder, 'broken'));
write('broken/frontend.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: [frontend }\n');

type Case = readonly [what: string, args: readonly string[], message: string, hint?: string];

const short = writeScenario(folder, 'short');

const cases: readonly Case[] = [
  ['no scenario', ['scenario'], 'which scenario?', 'npm run scenario -- --list'],
  [
    'an unknown scenario',
    ['scenario', 'zone_failur'],
    'unknown scenario "zone_failur"',
    'did you mean zone_failure?',
  ],
  ['a missing file', ['scenario', `${folder}/none.yaml`], `cannot read ${folder}/none.yaml`],
  [
    'an unknown field',
    ['scenario', scenario('unknown_field', 'warmUp:', 'warmup:')],
    `${folder}/unknown_field.yaml:6:1: unknown field "warmup" (did you mean "warmUp"?)`,
  ],
  [
    'a number without its unit',
    ['scenario', scenario('no_unit', 'duration: 4m', 'duration: 240')],
    `${folder}/no_unit.yaml:7:11: duration: expected a duration such as 250ms, 30s, 5m or 1h30m`,
  ],
  [
    'a wrong unit',
    ['scenario', scenario('wrong_unit', '500ms', '500MB')],
    `${folder}/wrong_unit.yaml:13:26: faults[0].parameters.delay: expected a duration`,
  ],
  [
    'a fault on a service that does not exist',
    ['scenario', scenario('no_service', 'redis-cart', 'redis-card')],
    `${folder}/no_service.yaml:10:13: faults[0].target: unknown service "redis-card"`,
    'did you mean redis-cart?',
  ],
  [
    'a fault outside the run',
    ['scenario', scenario('too_late', 'start: 1m', 'start: 5m')],
    `${folder}/too_late.yaml:11:12: faults[0].start: must lie before the run ends (4 m), got 5 m`,
  ],
  [
    'malformed YAML',
    ['scenario', scenario('malformed', '500ms }', '500ms ')],
    `${folder}/malformed.yaml:14:`,
  ],
  [
    'no manifests',
    ['scenario', short, '--manifests', `${folder}/none`],
    `cannot read the manifests directory ${folder}/none: there is nothing of that name`,
  ],
  [
    'an unreadable manifest',
    ['scenario', short, '--manifests', `${folder}/broken`],
    `${folder}/broken/frontend.yaml:3:`,
  ],
  [
    'no workload file',
    ['scenario', short, '--workload', `${folder}/none.csv`],
    `cannot read the workload file ${folder}/none.csv: there is nothing of that name`,
  ],
  [
    'a malformed workload',
    ['scenario', short, '--workload', write('bad.csv', 'period,count\n2020-01-01 00:00:00,few\n')],
    `${folder}/bad.csv:2:21: expected a count of at least 0, got "few"`,
  ],
  [
    'a bad policy',
    ['scenario', short, '--policy', write('bad-policy.yaml', policyOf('qps > 5', 'scale_upp'))],
    `${folder}/bad-policy.yaml:10:25: `,
  ],
  ['a bad seed', ['scenario', short, '--seed', '1.5'], "option '--seed <n>' argument '1.5'"],
  ['a seed beyond 32 bits', ['scenario', short, '--seed', '4294967296'], "option '--seed <n>'"],
  ['an unknown flag', ['scenario', short, '--sead', '3'], "unknown option '--sead'"],
  ['a stray word', ['scenario', short, '3'], "too many arguments for 'scenario'"],
  ['an unknown command', ['scenarios'], "unknown command 'scenarios'"],
  [
    'an --out that is a file',
    ['scenario', short, '--out', short],
    `cannot write results to ${short}: there is a file of that name`,
    'choose another folder with --out DIR',
  ],
  [
    'an --out where no folder can be',
    ['scenario', short, '--out', '/proc/results/of/mine'],
    'cannot write results to /proc/results/of/mine: ',
    'choose another folder with --out DIR',
  ],
  [
    'an external file other than the recorded one',
    [
      ...['scenario', short, '--expect-input', `policy file=${'0'.repeat(64)}`],
      ...['--policy', write('p.yaml', policyOf('qps > 5', 'restart'))],
    ],
    `the policy file is not that of the recorded run: expected SHA-256 ${'0'.repeat(64)}, got `,
  ],
  [
    'training on the seeds to judge by',
    ['tune', '--train-seeds', '1-3', '--test-seeds', '3-5'],
    'seeds 3 are in both --train-seeds and --test-seeds',
  ],
];

/** Runs the command line in this process, which takes milliseconds, and returns what it says. */
async function run(...args: readonly string[]): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += text;
      return true;
    }),
  );
  try {
    const code = await runCli(args, {});
    return { code, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('one clear error and exit 2 for', () => {
  it.each(cases.map((entry) => [...entry] as const))('%s', async (_, args, message, hint = '') => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toContain(`firedrill: ${message}`);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(stackLine);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('the bad ones among several scenarios, all of them', async () => {
    const files = [scenario('bad_one', '4m', '4'), 'bad_deploy', scenario('bad_two', '2m', '2')];
    const { code, stdout, stderr } = await run('validate', ...files, '--json');
    expect(stderr).toContain('bad_one.yaml:7:11: duration');
    expect(stderr).toContain('bad_two.yaml:6:9: warmUp');
    const { scenarios } = JSON.parse(stdout) as { scenarios: { valid: boolean }[] };
    expect(scenarios.map(({ valid }) => valid)).toEqual([false, true, false]);
    expect(code).toBe(2);
  });
});

describe.concurrent('as a process of its own, it ends with 2 for', { timeout: 180_000 }, () => {
  it('a mistake in a file', async () => {
    const file = scenario('cold', 'warmUp: 2m', 'warmUp: 130s');
    expect(await firedrill('scenario', file)).toEqual({
      code: 2,
      stdout: '',
      stderr: `firedrill: ${file}:6:9: warmUp: expected a multiple of 15s, the scrape interval, got 2 m 10 s\n`,
    });
  });

  it('a mistake that only a worker finds', async () => {
    const workload = write('brief.csv', 'period,count\n2020-01-01 00:00:00,5\n');
    const args = ['--scenario', short, '--seeds', '2', '--workload', workload];
    const { code, stdout, stderr } = await firedrill('evaluate', ...args, '--out', out);
    const message = `${workload}: the run needs 6 minutes, the recording has 1`;
    expect(stderr).toMatch(/, seed [12]\)\n {2}use a longer recording or a shorter run\n$/);
    expect(stderr).toContain(`firedrill: ${message} (${short}, seed `);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('a warning, once, for', () => {
  it('a ratio where a policy means percent', async () => {
    const policy = write('percent.yaml', policyOf('cpu_utilization > 0.8 for 5m', 'scale_up'));
    // The run is refused at the last check before it starts, which saves its time.
    const { stderr } = await run('scenario', short, '--policy', policy, '--out', short);
    expect(stderr.split('warning: ')).toHaveLength(2);
    expect(stderr).toContain(`warning: ${policy}:8:38: `);
    expect(stderr).toContain('did you mean 80?');
  });

  it('services that manifests leave no room', async () => {
    const manifests = join(folder, 'tight');
    const own = join(root, 'scenarios/topologies/online_boutique/manifests');
    cpSync(own, manifests, { recursive: true });
    const ads = join(manifests, 'adservice.yaml');
    const text = readFileSync(ads, 'utf8');
    writeFileSync(ads, text.replace('limits: { cpu: 200m', 'limits: { cpu: 1m'));
    const which = ['--scenario', short, 'bad_deploy'];
    const { stderr } = await run('evaluate', ...which, '--manifests', manifests, '--out', short);
    expect(stderr.split('warning: ')).toHaveLength(2);
    expect(stderr).toMatch(/warning: adservice will use \d+ % of its CPU limit in good health/);
  });
});
