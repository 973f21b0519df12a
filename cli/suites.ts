import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { listScenarios, scenarioIds } from '../scenarios/index.ts';

type Suite = 'core' | 'all' | 'faulty' | 'healthy';
const suiteNames: readonly Suite[] = ['core', 'all', 'faulty', 'healthy'];

export interface SuiteFlags {
  readonly suite: Suite;
  readonly scenario?: readonly string[];
}

export function addSuiteOptions(command: Command, suite: Suite): Command {
  return command
    .addOption(
      new Option(
        '--suite <name>',
        'which scenarios: all of the catalogue (core, all), those with a fault, or healthy and misleading ones',
      )
        .choices(suiteNames)
        .default(suite),
    )
    .option('--scenario <scenario...>', 'these scenarios or .yaml files instead of a suite');
}

/** Ids or paths of the scenarios that the flags choose. */
export function suiteScenarios({ suite, scenario }: SuiteFlags): readonly string[] {
  if (scenario) return [...new Set(scenario)];
  if (suite === 'core' || suite === 'all') return scenarioIds();
  return listScenarios()
    .filter(({ ends, about }) =>
      suite === 'faulty'
        ? ends !== 'healthy'
        : isMisleading(about?.mechanism) || ends === 'healthy',
    )
    .map(({ id }) => id);
}

/** The catalogue numbers its healthy and misleading cases H1, H2 … */
function isMisleading(mechanism: string | undefined): boolean {
  return mechanism?.startsWith('H') === true;
}

/** The suite's name, or the chosen scenarios' names joined. */
export function suiteName({ suite, scenario }: SuiteFlags): string {
  if (!scenario) return suite;
  const names = [...new Set(scenario)].map((name) => basename(name).replace(/\.ya?ml$/, ''));
  return names.length <= 3 ? names.join('+') : `${names[0]}+${names.length - 1}`;
}
