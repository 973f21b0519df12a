import type { Evaluation } from '../core/truth/index.ts';
import {
  type EvaluationColumn,
  type EvaluationRow,
  evaluationColumns,
  evaluationRows,
  figureText,
} from './evaluation-columns.ts';
import { comparisonLines, leaderboardLines } from './leaderboard-text.ts';
import { detectableText, healthyHoursText, leftOutReason } from './measure-text.ts';
import { missing } from './number-text.ts';
import { tablesWithin } from './tables-within.ts';
import {
  alignRows,
  type Cell,
  clean,
  createPaint,
  cutText,
  type Paint,
  wrapWords,
} from './terminal-text.ts';

/** The evaluation as text with 95 % intervals; columns beyond the width form further tables. */
export function renderEvaluationTable(
  evaluation: Evaluation,
  options: { readonly color: boolean; readonly width: number },
): string {
  const paint = createPaint(options.color);
  const width = options.width - 2;
  const all = evaluationRows(evaluation);
  const rows = shownRows(all);
  const seeds = evaluation.seeds.length;
  const size = `${evaluation.byScenario.length} scenarios × ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;
  const lines = [
    `${paint.bold(clean(`suite ${evaluation.suite}`))}  ${paint.dim(`${size} = ${trialsText(evaluation)}`)}`,
    '',
    ...leaderboardLines(evaluation, { paint, width }),
    ...comparisonLines(evaluation.comparisons, { paint, width }),
  ];
  if (rows.length < all.length) {
    lines.push(paint.dim(`the ${rows.length - 1} scenarios that went worst; the report has all`));
  }
  lines.push(...tableLines(rows, evaluationColumns(evaluation), { paint, width }));
  lines.push(...trivialLines(evaluation, paint));
  lines.push(...worstLines(evaluation, { paint, width: options.width }));
  lines.push(...leftOutLines(evaluation, { paint, width }));
  const closing = `${healthyHoursText(evaluation)} ${detectableText(evaluation)}`.trim();
  lines.push(...wrapWords(closing, width).map(paint.dim));
  lines.push(paint.dim(clean(`intervals: ${evaluation.intervalMethod}`)));
  lines.push(`${paint.dim('replay')}  ${clean(evaluation.replay)}`);
  return `\n${lines.map((line) => (line ? `  ${line}` : '')).join('\n')}\n`;
}

/** More scenarios than this push the rest off the screen. */
const scenariosMax = 12;

/** All rows; of many scenarios, those in which most was missed, then the total. */
function shownRows(rows: readonly EvaluationRow[]): readonly EvaluationRow[] {
  if (rows.length <= scenariosMax + 1) return rows;
  const scenarios = rows.filter(({ isTotal }) => !isTotal);
  const worst = [...scenarios].sort((a, b) => goodnessOf(a) - goodnessOf(b)).slice(0, scenariosMax);
  return [...worst, ...rows.filter(({ isTotal }) => isTotal)];
}

function goodnessOf({ figures }: EvaluationRow): number {
  const { detection, diagnosis, healing, resilience } = figures;
  const shares = [detection.recall, detection.quiet, diagnosis.top1, healing.recovered];
  return [...shares, resilience.passed].reduce((sum, { value }) => sum + (value ?? 1), 0);
}

function tableLines(
  rows: readonly EvaluationRow[],
  columns: readonly EvaluationColumn[],
  { paint, width }: { paint: Paint; width: number },
): readonly string[] {
  const head: readonly Cell[] = [
    { text: 'scenario', paint: paint.dim },
    { text: 'n', paint: paint.dim, align: 'right' },
    ...columns.map(({ title }): Cell => ({ text: title, paint: paint.dim })),
  ];
  const body = rows.map((row): readonly Cell[] => {
    const weight = row.isTotal ? paint.bold : (text: string) => text;
    return [
      { text: row.name, paint: weight },
      { text: String(row.trials), align: 'right' },
      ...columns.map((column): Cell => {
        const text = column.text(row);
        return { text, paint: text === missing ? paint.dim : weight };
      }),
    ];
  });
  return tablesWithin([head, ...body], { width, kept: 2 });
}

/** The stack's rates beside what costs nothing, on the same runs. */
function trivialLines({ trivial }: Evaluation, paint: Paint): readonly string[] {
  if (trivial.length === 0) return [];
  const head = ['score', 'ours', 'baseline', 'theirs', ''].map(
    (text): Cell => ({ text, paint: paint.dim }),
  );
  const body = trivial.map(({ score, baseline, ours, theirs, informative }): readonly Cell[] => [
    { text: score },
    { text: figureText(ours) },
    { text: baseline },
    { text: figureText(theirs) },
    { text: informative ? '' : 'uninformative', paint: paint.warn },
  ]);
  return [...alignRows([head, ...body]), ''];
}

function trialsText({ trials, leftOut }: Evaluation): string {
  const left = leftOut.length === 0 ? '' : `, ${leftOut.length} of them left out`;
  return `${trials + leftOut.length} trials${left}`;
}

function leftOutLines(
  { leftOut }: Evaluation,
  { paint, width }: { paint: Paint; width: number },
): string[] {
  if (leftOut.length === 0) return [];
  const lines = [leftOutReason];
  for (const { scenario, seed, why } of leftOut) {
    const room = Math.max(20, width - scenario.length - 14);
    lines.push(`${paint.warn(clean(`${scenario} ${seed}`))}  ${cutText(why, room)}`);
  }
  return [...lines, ''];
}

function worstLines(
  evaluation: Evaluation,
  { paint, width }: { paint: Paint; width: number },
): string[] {
  if (evaluation.worst.length === 0) return [];
  const lines = ['look at first'];
  for (const { scenario, seed, why, replay } of evaluation.worst) {
    const room = Math.max(20, width - scenario.length - 14);
    lines.push(`${paint.warn(clean(`${scenario} ${seed}`))}  ${cutText(why, room)}`);
    lines.push(`  ${paint.dim(clean(replay))}`);
  }
  return [...lines, ''];
}
