import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refuseEatenFlags } from '../../cli/npm-flags.ts';
import { createProgram } from '../../cli/run-cli.ts';
import { UsageError } from '../../core/tools/index.ts';
import { npm, start, temporaryFolder } from './firedrill.ts';

/** What npm 11 was seen to make of a line: words in `args`, the rest in its environment. */
function refusal(args: readonly string[], kept: NodeJS.ProcessEnv): string {
  const environment = { npm_lifecycle_event: args[0], ...kept };
  try {
    refuseEatenFlags(
      createProgram(() => {}),
      args,
      environment,
    );
  } catch (error) {
    if (error instanceof UsageError) return (error.hint as string).split('\n')[0] as string;
    throw error;
  }
  return 'let through';
}

describe.concurrent('flags before `--`, by the real npm', { timeout: 180_000 }, () => {
  it.each([
    ['scenario zone_failure --seed 7', 'scenario zone_failure -- --seed 7', '--seed'],
    ['scenario --seed 7 zone_failure', 'scenario zone_failure -- --seed 7', '--seed'],
    ['scenario zone_failure --seed=7', 'scenario zone_failure -- --seed 7', '--seed'],
    ['scenario zone_failure --healer none', 'scenario zone_failure -- --healer none', '--healer'],
    ['evaluate --suite core --jobs 2', 'evaluate -- --jobs 2 --suite core', '--jobs, --suite'],
  ])('npm run %s', async (typed, meant, kept) => {
    const { code, stderr } = await npm(['run', ...typed.split(' ')]);
    expect(stderr).toContain(
      `firedrill: npm kept ${kept} for itself: options stand behind \`--\`\n` +
        `  write: npm run ${meant}\n`,
    );
    expect(code).toBe(2);
  });

  it('prints a line that runs as it is', async () => {
    const { code, stderr } = await npm(['run', 'validate', 'bad_deploy', '--json']);
    expect(code).toBe(2);
    const line = /write: (.*)/.exec(stderr)?.[1] as string;
    expect(line).toBe('npm run -s validate bad_deploy -- --json');
    const again = await start('npm', line.split(' ').slice(1)).ended;
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout).scenarios).toMatchObject([{ scenario: 'bad_deploy' }]);
  });

  it("does not mistake the setting json of one's own npm for a flag", async () => {
    const settings = join(temporaryFolder(), 'npmrc');
    writeFileSync(settings, 'fund = false\njson = true\n');
    const args = ['run', '-s', 'scenario', '--', '--list'];
    const { code, stdout } = await npm(args, { npm_config_userconfig: settings });
    expect(stdout).toMatch(/^id +mechanism [\s\S]*\nbad_deploy {2,}\S/);
    expect(code).toBe(0);
  });
});

describe('flags before `--`', () => {
  const on = 'true';

  it.each<[string, string[], NodeJS.ProcessEnv, string]>([
    [
      'several values find their options by what they may be',
      ['scenario', './a.yaml', 'none', '3', './mine.yaml'],
      { npm_config_healer: on, npm_config_policy: on, npm_config_seed: on },
      'npm run scenario ./a.yaml -- --seed 3 --healer none --policy ./mine.yaml',
    ],
    [
      'kinds of files are told apart',
      ['scenario', 'rate.csv', 'zone_failure', 'p.yaml', '1998-06-10 12:00:00'],
      { npm_config_policy: on, npm_config_workload: on, npm_config_workload_from: on },
      "npm run scenario zone_failure -- --policy p.yaml --workload rate.csv --workload-from '1998-06-10 12:00:00'",
    ],
    [
      'what nobody can tell apart is left open',
      ['scenario', 'zone_failure', 'here', 'there'],
      { npm_config_out: on, npm_config_manifests: on },
      'npm run scenario zone_failure -- --out <dir> --manifests <dir>',
    ],
    [
      'a missing value is left open',
      ['scenario', 'zone_failure'],
      { npm_config_seed: on },
      'npm run scenario zone_failure -- --seed <n>',
    ],
    [
      'zero is a value, and a flag typed twice keeps both',
      ['scenario', 'zone_failure', '8'],
      { npm_config_seed: '0\n\ntrue' },
      'npm run scenario zone_failure -- --seed 0 --seed 8',
    ],
    [
      'a list takes all its words',
      ['tune', 'zone_failure', '60', 'bad_deploy'],
      { npm_config_scenario: on, npm_config_episodes: on },
      'npm run tune -- --episodes 60 --scenario zone_failure bad_deploy',
    ],
    [
      'what stood behind `--` stays there; JSON wants a silent npm',
      ['scenario', 'zone_failure', '7', '--json'],
      { npm_config_seed: on },
      'npm run -s scenario zone_failure -- --seed 7 --json',
    ],
    [
      'words for a shell are quoted',
      ['scenario', "it's mine.yaml"],
      { npm_config_oracle: on },
      "npm run scenario 'it'\\''s mine.yaml' -- --oracle",
    ],
  ])('%s', (_, args, kept, line) => {
    expect(refusal(args, kept)).toBe(`write: ${line}`);
  });

  it.each<[string, string[], NodeJS.ProcessEnv]>([
    ['no flags', ['scenario', 'zone_failure'], {}],
    ['flags where they belong', ['scenario', '--seed', '7'], { npm_config_yes: on }],
    ['a flag that is also there', ['scenario', 'x', '--seed=3'], { npm_config_seed: '3' }],
    ['a flag that was switched off', ['scenario', 'x'], { npm_config_oracle: '' }],
    ['a setting that is answered', ['scenario', 'x', '--no-json'], { npm_config_json: on }],
    ['a setting of the shell', ['scenario', 'x'], { npm_config_json: on, NPM_CONFIG_JSON: on }],
    ['another script', ['scenario', 'x'], { npm_config_seed: '3', npm_lifecycle_event: 'test' }],
  ])('lets through %s', (_, args, environment) => {
    expect(refusal(args, environment)).toBe('let through');
  });
});
