import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Command } from 'commander';
import { InputError, UsageError } from '../../core/tools/index.ts';
import type { RunsCompared, Scorecard, TrialOutcome } from '../../core/truth/index.ts';
import {
  compareEvaluations,
  compareScorecards,
  outcomeOf,
  type TrialResult,
} from '../../lab/index.ts';
import { renderComparison, renderComparisonHtml } from '../../reports/index.ts';
import { addJsonOption, examples, type Finish, printJson, readText } from '../options.ts';
import { readPlotly } from '../plotly.ts';
import { terminalStyle } from '../terminal-style.ts';
import { writeWholeFile } from '../write-whole-file.ts';

interface Flags {
  readonly html?: string;
  readonly json?: boolean;
}

/** What a folder holds: one run, or the trials of an evaluation. */
type Content =
  | { readonly kind: 'run'; readonly name: string; readonly content: Scorecard }
  | {
      readonly kind: 'evaluation';
      readonly name: string;
      readonly content: readonly TrialOutcome[];
    };

export function compareCommand(_finish: Finish): Command {
  return addJsonOption(new Command('compare'))
    .description('hold two runs, or two evaluations, side by side')
    .usage('RUN_A RUN_B [-- options]')
    .argument('<run-a>', 'folder of a run or an evaluation')
    .argument('<run-b>', 'folder of another of the same kind')
    .option('--html <file>', 'also write it as a page')
    .addHelpText(
      'after',
      examples(
        'npm run compare runs/zone_failure-7-policy runs/zone_failure-7-none',
        'npm run compare runs/evaluate-core-1-5-policy before/evaluate-core-1-5-policy',
        'npm run -s compare runs/A runs/B -- --json > difference.json',
      ),
    )
    .action((first: string, second: string, { html, json }: Flags) => {
      const compared = compare(readContent(first), readContent(second));
      if (html) writeWholeFile(html, renderComparisonHtml(compared, { plotly: readPlotly() }));
      if (json) printJson(compared);
      else process.stdout.write(renderComparison(compared, terminalStyle()));
    });
}

function compare(first: Content, second: Content): RunsCompared {
  if (first.kind === 'run' && second.kind === 'run') return compareScorecards(first, second);
  if (first.kind === 'evaluation' && second.kind === 'evaluation') {
    return compareEvaluations(first, second);
  }
  throw new UsageError(
    `${first.name} is of ${first.kind === 'run' ? 'one run' : 'an evaluation'}, ${second.name} is not`,
    'compare two runs, or two evaluations',
  );
}

function readContent(path: string): Content {
  const folder = existsSync(path) && !statSync(path).isDirectory() ? dirname(path) : path;
  const [scorecard, trials] = [join(folder, 'scorecard.json'), join(folder, 'trials.jsonl')];
  if (existsSync(scorecard)) {
    return {
      kind: 'run',
      name: path,
      content: parse<Scorecard>(scorecard, readText(scorecard, 'run')),
    };
  }
  if (existsSync(trials)) return { kind: 'evaluation', name: path, content: readTrials(trials) };
  throw new InputError(
    `${path} holds neither a run (scorecard.json) nor an evaluation (trials.jsonl)`,
    { hint: 'give the folder that npm run scenario or npm run evaluate has written' },
  );
}

/** The outcomes of the evaluation's first detector; others have their own table in its report. */
function readTrials(file: string): readonly TrialOutcome[] {
  const results = readText(file, 'trials')
    .split('\n')
    .flatMap((line, i) =>
      line ? [parse<TrialResult & { detector?: string }>(`${file}:${i + 1}`, line)] : [],
    );
  return results.filter(({ detector }) => detector === results[0]?.detector).map(outcomeOf);
}

/** Our own files are trusted to have their shape once they are JSON with a digest in the right place. */
function parse<Shape>(place: string, text: string): Shape {
  try {
    const value = JSON.parse(text) as { digest?: unknown; scorecard?: { digest?: unknown } } | null;
    if (typeof (value?.scorecard?.digest ?? value?.digest) === 'string') return value as Shape;
  } catch (error) {
    throw new InputError(`${place}: not JSON (${(error as Error).message})`);
  }
  throw new InputError(`${place}: expected what ${basename(dirname(place))} was written with`, {
    hint: 'the file was cut or edited: play it again',
  });
}
