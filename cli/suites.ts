import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { listScenarios, scenarioIds } from '../scenarios/index.ts';

type Suite = 'core' | 'faulty' | 'healthy';
const suiteNames: readonly Suite[] = ['core', 'faulty', 'healthy'];

export interface SuiteFlags {
  readonly suite: Suite;
  readonly scenario?: readonly string[];
}

export function addSuiteOptions(command: Command, suite: Suite): Command {
  return command
    .addOption(
      new Option('--suite <name>', 'which scenarios: all, those with or those without a fault')
        .choices(suiteNames)
        .default(suite),
    )
    .option('--scenario <scenario...>', 'these scenarios or .yaml files instead of a suite');
}

/** Ids or paths of the scenarios that the flags choose. */
export function suiteScenarios({ suite, scenario }: SuiteFlags): readonly string[] {
  if (scenario) return [...new Set(scenario)];
  if (suite === 'core') return scenarioIds();
  const wanted = listScenarios().filter(
    ({ ends }) => (ends === 'healthy') === (suite === 'healthy'),
  );
  return wanted.map(({ id }) => id);
}

/** The suite's name, or the chosen scenarios' names joined. */
export function suiteName({ suite, scenario }: SuiteFlags): string {
  if (!scenario) return suite;
  const names = [...new Set(scenario)].map((name) => basename(name).replace(/\.ya?ml$/, ''));
  return names.length <= 3 ? names.join('+') : `${names[0]}+${names.length - 1}`;
}
