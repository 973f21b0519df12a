import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ExitCode, InputError } from '../core/tools/index.ts';

/** How a command reports its exit code; not called means 0. */
export type Finish = (code: ExitCode) => void;

/** Seeds are unsigned 32-bit numbers. */
export const seedMax = 4_294_967_295;

/** An unsigned 32-bit seed. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > seedMax) {
    throw new InvalidArgumentError(`expected a whole number from 0 to ${seedMax}.`);
  }
  return value;
}

/** More than any machine plays; a slip of the finger must not ask for gigabytes. */
const countMax = 100_000;

/** `7`, `1001-1020` or `1,5,9`. */
export function parseSeedList(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const range = /^(\d+)-(\d+)$/.exec(part);
    if (!range) return [parseSeed(part)];
    const [first, last] = [parseSeed(range[1] as string), parseSeed(range[2] as string)];
    if (last < first || last - first >= countMax) {
      throw new InvalidArgumentError(`expected a rising range of at most ${countMax} seeds.`);
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return [...new Set(seeds)];
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > countMax) {
    throw new InvalidArgumentError(`expected a whole number from 1 to ${countMax}.`);
  }
  return value;
}

export const outOption = (): Option =>
  new Option('--out <dir>', 'where results go').default('runs');

/** `--json`, and a way to say no for those whose npm is set to json. */
export function addJsonOption(command: Command): Command {
  return command
    .option('--json', 'print JSON alone on stdout (with npm run -s)')
    .addOption(new Option('--no-json', 'print text').hideHelp());
}

/** Reads a text file; a missing or unreadable one is an {@link InputError} that names it. */
export function readText(file: string, role: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw cannotRead(role, file, error);
  }
}

export function cannotRead(role: string, path: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is nothing of that name',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
    ENOTDIR: 'it is not a directory',
  };
  return new InputError(`cannot read the ${role} ${path}: ${reasons[code ?? ''] ?? message}`, {
    hint: 'check the path and its permissions',
    cause: error,
  });
}

/** Help text below the options. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
