import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/run-cli.ts';

interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly on: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly run?: string; readonly uses?: string }[] }>
  >;
}

const file = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const workflow = load(file('examples/firedrill-regression.yml')) as Workflow;
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
const { scripts } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { scripts: Record<string, string> };

/** Lines of a text that run one of our scripts, comments cut off. */
function commandsIn(text: string): string[] {
  return text
    .split('\n')
    .flatMap(
      (line) => /(npm run (?:-s )?[a-z]+(?: .*)?)$/.exec(line.replace(/\s+#.*$/, ''))?.[1] ?? [],
    )
    .map((line) =>
      line.replace(/\$\{?(SUITE|STACK|SEEDS)\}?/g, (_, name) => workflow.env[name] ?? ''),
    );
}

/** What is wrong with a command line: a script or flag that there is not. */
function problemsOf(line: string): string[] {
  const [, name = '', rest = ''] = /^npm run (?:-s )?([a-z]+)(.*)$/.exec(line) ?? [];
  const command = createProgram(() => {}).commands.find((one) => one.name() === name);
  if (!scripts[name] || !command) return [`no script ${name}`];
  const known = new Set(command.options.map(({ long }) => long));
  const [before = '', behind = ''] = ` ${rest} `.split(' -- ');
  const flags = behind.match(/--[a-z-]+/g) ?? [];
  return [
    ...flags.filter((flag) => !known.has(flag)).map((flag) => `${name} has no ${flag}`),
    ...(/ --[a-z]/.test(before) ? [`${line}: a flag stands before --`] : []),
  ];
}

describe('the GitHub Actions example', () => {
  it('runs on pull requests and plays the base before it judges', () => {
    expect(Object.keys(workflow.on)).toContain('pull_request');
    const runs = steps.map(({ run }) => run ?? '').join('\n');
    expect(runs.indexOf('--write-baseline')).toBeGreaterThan(0);
    expect(runs.indexOf('--baseline baseline.json')).toBeGreaterThan(
      runs.indexOf('--write-baseline'),
    );
  });

  it('uses commands and flags that exist', () => {
    const lines = steps.flatMap(({ run = '' }) => commandsIn(run));
    expect(lines).toHaveLength(2);
    expect(lines.flatMap(problemsOf)).toEqual([]);
  });

  it('pins the actions it uses to a major version', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(2);
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@v\d+$/);
  });
});

it.each(['ci.md', 'evaluation.md'])('commands in docs/%s exist as they are written', (page) => {
  const lines = commandsIn(file(page));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.flatMap(problemsOf)).toEqual([]);
});
