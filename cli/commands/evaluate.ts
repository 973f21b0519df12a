import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import {
  InterruptedError,
  runTrials,
  summariseEvaluation,
  type TrialRequest,
} from '../../lab/index.ts';
import { renderEvaluationHtml, renderEvaluationTable } from '../../reports/index.ts';
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
  readonly seeds: number;
  readonly seedList?: readonly number[];
  readonly firstSeed: number;
  readonly jobs: number;
  readonly out: string;
  readonly json?: boolean;
}

export function evaluateCommand(finish: Finish): Command {
  const command = new Command('evaluate')
    .description(
      'play every scenario of a suite over seeds and print the scores with their intervals',
    )
    .addOption(new Option('--suite <name>', 'which scenarios').choices(suiteNames).default('core'))
    .option('--seeds <n>', 'how many seeds per scenario', parseCount, 5)
    .option('--first-seed <n>', 'the first of them; quote figures from 1001 upwards', parseCount, 1)
    .option(
      '--seed-list <list>',
      'exactly these seeds instead, e.g. 1001-1020 or 3,5,9',
      parseSeedList,
    )
    .option('--jobs <n>', 'worker threads', parseCount, 2)
    .addOption(outOption())
    .addOption(jsonOption());
  return addStackOptions(command)
    .addHelpText(
      'after',
      examples(
        'npm run evaluate -- --suite core --seeds 5 --jobs 2',
        'npm run evaluate -- --seed-list 1001-1020',
        'npm run -s evaluate -- --suite faulty --json > evaluation.json',
      ),
    )
    .action(async (flags: Flags) => {
      await evaluate(flags);
      finish(0);
    });
}

async function evaluate(flags: Flags): Promise<void> {
  const seeds =
    flags.seedList ?? Array.from({ length: flags.seeds }, (_, i) => flags.firstSeed + i);
  const stack = stackOf(flags);
  const requests = suiteScenarios(flags.suite).flatMap((scenario) =>
    seeds.map((seed): TrialRequest => ({ scenario, seed, ...stack })),
  );
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const progress = new Progress(`${requests.length} trials`);
  const results = await runTrials(requests, {
    jobs: flags.jobs,
    signal: stop.signal,
    onDone: (done, result) =>
      progress.update(done / requests.length, `${result.scenario} ${result.seed}`),
  }).finally(() => {
    progress.done();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  });
  if (stop.signal.aborted) throw new InterruptedError();
  const evaluation = summariseEvaluation({
    suite: flags.suite,
    seeds,
    results,
    replay: `npm run evaluate -- --suite ${flags.suite} --seed-list ${seedText(seeds)} --healer ${flags.healer} --detector ${flags.detector} --localizer ${flags.localizer}`,
  });
  const folder = join(
    flags.out,
    `evaluate-${flags.suite}-${seeds[0]}x${seeds.length}-${flags.healer}`,
  );
  const plotly = readFileSync(
    createRequire(import.meta.url).resolve('plotly.js-cartesian-dist-min'),
    'utf8',
  );
  await writeFolder(folder, {
    'evaluation.json': `${JSON.stringify(evaluation, null, 2)}\n`,
    'report.html': renderEvaluationHtml(evaluation, { plotly }),
    'trials.jsonl': results.map((result) => JSON.stringify(result)),
  });
  if (flags.json) printJson(evaluation);
  else {
    const { stdout } = process;
    const color = stdout.isTTY === true && !process.env.NO_COLOR;
    stdout.write(renderEvaluationTable(evaluation, { color, width: stdout.columns ?? 140 }));
    stdout.write(`\nwritten: ${join(folder, 'evaluation.json')}, report.html, trials.jsonl\n`);
  }
}

function seedText(seeds: readonly number[]): string {
  const [first, last] = [seeds[0] as number, seeds.at(-1) as number];
  const isRange = seeds.length > 1 && seeds.every((seed, i) => seed === first + i);
  return isRange ? `${first}-${last}` : seeds.join(',');
}
