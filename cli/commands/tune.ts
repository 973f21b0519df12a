import { join } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import { runTrials, type TuneReport, tune } from '../../lab/index.ts';
import {
  examples,
  type Finish,
  jsonOption,
  outOption,
  parseCount,
  parseSeedList,
  printJson,
} from '../options.ts';
import { Progress } from '../progress.ts';
import { writeFolder } from '../run-folder.ts';
import { addStackOptions, type StackFlags, stackOf } from '../stack-options.ts';
import { type Suite, suiteNames, suiteScenarios } from '../suites.ts';

interface Flags extends StackFlags {
  readonly suite: Suite;
  readonly scenario?: readonly string[];
  readonly episodes: number;
  readonly trainSeeds: readonly number[];
  readonly testSeeds: readonly number[];
  readonly jobs: number;
  readonly out: string;
  readonly json?: boolean;
}

export function tuneCommand(_finish: Finish): Command {
  const command = new Command('tune')
    .description(
      "improve a policy's knobs by a bandit over seeded episodes; judged on seeds it did not train on",
    )
    .addOption(
      new Option('--suite <name>', 'which scenarios').choices(suiteNames).default('faulty'),
    )
    .option('--scenario <id...>', 'these scenarios instead of a suite')
    .option('--episodes <n>', 'episodes to learn from', parseCount, 200)
    .addOption(seedOption('--train-seeds <list>', 'seeds to learn on', '101-108'))
    .addOption(seedOption('--test-seeds <list>', 'seeds to judge on', '1001-1008'))
    .option('--jobs <n>', 'worker threads', parseCount, 2)
    .addOption(outOption())
    .addOption(jsonOption());
  return addStackOptions(command)
    .addHelpText(
      'after',
      examples(
        'npm run tune',
        'npm run tune -- --scenario traffic_spike --episodes 60 --policy ./policies.yaml',
      ),
    )
    .action(async (flags: Flags) => {
      const shared = flags.trainSeeds.filter((seed) => flags.testSeeds.includes(seed));
      if (shared.length > 0) {
        throw new UsageError(
          `seeds ${shared.join(', ')} are in both lists`,
          'judge on seeds that were not trained on',
        );
      }
      const report = await tuneWithProgress(flags);
      const folder = join(flags.out, 'tune');
      await writeFolder(folder, {
        'tune.json': `${JSON.stringify(report, null, 2)}\n`,
        'policies.yaml': report.policyText,
      });
      if (flags.json) printJson(report);
      else
        process.stdout.write(
          `${describe(report)}written: ${join(folder, 'policies.yaml')}, tune.json\n`,
        );
    });
}

function seedOption(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description)
    .argParser(parseSeedList)
    .default(parseSeedList(fallback), fallback);
}

async function tuneWithProgress(flags: Flags): Promise<TuneReport> {
  const progress = new Progress('tune');
  const scenarios = flags.scenario ?? suiteScenarios(flags.suite);
  const total = flags.episodes + 2 * flags.testSeeds.length * scenarios.length;
  let played = 0;
  try {
    return await tune({
      stack: stackOf(flags),
      scenarios,
      trainSeeds: flags.trainSeeds,
      testSeeds: flags.testSeeds,
      episodes: flags.episodes,
      play: (requests) =>
        runTrials(requests, {
          jobs: flags.jobs,
          onDone: () => {
            played += 1;
            progress.update(Math.min(0.99, played / total));
          },
        }),
      onRound: ({ bestChange }) => progress.update(Math.min(0.99, played / total), bestChange),
    });
  } finally {
    progress.done();
  }
}

function describe({ changes, costBefore, costAfter, gain, testSeeds }: TuneReport): string {
  const figure = ({ value, low, high }: TuneReport['gain']): string =>
    `${value?.toFixed(5)} [${low?.toFixed(5)}, ${high?.toFixed(5)}]`;
  const turned = changes
    .map(({ knob, before, after }) => `  ${knob}: ${before} -> ${after}\n`)
    .join('');
  const isClear = (gain.low ?? 0) > 0;
  return [
    turned === '' ? 'no change beat the policy as it is\n' : `changed:\n${turned}`,
    `cost per episode on ${testSeeds.length} unseen seeds, n = ${gain.n}: ${figure(costBefore)} before, ${figure(costAfter)} after\n`,
    `gain ${figure(gain)}: ${isClear ? 'better' : 'not distinguishable from no change'}\n`,
  ].join('');
}
