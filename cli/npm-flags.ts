import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { UsageError } from '../core/tools/index.ts';
import { quoteWord } from '../lab/index.ts';
import { type Eaten, placeWords } from './place-words.ts';

/**
 * Npm takes options that stand before `--` for its own: `--seed=7` and `--json` only show in the
 * environment, `--seed 7` leaves a `7` among the words. Both are refused, with the line that was
 * meant.
 */
export function refuseEatenFlags(
  program: Command,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): void {
  const command = program.commands.find((entry) => entry.name() === args[0]);
  if (!command || environment.npm_lifecycle_event !== command.name()) return;
  const given = args.slice(1);
  const eaten = command.options.flatMap((option) => findEaten(option, given, environment));
  if (eaten.length === 0) return;
  const names = [...new Set(eaten.map(({ option }) => option.long as string))];
  const line = correctedLine(command, eaten, given, environment);
  const isSetting = names.includes('--json');
  throw new UsageError(
    `npm kept ${names.join(', ')} for itself: options stand behind \`--\``,
    `write: ${line}${isSetting ? '\n  or, if your npm is set to json: put --no-json behind `--`' : ''}`,
  );
}

/** An option in npm's hands, once per time it was typed; nothing when it is there anyway. */
function findEaten(
  option: Option,
  given: readonly string[],
  environment: NodeJS.ProcessEnv,
): Eaten[] {
  const name = option.name();
  const value = environment[`npm_config_${name.replaceAll('-', '_')}`];
  // Npm says '' for false and null.
  if (option.negate || !value || isNpmSetting(name, value, environment)) return [];
  const isAnswered = given.some((word) =>
    [`--${name}`, `--no-${name}`].includes(word.split('=')[0] as string),
  );
  if (isAnswered) return [];
  const isFlag = option.isBoolean();
  // Npm joins what was typed several times.
  const times = isFlag ? ['true'] : value.split('\n\n');
  return times.map((text) => ({ option, value: isFlag || text === 'true' ? null : text }));
}

/** Whether the value comes from npm's own configuration and not from the command line. */
function isNpmSetting(name: string, value: string, environment: NodeJS.ProcessEnv): boolean {
  if (environment[`NPM_CONFIG_${name.replaceAll('-', '_').toUpperCase()}`] === value) return true;
  const files = [
    environment.npm_config_userconfig,
    environment.npm_config_globalconfig,
    environment.npm_config_local_prefix && join(environment.npm_config_local_prefix, '.npmrc'),
  ];
  const setting = new RegExp(`^\\s*${name}\\s*(?:=\\s*"?([^"\\r\\n]*?)"?\\s*)?$`, 'm');
  return files.some((file) => {
    const found = file && setting.exec(readIfPossible(file));
    return found && (found[1] ?? 'true') === value;
  });
}

function readIfPossible(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function correctedLine(
  command: Command,
  eaten: readonly Eaten[],
  given: readonly string[],
  environment: NodeJS.ProcessEnv,
): string {
  const firstFlag = given.findIndex((word) => word.startsWith('-'));
  const words = firstFlag < 0 ? given : given.slice(0, firstFlag);
  const kept = firstFlag < 0 ? [] : given.slice(firstFlag);
  const { positionals, values } = placeWords(command, eaten, words);
  const flags = eaten.flatMap(({ option }, index) => {
    const long = option.long as string;
    if (option.isBoolean()) return [long];
    const gap = option.flags.slice(option.flags.indexOf('<')).replace('...', '');
    return [long, ...(values[index]?.length ? values[index] : [gap])];
  });
  // With --json, stdout is for a parser, so npm must not print its banner there.
  const isQuiet =
    environment.npm_config_loglevel === 'silent' || [...flags, ...kept].includes('--json');
  const quoted = (list: readonly string[]): string[] =>
    list.map((word) => (/^<.*>$/.test(word) ? word : quoteWord(word)));
  return [
    isQuiet ? 'npm run -s' : 'npm run',
    command.name(),
    ...quoted(positionals),
    '--',
    ...quoted(flags),
    ...quoted(kept),
  ].join(' ');
}
