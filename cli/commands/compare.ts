import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
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

type NamedTrial = TrialResult & { readonly detector?: string };

const again = 'the file was cut or edited: play it again';

/** What a comparison reads of a scorecard. */
const cardShape = z.object({
  schemaVersion: z.literal(1),
  scenario: z.object({ id: z.string(), version: z.number() }),
  seed: z.number().int().nonnegative(),
  detection: z.object({
    recall: z.number().nullable(),
    timeToDetectMs: z.number().nullable(),
    healthyHours: z.number().nonnegative(),
    falseIncidentsPerDay: z.number().nullable(),
    incidents: z.array(z.unknown()),
  }),
  diagnosis: z.object({ top1: z.boolean().nullable(), suspects: z.array(z.unknown()) }),
  healing: z.object({ recovered: z.boolean().nullable(), actions: z.array(z.unknown()) }),
  resilience: z.object({ passed: z.boolean() }),
  digest: z.string(),
  replay: z.string(),
});
const trialShape = z.object({
  detector: z.string().optional(),
  scenario: z.string(),
  seed: z.number().int().nonnegative(),
  exogenousDigest: z.string(),
  scorecard: cardShape,
});

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
      content: parse<Scorecard>(scorecard, readText(scorecard, 'run'), cardShape),
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
    .flatMap((line, i) => (line ? [parse<NamedTrial>(`${file}:${i + 1}`, line, trialShape)] : []));
  if (results.length === 0) {
    throw new InputError(`${file}:1: expected a trial per line, found none`, { hint: again });
  }
  return results.filter(({ detector }) => detector === results[0]?.detector).map(outcomeOf);
}

/**
 * Reads JSON of the shape; an {@link InputError} names the place and the first thing that is wrong.
 */
function parse<Shape>(place: string, text: string, shape: z.ZodType): Shape {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${place}: not JSON (${(error as Error).message})`, { hint: again });
  }
  const { error } = shape.safeParse(value);
  if (!error) return value as Shape;
  const [issue] = error.issues;
  const path = issue?.path.join('.') || 'the document';
  throw new InputError(`${place}: ${path}: ${issue?.message}`, { hint: again });
}
