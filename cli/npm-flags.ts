import type { Command } from 'commander';
import { UsageError } from '../core/tools/index.ts';

/** Npm's own settings of these names are common and harmless: they are not taken for eaten flags. */
const npmOwn = new Set(['help', 'version']);

/**
 * Npm keeps flags that stand before `--` for itself and passes their values on as words. Both traces
 * are refused, with the line that was meant.
 */
export function refuseEatenFlags(
  program: Command,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): void {
  const command = program.commands.find((entry) => entry.name() === args[0]);
  if (!command || environment.npm_lifecycle_event !== args[0]) return;
  const eaten = command.options.flatMap((option) => {
    const name = option.long?.slice(2) ?? '';
    const value = environment[`npm_config_${name.replaceAll('-', '_')}`];
    return value === undefined || value === '' || npmOwn.has(name) || args.includes(`--${name}`)
      ? []
      : [{ option, name, value }];
  });
  if (eaten.length === 0) return;
  const values = new Set(eaten.map(({ value }) => value));
  const kept = args.slice(1).filter((word) => !values.has(word));
  const firstFlag = kept.findIndex((word) => word.startsWith('-'));
  const positionals = firstFlag < 0 ? kept : kept.slice(0, firstFlag);
  const flags = firstFlag < 0 ? [] : kept.slice(firstFlag);
  const stray = args.slice(1).filter((word) => values.has(word));
  const meant = eaten.map(({ option, name, value }) => {
    if (!option.required && !option.optional) return `--${name}`;
    const spoken = value === 'true' ? (stray.shift() ?? `<${name}>`) : value;
    const stolen =
      value === 'true' && spoken.startsWith('<') ? (positionals.splice(1, 1)[0] ?? spoken) : spoken;
    return `--${name} ${stolen}`;
  });
  const line = ['npm run', args[0], ...positionals, '--', ...meant, ...flags].join(' ');
  throw new UsageError(
    `npm kept ${eaten.map(({ name }) => `--${name}`).join(', ')} for itself, because it stands before \`--\``,
    `write: ${line}`,
  );
}
