import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The package, where npm scripts run. */
export const root: string = join(import.meta.dirname, '../..');

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child process with what it has said so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the text is on stderr; rejects when the process ends without it. */
  readonly said: (text: string) => Promise<void>;
}

/** The environment without what the npm that runs the tests has put there. */
function cleanEnvironment(additions: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS)/i.test(name));
  return {
    ...Object.fromEntries(own),
    npm_config_update_notifier: 'false',
    NO_COLOR: '1',
    ...additions,
  };
}

/** Starts a program in the package's folder. */
export function start(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Running {
  const child = spawn(program, args, {
    cwd: root,
    env: cleanEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      child.on('close', () => reject(new Error(`ended without "${text}":\n${stderr}`)));
      look();
    });
  return { child, ended, said };
}

/** Starts the command line itself, on the Node that runs the test. */
export function startFiredrill(...args: readonly string[]): Running {
  return start(process.execPath, [join(root, 'cli/main.ts'), ...args]);
}

export function firedrill(...args: readonly string[]): Promise<Ended> {
  return startFiredrill(...args).ended;
}

/** A program of a few lines that may import from the package; `said` tells how far it is. */
export function startScript(script: string): Running {
  return start(process.execPath, ['--input-type=module-typescript', '--eval', script]);
}

export function npm(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return start('npm', args, environment).ended;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'firedrill-cli-'));
}

/** Writes a scenario of a few minutes, each `from` replaced by its `to`; returns its path. */
export function writeScenario(
  folder: string,
  id: string,
  ...changes: readonly { from: string; to: string }[]
): string {
  let text = slowStore;
  for (const { from, to } of changes) {
    if (!text.includes(from)) throw new Error(`the scenario has no ${JSON.stringify(from)}`);
    text = text.replace(from, to);
  }
  const path = join(folder, `${id}.yaml`);
  writeFileSync(path, `id: ${id}\n${text}`);
  return path;
}

/** A fault in a run too short for the detectors to have learnt: quick, and never healed. */
const slowStore = `version: 1
title: The cart store answers late
description: For tests of the command line.
topology: online_boutique
warmUp: 2m
duration: 4m
faults:
  - kind: network_delay
    target: service/redis-cart
    start: 1m
    duration: until_end
    parameters: { delay: 500ms }
    faultClass: dependency_failure
ends: remedied
`;

/** Takes the fault out of it. */
export const withoutFault: { readonly from: string; readonly to: string } = {
  from: slowStore.slice(slowStore.indexOf('faults:')),
  to: 'ends: healthy\n',
};

export function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'));
}
