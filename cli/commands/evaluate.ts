import { join } from 'node:path';
import { Command } from 'commander';
import { FiredrillError, UsageError } from '../../core/tools/index.ts';
import type { Evaluation } from '../../core/truth/index.ts';
import {
  quoteWord,
  runTrials,
  stackFlags,
  summariseEvaluation,
  type TrialRequest,
  type TrialResult,
} from '../../lab/index.ts';
import { renderEvaluationHtml, renderEvaluationTable } from '../../reports/index.ts';
import { interruptibly } from '../interruption.ts';
import {
  addJsonOption,
  examples,
  type Finish,
  outOption,
  parseCount,
  parseSeed,
  parseSeedList,
  printJson,
  seedMax,
} from '../options.ts';
import { readPlotly } from '../plotly.ts';
import { Progress } from '../progress.ts';
import { prepareOut, writeFolder } from '../run-folder.ts';
import { addStackOptions, type StackFlags, stackName, stackOf } from '../stack-options.ts';
import { addSuiteOptions, type SuiteFlags, suiteName, suiteScenarios } from '../suites.ts';
import { TrialJournal } from '../trial-journal.ts';
import { warnAboutInputs } from '../warnings.ts';

interface Flags extends StackFlags, SuiteFlags {
  readonly seeds: number;
  readonly seedList?: readonly number[];
  readonly firstSeed: number;
  readonly jobs: number;
  readonly out: string;
  readonly json?: boolean;
}

export function evaluateCommand(_finish: Finish): Command {
  const command = new Command('evaluate')
    .description('play every scenario of a suite over seeds; print the scores with their intervals')
    .usage('-- [options]')
    .option('--seeds <n>', 'how many seeds per scenario', parseCount, 5)
    .option('--first-seed <n>', 'the first of them; quote figures from 1001 upwards', parseSeed, 1)
    .option('--seed-list <list>', 'exactly these instead, e.g. 1001-1020 or 3,5,9', parseSeedList)
    .option('--jobs <n>', 'worker threads', parseCount, 2)
    .addOption(outOption());
  return addStackOptions(addJsonOption(addSuiteOptions(command, 'core')))
    .addHelpText(
      'after',
      `${examples(
        'npm run evaluate -- --suite core --seeds 5 --jobs 2',
        'npm run evaluate -- --scenario zone_failure ./mine.yaml --seed-list 1001-1020',
        'npm run -s evaluate -- --suite faulty --json > evaluation.json',
      )}\n\nAn evaluation that was stopped goes on where it was when the same command is given again.`,
    )
    .action(evaluate);
}

async function evaluate(flags: Flags): Promise<void> {
  const seeds = seedsOf(flags);
  const scenarios = suiteScenarios(flags);
  const stack = stackOf(flags);
  warnAboutInputs(stack, scenarios);
  prepareOut(flags.out);
  const requests = scenarios.flatMap((scenario) =>
    seeds.map((seed): TrialRequest => ({ scenario, seed, ...stack })),
  );
  const name = `evaluate-${suiteName(flags)}-${seedName(seeds)}-${stackName(flags)}`;
  const folder = join(flags.out, name);
  const journal = new TrialJournal(join(flags.out, `${name}.journal.jsonl`));
  const evaluation = await interruptibly(
    async (signal) => {
      const results = await playAll(requests, { jobs: flags.jobs, journal, signal });
      const suite = suiteName(flags);
      const replay = replayLine(flags, seeds, stack);
      const evaluation = summariseEvaluation({ suite, seeds, results, replay });
      await writeFolder(folder, filesOf(evaluation, results), signal);
      return evaluation;
    },
    () => interrupted(requests, journal),
  );
  journal.remove();
  if (flags.json) printJson(evaluation);
  else {
    const { stdout } = process;
    const color = stdout.isTTY === true && !process.env.NO_COLOR;
    stdout.write(renderEvaluationTable(evaluation, { color, width: stdout.columns ?? 140 }));
    stdout.write(`\nwritten: ${join(folder, 'evaluation.json')}, report.html, trials.jsonl\n`);
  }
}

function seedsOf({ seedList, seeds, firstSeed }: Flags): readonly number[] {
  if (seedList) return seedList;
  if (firstSeed + seeds - 1 > seedMax) {
    throw new UsageError(`seeds end at ${seedMax}`, 'lower --first-seed or --seeds');
  }
  return Array.from({ length: seeds }, (_, i) => firstSeed + i);
}

/** Results in the order of the requests; what the journal has is not played again. */
async function playAll(
  requests: readonly TrialRequest[],
  { jobs, journal, signal }: { jobs: number; journal: TrialJournal; signal: AbortSignal },
): Promise<TrialResult[]> {
  const results = requests.map((request) => journal.find(request));
  const open = requests.filter((_, index) => !results[index]);
  const total = requests.length;
  let done = total - open.length;
  if (done > 0) {
    process.stderr.write(
      `going on with an evaluation that was stopped: ${done} of ${total} trials are in ${journal.file}\n`,
    );
  }
  const progress = new Progress(`${total} trials`, done / total);
  try {
    const fresh = await runTrials(open, {
      jobs,
      signal,
      onDone: (result, index) => {
        journal.append(open[index] as TrialRequest, result);
        done += 1;
        progress.update(done / total, `${result.scenario} ${result.seed}`);
      },
    });
    const rest = fresh.values();
    return results.map((result) => result ?? (rest.next().value as TrialResult));
  } finally {
    progress.done();
  }
}

function interrupted(requests: readonly TrialRequest[], journal: TrialJournal): FiredrillError {
  const done = requests.filter((request) => journal.find(request)).length;
  const message = `interrupted; ${done} of ${requests.length} trials are kept in ${journal.file}`;
  const hint = 'the same command goes on from there';
  return new FiredrillError(message, { code: 'interrupted', exitCode: 130, hint });
}

function replayLine(
  flags: Flags,
  seeds: readonly number[],
  stack: ReturnType<typeof stackOf>,
): string {
  const which = flags.scenario
    ? `--scenario ${flags.scenario.map(quoteWord).join(' ')}`
    : `--suite ${flags.suite}`;
  const words = [which, `--seed-list ${seedText(seeds)}`, ...stackFlags(stack)];
  return `npm run evaluate -- ${words.join(' ')}`;
}

function filesOf(
  evaluation: Evaluation,
  results: readonly TrialResult[],
): Record<string, string | string[]> {
  const plotly = readPlotly();
  return {
    'evaluation.json': `${JSON.stringify(evaluation, null, 2)}\n`,
    'report.html': renderEvaluationHtml(evaluation, { plotly }),
    'trials.jsonl': results.map((result) => JSON.stringify(result)),
  };
}

/** `1001-1020`, or all of them where they are no range. */
function seedText(seeds: readonly number[]): string {
  const [first, last] = [seeds[0] as number, seeds.at(-1) as number];
  const isRange = seeds.length > 1 && seeds.every((seed, i) => seed === first + i);
  return isRange ? `${first}-${last}` : seeds.join(',');
}

/** The seeds as a part of a file name, which must not grow with their number. */
function seedName(seeds: readonly number[]): string {
  const text = seedText(seeds).replaceAll(',', '_');
  return text.length <= 40 ? text : `${seeds[0]}x${seeds.length}`;
}
