import type { Evaluation } from '../core/truth/index.ts';
import {
  type EvaluationColumn,
  type EvaluationRow,
  evaluationColumns,
  evaluationRows,
  figureText,
} from './evaluation-columns.ts';
import { missing } from './number-text.ts';
import { alignRows, type Cell, clean, createPaint, cutText, type Paint } from './terminal-text.ts';

/** The evaluation as text with 95 % intervals; columns beyond the width form further tables. */
export function renderEvaluationTable(
  evaluation: Evaluation,
  options: { readonly color: boolean; readonly width: number },
): string {
  const paint = createPaint(options.color);
  const rows = evaluationRows(evaluation);
  const seeds = evaluation.seeds.length;
  const size = `${evaluation.byScenario.length} scenarios × ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;
  const lines = [
    `${paint.bold(clean(`suite ${evaluation.suite}`))}  ${paint.dim(`${size} = ${evaluation.trials} trials`)}`,
    '',
  ];
  for (const columns of fitColumns(rows, evaluationColumns(evaluation), options.width - 2)) {
    lines.push(...tableLines(rows, columns, paint), '');
  }
  lines.push(...trivialLines(evaluation, paint));
  lines.push(...worstLines(evaluation, { paint, width: options.width }));
  lines.push(paint.dim(clean(`intervals: ${evaluation.intervalMethod}`)));
  lines.push(`${paint.dim('replay')}  ${clean(evaluation.replay)}`);
  return `\n${lines.map((line) => (line ? `  ${line}` : '')).join('\n')}\n`;
}

/** Greedy: as many columns per table as fit beside the scenario's name and count. */
function fitColumns(
  rows: readonly EvaluationRow[],
  columns: readonly EvaluationColumn[],
  width: number,
): readonly (readonly EvaluationColumn[])[] {
  const fixed = Math.max(...rows.map((row) => row.name.length), 'scenario'.length) + 6;
  const tables: EvaluationColumn[][] = [];
  let left = 0;
  for (const column of columns) {
    const needed = 2 + Math.max(column.title.length, ...rows.map((row) => column.text(row).length));
    if (needed > left || tables.length === 0) {
      tables.push([]);
      left = width - fixed;
    }
    (tables.at(-1) as EvaluationColumn[]).push(column);
    left -= needed;
  }
  return tables;
}

function tableLines(
  rows: readonly EvaluationRow[],
  columns: readonly EvaluationColumn[],
  paint: Paint,
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
  return alignRows([head, ...body]);
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
