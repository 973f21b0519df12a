import { join } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../../core/tools/index.ts';
import { TrialPool, type TuneReport, tune } from '../../lab/index.ts';
import { interruptibly } from '../interruption.ts';
import {
  addJsonOption,
  examples,
  type Finish,
  outOption,
  parseCount,
  parseSeedList,
  printJson,
} from '../options.ts';
import { Progress } from '../progress.ts';
import { prepareOut, writeFolder } from '../run-folder.ts';
import { addStackOptions, type StackFlags, stackOf } from '../stack-options.ts';
import { addSuiteOptions, type SuiteFlags, suiteScenarios } from '../suites.ts';
import { warnAboutInputs } from '../warnings.ts';

interface Flags extends StackFlags, SuiteFlags {
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
      "improve a policy's knobs by a bandit over seeded episodes; judge on seeds it never saw",
    )
    .usage('-- [options]')
    .option('--episodes <n>', 'episodes to learn from', parseCount, 200)
    .addOption(seedOption('--train-seeds <list>', 'seeds to learn on', '101-108'))
    .addOption(seedOption('--test-seeds <list>', 'seeds to judge on', '1001-1008'))
    .option('--jobs <n>', 'worker threads', parseCount, 2)
    .addOption(outOption());
  return addStackOptions(addJsonOption(addSuiteOptions(command, 'faulty')))
    .addHelpText(
      'after',
      examples(
        'npm run tune',
        'npm run tune -- --scenario traffic_spike --episodes 60 --policy ./policies.yaml',
      ),
    )
    .action(runTune);
}

function seedOption(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description)
    .argParser(parseSeedList)
    .default(parseSeedList(fallback), fallback);
}

async function runTune(flags: Flags): Promise<void> {
  const shared = flags.trainSeeds.filter((seed) => flags.testSeeds.includes(seed));
  if (shared.length > 0) {
    throw new UsageError(
      `seeds ${shared.join(', ')} are in both --train-seeds and --test-seeds`,
      'judge on seeds that were not trained on',
    );
  }
  const scenarios = suiteScenarios(flags);
  const stack = stackOf(flags);
  warnAboutInputs(stack, scenarios);
  prepareOut(flags.out);
  const folder = join(flags.out, 'tune');
  const report = await interruptibly(async (signal) => {
    const report = await tuneWithProgress({ flags, scenarios, stack, signal });
    const files = {
      'tune.json': `${JSON.stringify(report, null, 2)}\n`,
      'policies.yaml': report.policyText,
    };
    await writeFolder(folder, files, signal);
    return report;
  });
  if (flags.json) printJson(report);
  else {
    const written = `written: ${join(folder, 'policies.yaml')}, tune.json\n`;
    process.stdout.write(`${describe(report)}${written}`);
  }
}

async function tuneWithProgress({
  flags: { episodes, trainSeeds, testSeeds, jobs },
  scenarios,
  stack,
  signal,
}: {
  readonly flags: Flags;
  readonly scenarios: readonly string[];
  readonly stack: ReturnType<typeof stackOf>;
  readonly signal: AbortSignal;
}): Promise<TuneReport> {
  const progress = new Progress('tune');
  const pool = new TrialPool({ jobs, signal });
  const total = episodes + 2 * testSeeds.length * scenarios.length;
  let played = 0;
  const update = (detail?: string): void => progress.update(Math.min(0.99, played / total), detail);
  const onDone = (): void => {
    played += 1;
    update();
  };
  try {
    return await tune({
      stack,
      scenarios,
      trainSeeds,
      testSeeds,
      episodes,
      play: (requests) => pool.play(requests, onDone),
      onRound: ({ bestChange }) => update(bestChange),
    });
  } finally {
    await pool.close();
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
    `cost per episode on ${testSeeds.length} unseen seeds, n = ${gain.n}: ` +
      `${figure(costBefore)} before, ${figure(costAfter)} after\n`,
    `gain ${figure(gain)}: ${isClear ? 'better' : 'not distinguishable from no change'}\n`,
  ].join('');
}
