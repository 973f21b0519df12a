import { Command, type OutputConfiguration } from 'commander';
import type { ExitCode } from '../core/tools/index.ts';
import { benchCommand } from './commands/bench.ts';
import { benchmarkCommand } from './commands/benchmark.ts';
import { calibrateCommand } from './commands/calibrate.ts';
import { catalogueCommand } from './commands/catalogue.ts';
import { chaosCommand } from './commands/chaos.ts';
import { compareCommand } from './commands/compare.ts';
import { detectCommand } from './commands/detect.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { fidelityCommand } from './commands/fidelity.ts';
import { regressionCommand } from './commands/regression.ts';
import { scenarioCommand } from './commands/scenario.ts';
import { schemaCommand } from './commands/schema.ts';
import { tuneCommand } from './commands/tune.ts';
import { validateCommand } from './commands/validate.ts';
import { refuseEatenFlags } from './npm-flags.ts';
import type { Finish } from './options.ts';
import { reportError } from './report-error.ts';

/** Columns of help text where there is no terminal. */
const helpWidth = 100;

/** Parses the command line, runs the command and turns whatever happens into an exit code. */
export async function runCli(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    refuseEatenFlags(program, args, environment);
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    const report = reportError(error);
    process.stderr.write(report.text);
    return report.exitCode;
  }
}

/** All commands, under the name by which people call them. */
export function createProgram(finish: Finish, output: OutputConfiguration = {}): Command {
  const program = new Command('npm run')
    .description(
      'rehearse failure: break a twin of a cluster, let a stack detect, diagnose and heal it, and score that',
    )
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .usage('COMMAND -- [options]')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
npm keeps options that stand before \`--\`, so they stand behind it.
Help on one command: npm run scenario -- --help

Exit codes:
  0  good
  1  a criterion was missed; for a healthy scenario, any incident or action
  2  a mistake on the command line, in a scenario or in data
  3  a bug in Firedrill
  4  the digest differs from --expect-digest
130  interrupted`,
    )
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => process.stdout.columns ?? helpWidth,
      getErrHelpWidth: () => process.stderr.columns ?? helpWidth,
      outputError: (text, write) => write(text.replace(/^error: /, 'firedrill: ')),
      ...output,
    });
  const commands = [
    scenarioCommand,
    evaluateCommand,
    regressionCommand,
    compareCommand,
    validateCommand,
    catalogueCommand,
    chaosCommand,
    benchmarkCommand,
    detectCommand,
    fidelityCommand,
    tuneCommand,
    calibrateCommand,
    benchCommand,
    schemaCommand,
  ];
  for (const create of commands) program.addCommand(create(finish).copyInheritedSettings(program));
  return program;
}
