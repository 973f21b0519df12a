import { Command, InvalidArgumentError, Option } from 'commander';
import { digestOf, FiredrillError, UsageError } from '../../core/tools/index.ts';
import {
  pairedMeasures,
  type RegressionBaseline,
  type RegressionReport,
} from '../../core/truth/index.ts';
import {
  defaultMargins,
  holdAgainstBaseline,
  type Margins,
  quoteWord,
  simulateGate,
  stackFlags,
  type TrialRequest,
  type VoidTrial,
} from '../../lab/index.ts';
import {
  regressionCases,
  renderGateSimulation,
  renderJunit,
  renderRegression,
} from '../../reports/index.ts';
import { readBaseline } from '../baseline-file.ts';
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
import { OutcomeBatch } from '../outcome-batch.ts';
import { seedRange, seedText } from '../seeds.ts';
import { addStackOptions, stackOf } from '../stack-options.ts';
import { addSuiteOptions, suiteScenarios } from '../suites.ts';
import { terminalStyle } from '../terminal-style.ts';
import { trialKey } from '../trial-name.ts';
import { type BaselineFlags, plainFlags, writeBaseline } from '../write-baseline.ts';
import { prepareFile, writeWholeFile } from '../write-whole-file.ts';

interface Flags extends BaselineFlags {
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly simulate?: number;
  readonly margin: Margins;
  readonly junit?: string;
}

type Stack = Omit<TrialRequest, 'scenario' | 'seed'>;

export function regressionCommand(finish: Finish): Command {
  const command = new Command('regression')
    .description('hold the current code against a stored baseline, on the same seeds')
    .usage('-- --baseline FILE | --write-baseline FILE [options]')
    .addOption(
      new Option('--baseline <file>', 'what to hold it against').conflicts('writeBaseline'),
    )
    .option('--write-baseline <file>', 'play the suite and store it; more seeds extend the file')
    .addOption(
      new Option('--simulate <n>', 'try the gate itself n times on drawn trials, and print that')
        .argParser(parseCount)
        .conflicts(['baseline', 'writeBaseline']),
    )
    .option('--seeds <n>', 'how many seeds per scenario at most', parseCount, 20)
    .option('--first-seed <n>', 'the first of them', parseSeed, 1)
    .option('--seed-list <list>', 'exactly these instead, e.g. 1001-1020 or 3,5,9', parseSeedList)
    .addOption(
      new Option('--margin <measure=loss...>', 'a loss to put up with, e.g. recall=0.02')
        .argParser(parseMargin)
        .default(defaultMargins, marginText(defaultMargins)),
    )
    .option('--jobs <n>', 'worker threads', parseCount, 2)
    .addOption(outOption())
    .option('--junit <file>', 'also write the verdicts as JUnit XML');
  return addStackOptions(addJsonOption(addSuiteOptions(command, 'core')))
    .addHelpText(
      'after',
      `${examples(
        'npm run regression -- --write-baseline baseline.json',
        'npm run regression -- --baseline baseline.json --junit regression.xml',
        'npm run -s regression -- --baseline baseline.json --margin recall=0.01 --json',
        'npm run regression -- --simulate 40',
      )}

Exit code 1: a loss that is significantly more than its margin. An inconclusive answer says how many
more seeds would decide and is no failure. A run that was stopped goes on where it was.`,
    )
    .action(async (flags: Flags, self: Command) => {
      if (flags.simulate !== undefined) return simulate(flags.simulate, flags);
      if (flags.junit) prepareFile(flags.junit);
      if (flags.writeBaseline) return writeBaseline(flags.writeBaseline, flags);
      if (flags.baseline) return judge(flags.baseline, flags, { finish, self });
      throw new UsageError(
        'hold the code against what?',
        'write: npm run regression -- --baseline FILE, or first --write-baseline FILE',
      );
    });
}

async function judge(
  file: string,
  flags: Flags,
  { finish, self }: { finish: Finish; self: Command },
): Promise<void> {
  const baseline = readBaseline(file);
  const stack = stackOf(flags);
  const isGiven = (name: string): boolean => self.getOptionValueSource(name) === 'cli';
  const scenarios = chosenScenarios(baseline, flags, isGiven('suite') || isGiven('scenario'));
  const given =
    flags.seedList ?? (isGiven('seeds') || isGiven('firstSeed') ? seedRange(flags) : null);
  const seeds = baseline.seeds.filter((seed) => given === null || given.includes(seed));
  if (seeds.length === 0) {
    throw new UsageError(
      `the baseline has none of these seeds; it has ${seedText(baseline.seeds)}`,
      'choose among its seeds, or write a baseline with others',
    );
  }
  const batch = new OutcomeBatch(flags, digestOf([scenarios, stack]));
  const report = await holdAgainstBaseline({
    baseline,
    scenarios,
    seeds,
    margins: flags.margin,
    notes: notesOf(baseline, stack),
    replay: replayLine(file, flags, { scenarios, seeds, stack }),
    play: async (some) => {
      const { outcomes, voids } = await batch.play(
        scenarios.flatMap((scenario) =>
          some.map((seed): TrialRequest => ({ scenario, seed, ...stack })),
        ),
      );
      demandNoneOf(baseline, voids);
      return outcomes;
    },
  });
  tell(report, flags);
  batch.done();
  if (report.verdict === 'failed') finish(1);
}

/** A world that was well when the baseline was written is to be so now. */
function demandNoneOf(baseline: RegressionBaseline, voids: readonly VoidTrial[]): void {
  const known = new Set(baseline.trials.map(trialKey));
  const lost = voids.find((one) => known.has(trialKey(one)));
  if (!lost) return;
  throw new FiredrillError(`the baseline has ${trialKey(lost)}, but now: ${lost.voidBecause}`, {
    code: 'steady-state',
    exitCode: 1,
    hint: 'if the world was meant to change, write the baseline again',
  });
}

function tell(report: RegressionReport, flags: Flags): void {
  if (flags.json) printJson(report);
  else process.stdout.write(renderRegression(report, terminalStyle()));
  if (flags.junit) {
    writeWholeFile(flags.junit, renderJunit(`regression ${report.suite}`, regressionCases(report)));
  }
}

/**
 * The gate on trials that are drawn: without a change, with a neutral one, and with a loss of
 * recall.
 */
function simulate(repetitions: number, { seeds, margin, json }: Flags): void {
  const results = [0, 0.1, 0.2].flatMap((churn) =>
    [0, 0.05].map((plantedLoss) =>
      simulateGate({ plantedLoss, churn, repetitions, seedsMax: seeds, margins: margin }),
    ),
  );
  if (json) printJson({ margins: margin, rows: results });
  else process.stdout.write(renderGateSimulation(results));
}

function chosenScenarios(
  { scenarios, suite }: RegressionBaseline,
  flags: Flags,
  isGiven: boolean,
): readonly string[] {
  if (!isGiven) return scenarios;
  const wanted = new Set(suiteScenarios(flags));
  const chosen = scenarios.filter((scenario) => wanted.has(scenario));
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `the baseline (suite ${suite}, ${scenarios.length} scenarios) has none of these`,
    'choose among its scenarios, or leave --suite and --scenario away',
  );
}

function notesOf(baseline: RegressionBaseline, stack: Stack): string[] {
  const notes: string[] = [];
  const { node, architecture } = baseline;
  if (node !== process.version || architecture !== process.arch) {
    notes.push(
      `the baseline was played on Node ${node} (${architecture}), this run on ` +
        `${process.version} (${process.arch}): records may differ in their last bits`,
    );
  }
  const [before, now] = [baseline.stack.join(' '), plainFlags(stack).join(' ')];
  if (before !== now) {
    notes.push(
      `two stacks are compared: ${before || 'the default one'}, now ${now || 'the default one'}`,
    );
  }
  return notes;
}

function replayLine(
  file: string,
  flags: Flags,
  {
    scenarios,
    seeds,
    stack,
  }: { scenarios: readonly string[]; seeds: readonly number[]; stack: Stack },
): string {
  const isAll = scenarios.length === readBaseline(file).scenarios.length;
  const words = [
    `--baseline ${quoteWord(file)}`,
    ...(isAll ? [] : [`--scenario ${scenarios.map(quoteWord).join(' ')}`]),
    `--seed-list ${seedText(seeds)}`,
    ...pairedMeasures
      .filter((measure) => flags.margin[measure] !== defaultMargins[measure])
      .map((measure) => `--margin ${measure}=${flags.margin[measure]}`),
    ...stackFlags(stack),
  ];
  return `npm run regression -- ${words.join(' ')}`;
}

function parseMargin(text: string, previous: Margins): Margins {
  const [measure, loss, ...rest] = text.split('=');
  const known = pairedMeasures.find((name) => name === measure);
  const value = Number(loss);
  if (!known || rest.length > 0 || !loss || !(value > 0 && value < Infinity)) {
    throw new InvalidArgumentError(
      `expected measure=loss with a finite loss above 0 and one of ${pairedMeasures.join(', ')}.`,
    );
  }
  return { ...previous, [known]: value };
}

function marginText(margins: Margins): string {
  return pairedMeasures.map((measure) => `${measure}=${margins[measure]}`).join(' ');
}
