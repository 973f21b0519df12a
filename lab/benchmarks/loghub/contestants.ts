import { TemplateMiner } from '../../../detectors/index.ts';
import { PlainDrain } from './plain-drain.ts';
import type { Parsed } from './scorer.ts';

/** A log parser: one setting for all systems, never a label. */
export interface Contestant {
  readonly name: string;
  readonly kind: 'ours' | 'baseline';
  parse(lines: readonly string[]): Parsed;
}

/** Everybody who takes part, in the order of the table. */
export const contestants: readonly Contestant[] = [
  { name: 'default', kind: 'ours', parse: mineTemplates },
  { name: 'plain_drain', kind: 'baseline', parse: drainPlainly },
  { name: 'digit_mask', kind: 'baseline', parse: maskDigits },
  {
    name: 'first_token',
    kind: 'baseline',
    parse: (lines) => groupBy(lines, (tokens) => `${tokens.length} ${firstWithoutDigit(tokens)}`),
  },
  {
    name: 'token_count',
    kind: 'baseline',
    parse: (lines) => groupBy(lines, (tokens) => tokens.length),
  },
];

/** Streams the lines; each counts with the template that its id stands for at the end. */
function mineTemplates(lines: readonly string[]): Parsed {
  const miner = new TemplateMiner();
  const ids = lines.map((line) => miner.add(line));
  const found = ids.map((id) => miner.templateOf(id));
  return {
    groups: found.map((template, i) => template?.id ?? -(ids[i] as number)),
    templates: found.map((template) => template?.text ?? ''),
  };
}

function drainPlainly(lines: readonly string[]): Parsed {
  const drain = new PlainDrain();
  const groups = lines.map((line) => drain.add(line));
  return { groups, templates: groups.map((id) => drain.templateOf(id)) };
}

/** Every token with a digit or a slash is a parameter; equal strings are one group. */
function maskDigits(lines: readonly string[]): Parsed {
  const templates = lines.map((line) =>
    tokensOf(line)
      .map((token) => (/[\d/]/.test(token) ? '<*>' : token))
      .join(' '),
  );
  return { groups: templates, templates };
}

function groupBy(
  lines: readonly string[],
  key: (tokens: readonly string[]) => string | number,
): Parsed {
  return { groups: lines.map((line) => key(tokensOf(line))), templates: null };
}

function firstWithoutDigit([first = '']: readonly string[]): string {
  return /\d/.test(first) ? '*' : first;
}

function tokensOf(line: string): readonly string[] {
  return line.trim().split(/\s+/);
}
