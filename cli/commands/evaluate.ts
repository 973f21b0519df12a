import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Evaluation } from '../../core/truth/index.ts';
import {
  quoteWord,
  setVoidAside,
  stackFlags,
  summariseEvaluation,
  type TrialRequest,
  type TrialResult,
} from '../../lab/index.ts';
import {
  evaluationCases,
  leftOutCases,
  renderEvaluationHtml,
  renderEvaluationTable,
  renderJunit,
} from '../../reports/index.ts';
import { listScenarios, loadScenario } from '../../scenarios/index.ts';
import { allowSeveralDetectors, type ContestantStack, contestantStacks } from '../contestants.ts';
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
} from '../options.ts';
import { announceResumption, interruptedBatch, playTrials } from '../play-trials.ts';
import { readPlotly } from '../plotly.ts';
import { prepareOut, writeFolder } from '../run-folder.ts';
import { seedName, seedRange, seedsForHours, seedText } from '../seeds.ts';
import { addStackOptions, type StackFlags, stackName } from '../stack-options.ts';
import { addSuiteOptions, type SuiteFlags, suiteName, suiteScenarios } from '../suites.ts';
import { terminalStyle } from '../terminal-style.ts';
import { TrialJournal } from '../trial-journal.ts';
import { warnAboutInputs } from '../warnings.ts';
import { prepareFile, writeWholeFile } from '../write-whole-file.ts';

interface Flags extends StackFlags, SuiteFlags {
  readonly seeds: number;
  readonly hours?: number;
  readonly seedList?: readonly number[];
  readonly firstSeed: number;
  readonly jobs: number;
  readonly out: string;
  readonly junit?: string;
  readonly json?: boolean;
}

export function evaluateCommand(finish: Finish): Command {
  const command = new Command('evaluate')
    .description('play every scenario of a suite over seeds; print the scores with their intervals')
    .usage('-- [options]')
    .option('--seeds <n>', 'how many seeds per scenario', parseCount, 5)
    .addOption(
      new Option('--hours <n>', 'instead: as many seeds as give so many hours, at least 20')
        .argParser(parseCount)
        .conflicts('seedList'),
    )
    .option('--first-seed <n>', 'the first of them; quote figures from 1001 upwards', parseSeed, 1)
    .option('--seed-list <list>', 'exactly these instead, e.g. 1001-1020 or 3,5,9', parseSeedList)
    .option('--jobs <n>', 'worker threads', parseCount, 2)
    .addOption(outOption())
    .option('--junit <file>', 'also write the trials as JUnit XML there');
  return allowSeveralDetectors(addStackOptions(addJsonOption(addSuiteOptions(command, 'core'))))
    .addHelpText(
      'after',
      `${examples(
        'npm run evaluate -- --suite core --seeds 5 --jobs 2',
        'npm run evaluate -- --suite healthy --hours 600 --healer none --first-seed 1001',
        'npm run evaluate -- --detector default,z_score,./mine.ts --seeds 10',
        'npm run evaluate -- --scenario zone_failure ./mine.yaml --seed-list 1001-1020',
        'npm run -s evaluate -- --suite faulty --json > evaluation.json',
      )}

Several detectors meet the same scenarios and seeds, and nobody heals unless --healer says so.
An evaluation that was stopped goes on where it was when the same command is given again.`,
    )
    .action((flags: Flags, self: Command) => evaluate(openLoop(flags, self), finish));
}

/**
 * Detectors are compared with nobody healing: what one of them sets off must not change the run.
 */
function openLoop(flags: Flags, self: Command): Flags {
  const isOpen = flags.detector.includes(',') && self.getOptionValueSource('healer') !== 'cli';
  return isOpen ? { ...flags, healer: 'none' } : flags;
}

async function evaluate(flags: Flags, finish: Finish): Promise<void> {
  const scenarios = suiteScenarios(flags);
  const seeds = seedsOf(flags, scenarios);
  const contestants = contestantStacks(flags);
  for (const { stack } of contestants) warnAboutInputs(stack, scenarios);
  prepareOut(flags.out);
  if (flags.junit) prepareFile(flags.junit);
  const requests = contestants.flatMap(({ stack }) =>
    scenarios.flatMap((scenario) =>
      seeds.map((seed): TrialRequest => ({ scenario, seed, ...stack })),
    ),
  );
  const name = `evaluate-${suiteName(flags)}-${seedName(seeds)}-${stackName({
    ...flags,
    detector: contestants.map((one) => one.name).join('+'),
  })}`;
  const folder = join(flags.out, name);
  const journal = new TrialJournal(join(flags.out, `${name}.journal.jsonl`));
  announceResumption(requests, journal, 'an evaluation');
  const evaluation = await interruptibly(
    async (signal) => {
      const played = await playTrials(requests, { jobs: flags.jobs, journal, signal });
      const each = played.length / contestants.length;
      const { sides, voids } = setVoidAside(
        contestants.map((_, i) => played.slice(i * each, (i + 1) * each)),
      );
      const named = contestants.map(({ name }, i) => ({ name, results: sides[i] ?? [] }));
      const first = named[0] as NamedResults;
      const evaluation = summariseEvaluation({
        suite: suiteName(flags),
        seeds,
        results: first.results,
        voids,
        detector: first.name,
        others: named.slice(1),
        mechanismOf: mechanismsOf(),
        replay: replayLine(flags, seeds, contestants),
      });
      const files = filesOf(evaluation, named, flags);
      await writeFolder(folder, files, signal);
      if (flags.junit) writeWholeFile(flags.junit, files['junit.xml']);
      return evaluation;
    },
    () => interruptedBatch(requests, journal),
  );
  journal.remove();
  tell(evaluation, folder, flags);
  if (isMostlyUnwell(evaluation)) {
    process.stderr.write(
      `${evaluation.leftOut.length} trials were left out: too many for a world that is well\n`,
    );
    finish(1);
  }
}

/** Bad luck, by experience one trial in some hundreds, is no failure; a world that is unwell is. */
function isMostlyUnwell({ trials, leftOut }: Evaluation): boolean {
  return leftOut.length > Math.max(1, 0.05 * (trials + leftOut.length));
}

interface NamedResults {
  readonly name: string;
  readonly results: readonly TrialResult[];
}

function tell(evaluation: Evaluation, folder: string, { json }: Flags): void {
  if (json) {
    printJson(evaluation);
    return;
  }
  process.stdout.write(renderEvaluationTable(evaluation, terminalStyle()));
  process.stdout.write(
    `\nwritten: ${join(folder, 'evaluation.json')}, report.html, trials.jsonl, junit.xml\n`,
  );
}

/** The seeds asked for; `--hours` asks for as many as the scenarios' length makes of it. */
function seedsOf(flags: Flags, scenarios: readonly string[]): readonly number[] {
  if (flags.seedList) return flags.seedList;
  if (flags.hours === undefined) return seedRange(flags);
  const durationsMs = scenarios.map((scenario) => loadScenario(scenario).durationMs);
  return seedRange({ ...flags, seeds: seedsForHours(flags.hours, durationsMs) });
}

function mechanismsOf(): (scenario: string) => string | null {
  const known = new Map(listScenarios().map(({ id, about }) => [id, about?.mechanism ?? null]));
  return (scenario) => known.get(scenario) ?? null;
}

function replayLine(
  flags: Flags,
  seeds: readonly number[],
  contestants: readonly ContestantStack[],
): string {
  const which = flags.scenario
    ? `--scenario ${flags.scenario.map(quoteWord).join(' ')}`
    : `--suite ${flags.suite}`;
  const [{ stack }] = contestants as [ContestantStack];
  const words = [which, `--seed-list ${seedText(seeds)}`];
  if (contestants.length === 1) words.push(...stackFlags(stack));
  else {
    // Each has the hash of its own file, if it is one; together they are named by their paths
    // alone.
    words.push(`--detector ${quoteWord(flags.detector)}`);
    words.push(...stackFlags({ ...stack, detector: 'default', inputHashes: {} }));
  }
  return `npm run evaluate -- ${words.join(' ')}`;
}

function filesOf(
  evaluation: Evaluation,
  contestants: readonly NamedResults[],
  flags: Flags,
): Record<string, string | string[]> & { readonly 'junit.xml': string } {
  const plotly = readPlotly();
  return {
    'evaluation.json': `${JSON.stringify(evaluation, null, 2)}\n`,
    'report.html': renderEvaluationHtml(evaluation, { plotly }),
    'trials.jsonl': contestants.flatMap(({ name, results }) =>
      results.map((result) => JSON.stringify({ detector: name, ...result })),
    ),
    'junit.xml': junitOf(evaluation, contestants, flags),
  };
}

function junitOf(
  { suite, leftOut }: Evaluation,
  contestants: readonly NamedResults[],
  { healer }: Flags,
): string {
  const isOne = contestants.length === 1;
  const cases = contestants.flatMap(({ name, results }) =>
    evaluationCases(
      results.map(({ scorecard }) => scorecard),
      { contestant: isOne ? null : name, isHealed: healer !== 'none' },
    ),
  );
  return renderJunit(suite, [...cases, ...leftOutCases(leftOut)]);
}
