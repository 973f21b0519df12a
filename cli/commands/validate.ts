import { Argument, Command } from 'commander';
import {
  describeTopology,
  listScenarios,
  loadScenario,
  loadTopology,
  resolveEpisode,
} from '../../scenarios/index.ts';
import { examples, type Finish, jsonOption, printJson } from '../options.ts';

/** Seeds whose draws a check makes: a range may lie in the run for one seed and outside for another. */
const checkedSeeds = 50;

export function validateCommand(_finish: Finish): Command {
  return new Command('validate')
    .description('check scenarios without running them: syntax, units, targets, times')
    .addArgument(new Argument('[scenario...]', 'ids or .yaml files (default: all shipped)'))
    .addOption(jsonOption())
    .addHelpText('after', examples('npm run validate', 'npm run validate -- ./mine.yaml'))
    .action((given: readonly string[], flags: { json?: boolean }) => {
      const names = given.length > 0 ? given : listScenarios().map(({ id }) => id);
      const checked = names.map((name) => {
        const scenario = loadScenario(name);
        const spec = loadTopology(scenario.topology, { workload: scenario.workload });
        describeTopology(spec);
        for (let seed = 1; seed <= checkedSeeds; seed += 1) resolveEpisode(scenario, seed, spec);
        return {
          scenario: scenario.id,
          version: scenario.version,
          faults: scenario.faults.length,
          valid: true,
        };
      });
      if (flags.json) printJson(checked);
      else
        process.stdout.write(
          checked.map(({ scenario, version }) => `ok  ${scenario} v${version}\n`).join(''),
        );
    });
}
