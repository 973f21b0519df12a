import { CommanderError } from 'commander';
import { type ExitCode, FiredrillError } from '../core/tools/index.ts';

/**
 * What to say on stderr about an error, and the exit code it means; a stack only when it is our
 * bug.
 */
export function reportError(error: unknown): {
  readonly text: string;
  readonly exitCode: ExitCode;
} {
  // Commander has already said what is wrong, or printed the help that was asked for.
  if (error instanceof CommanderError) return { text: '', exitCode: error.exitCode === 0 ? 0 : 2 };
  if (error instanceof FiredrillError && error.code !== 'invariant') {
    const hint = error.hint === undefined ? '' : `  ${error.hint}\n`;
    return { text: `firedrill: ${error.message}\n${hint}`, exitCode: error.exitCode };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    text: `firedrill: this is a bug in Firedrill; please report it\n${stack}\n`,
    exitCode: 3,
  };
}
