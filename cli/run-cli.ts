import { Command, CommanderError } from 'commander';
import { type ExitCode, FiredrillError } from '../core/tools/index.ts';
import { benchCommand } from './commands/bench.ts';
import { benchmarkCommand } from './commands/benchmark.ts';
import { chaosCommand } from './commands/chaos.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { scenarioCommand } from './commands/scenario.ts';
import { schemaCommand } from './commands/schema.ts';
import { tuneCommand } from './commands/tune.ts';
import { validateCommand } from './commands/validate.ts';
import { refuseEatenFlags } from './npm-flags.ts';

/** Parses the command line, runs the command and turns whatever happens into an exit code. */
export async function runCli(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = new Command('firedrill')
    .description(
      'rehearse failure: break a twin of a cluster, heal it, and score how well that went',
    )
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'firedrill: ')),
    });
  const commands = [
    scenarioCommand,
    evaluateCommand,
    validateCommand,
    chaosCommand,
    benchmarkCommand,
    tuneCommand,
    benchCommand,
    schemaCommand,
  ];
  for (const create of commands)
    program.addCommand(create(finish).exitOverride().copyInheritedSettings(program));
  try {
    refuseEatenFlags(program, args, environment);
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error);
  }
}

function reportError(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof FiredrillError && error.code !== 'invariant') {
    process.stderr.write(`firedrill: ${error.message}\n`);
    if (error.hint) process.stderr.write(`  ${error.hint}\n`);
    return error.exitCode;
  }
  process.stderr.write(
    `firedrill: this is a bug in Firedrill\n${(error as Error).stack ?? error}\n`,
  );
  return 3;
}
