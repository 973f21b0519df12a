import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { type ExitCode, InputError } from '../core/tools/index.ts';

/** How a command reports its exit code; not called means 0. */
export type Finish = (code: ExitCode) => void;

const uint32Max = 4_294_967_295;

/** An unsigned 32-bit seed. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > uint32Max) {
    throw new InvalidArgumentError(`expected a whole number from 0 to ${uint32Max}.`);
  }
  return value;
}

/** `7`, `1001-1020` or `1,5,9`; a bare count is what `--seeds N` gives, see the caller. */
export function parseSeedList(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const range = /^(\d+)-(\d+)$/.exec(part);
    if (!range) return [parseSeed(part)];
    const [first, last] = [parseSeed(range[1] as string), parseSeed(range[2] as string)];
    if (last < first) throw new InvalidArgumentError(`expected a rising range, got ${part}.`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return [...new Set(seeds)];
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1)
    throw new InvalidArgumentError('expected a whole number of at least 1.');
  return value;
}

export const jsonOption = (): Option => new Option('--json', 'print JSON alone on stdout');
export const outOption = (): Option =>
  new Option('--out <dir>', 'where results go').default('runs');

/** Reads a text file; a missing or unreadable one is an input error that names it. */
export function readText(file: string, role: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'there is no such file'
        : (error as Error).message;
    throw new InputError(`cannot read the ${role} ${file}: ${reason}`, {
      hint: 'give the path of a readable file',
    });
  }
}

/** Help text below the options. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
