import type { ComparedFigure, RunsCompared } from '../core/truth/index.ts';
import { comparisonLines } from './leaderboard-text.ts';
import { fieldText, missing } from './number-text.ts';
import { tablesWithin } from './tables-within.ts';
import { alignRows, type Cell, clean, createPaint, cutText, type Paint } from './terminal-text.ts';

/** Two runs or two evaluations side by side. */
export function renderComparison(
  compared: RunsCompared,
  options: { readonly color: boolean; readonly width: number },
): string {
  const paint = createPaint(options.color);
  const width = options.width - 2;
  const { kind, same, firstDifference, notes } = compared;
  const lines = [
    `${paint.bold(`two ${kind}`)}  ${same ? paint.good('the same to the byte') : paint.warn('not the same')}`,
    `${paint.dim('first ')}  ${clean(compared.first)}`,
    `${paint.dim('second')}  ${clean(compared.second)}`,
    '',
    ...figureLines(compared.figures, { paint, width }),
    '',
    ...comparisonLines(namelessComparisons(compared), { paint, width }),
    ...scenarioLines(compared, { paint, width }),
  ];
  if (firstDifference) {
    const { scenario, seed, what, replay } = firstDifference;
    lines.push(
      `first difference  ${paint.warn(clean(`${scenario} ${seed}`))}: ${clean(what)}`,
      `  ${paint.dim(clean(replay))}`,
    );
  }
  lines.push(...notes.map((note) => paint.warn(clean(`note: ${note}`))));
  return `\n${lines.map((line) => (line ? `  ${line}` : '')).join('\n')}\n`;
}

/** Their tests without the paths of the two, which are too long for a table. */
export function namelessComparisons({ comparisons }: RunsCompared): RunsCompared['comparisons'] {
  return comparisons.map((one) => ({ ...one, first: 'first', second: 'second' }));
}

/** A figure of either side as text. */
export function comparedText(name: string, value: ComparedFigure['first']): string {
  if (typeof value === 'string') return value;
  return value === null ? missing : fieldText(name, value);
}

function figureLines(
  figures: readonly ComparedFigure[],
  { paint, width }: { paint: Paint; width: number },
): readonly string[] {
  const room = Math.max(16, Math.floor((width - 20) / 2));
  const rows = figures.map(({ name, first, second }): readonly Cell[] => {
    const isOther = first !== second;
    return [
      { text: wordsOf(name), paint: paint.dim },
      { text: cutText(comparedText(name, first), room) },
      {
        text: cutText(comparedText(name, second), room),
        ...(isOther && { paint: paint.bold }),
      },
      { text: isOther ? '≠' : '', paint: paint.warn },
    ];
  });
  return alignRows([
    [{ text: '' }, ...['first', 'second', ''].map((text) => ({ text, paint: paint.dim }))],
    ...rows,
  ]);
}

const scenariosMax = 15;

function scenarioLines(
  { scenarios }: RunsCompared,
  { paint, width }: { paint: Paint; width: number },
): readonly string[] {
  if (scenarios.length === 0) return [];
  const head = ['scenario', 'pairs', 'worse', 'better'].map(
    (text): Cell => ({ text, paint: paint.dim }),
  );
  const body = scenarios
    .slice(0, scenariosMax)
    .map(({ id, pairs, worse, better }): Cell[] => [
      { text: id },
      { text: String(pairs), align: 'right' },
      { text: String(worse), align: 'right', ...(worse > better && { paint: paint.bad }) },
      { text: String(better), align: 'right', ...(better > worse && { paint: paint.good }) },
    ]);
  const rest = scenarios.length - body.length;
  const more = rest > 0 ? [paint.dim(`and ${rest} more`), ''] : [];
  return [...tablesWithin([head, ...body], { width, kept: 1 }), ...more];
}

/** `timeToDetectMs` as `time to detect`. */
export function wordsOf(name: string): string {
  return name
    .replace(/Ms$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\b1\b/, '-1');
}
