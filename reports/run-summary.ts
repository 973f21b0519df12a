import { availabilityOf, type RunRecord, type Scorecard } from '../core/truth/index.ts';
import { clockText, missing, offsetText, percentText } from './number-text.ts';
import { sliCurve } from './sli-curves.ts';
import { type StoryKind, type StoryLine, storyZeroMs, tellStory } from './story.ts';
import {
  alignRows,
  type Cell,
  createPaint,
  cutText,
  type Paint,
  sparkline,
} from './terminal-text.ts';
import { criterionLimit, criterionValue, outcomeText } from './verdict-text.ts';

export interface SummaryOptions {
  readonly color: boolean;
  /** Columns of the terminal; lines are cut to it, except the replay line. */
  readonly width: number;
  /** What was written, and where; left out when nothing was. */
  readonly files?: { readonly folder: string; readonly names: readonly string[] };
}

const storyLinesMax = 16;

/** What a person wants to know right after a run, in about thirty lines of text. */
export function renderRunSummary(
  record: RunRecord,
  scorecard: Scorecard,
  options: SummaryOptions,
): string {
  const paint = createPaint(options.color);
  const blocks = [
    headline(record, scorecard, { paint, width: options.width }),
    storyBlock(record, scorecard, { paint, width: options.width }),
    sparkBlock(record, scorecard, { paint, width: options.width }),
    criteriaBlock(scorecard, paint),
    closingBlock(scorecard, options, paint),
  ];
  return `\n${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((line) => (line ? `  ${line}` : '')).join('\n'))
    .join('\n\n')}\n\n`;
}

interface Frame {
  readonly paint: Paint;
  readonly width: number;
}

function headline(record: RunRecord, scorecard: Scorecard, { paint, width }: Frame): string[] {
  const { passed } = scorecard.resilience;
  const verdict = passed ? paint.good(paint.bold('PASSED')) : paint.bad(paint.bold('MISSED'));
  const { scenario, seed, options } = record;
  const about = `${scenario.id} v${scenario.version} · seed ${seed} · healer ${options.healer}`;
  return [
    `${verdict}  ${paint.bold(cutText(outcomeText(scorecard), width - 12))}`,
    `${' '.repeat(6)}  ${paint.dim(cutText(about, width - 12))}`,
  ];
}

function storyBlock(record: RunRecord, scorecard: Scorecard, { paint, width }: Frame): string[] {
  const zeroMs = storyZeroMs(record);
  const told = mergeRepeats(
    tellStory(record, scorecard).filter(({ kind }) => kind !== 'rolled back'),
  );
  if (told.length === 0) return [paint.dim('nothing happened: no fault, no incident, no action')];
  const shown = told.slice(0, storyLinesMax);
  const rows = shown.map(({ line, times }): readonly Cell[] => {
    const mark = line.kind === 'diagnosed' && line.good !== null ? (line.good ? ' ✓' : ' ✗') : '';
    const repeats = times > 1 ? ` (${times} times)` : '';
    const room = Math.max(20, width - 36 - mark.length - repeats.length);
    return [
      { text: clockText(line.atMs), align: 'right', paint: paint.dim },
      { text: offsetText(line.atMs - zeroMs), align: 'right' },
      { text: line.kind, paint: kindPaint(line, paint) },
      {
        text: `${cutText(line.text, room)}${repeats}${mark}`,
        ...(line.good === false ? { paint: paint.bad } : {}),
      },
    ];
  });
  const more = told.length - shown.length;
  return [...alignRows(rows), ...(more > 0 ? [paint.dim(`and ${more} more in report.html`)] : [])];
}

/** Neighbouring lines of one kind and text at different times are one line with a count. */
function mergeRepeats(lines: readonly StoryLine[]): readonly { line: StoryLine; times: number }[] {
  const merged: { line: StoryLine; times: number }[] = [];
  for (const line of lines) {
    const last = merged.at(-1);
    if (last && last.line.kind === line.kind && last.line.text === line.text) last.times += 1;
    else merged.push({ line, times: 1 });
  }
  return merged;
}

function kindPaint(line: StoryLine, paint: Paint): (text: string) => string {
  const paints: Partial<Record<StoryKind, (text: string) => string>> = {
    injected: paint.bad,
    onset: paint.bad,
    detected: paint.warn,
    incident: paint.warn,
    diagnosed: paint.accent,
    acted: paint.accent,
    recovered: paint.good,
  };
  return paints[line.kind] ?? paint.dim;
}

function sparkBlock(record: RunRecord, scorecard: Scorecard, { paint, width }: Frame): string[] {
  const [healed, unhealed] = [
    sliCurve(record.sli.healed, 5000),
    sliCurve(record.sli.unhealed, 5000),
  ];
  const known = [...healed.goodRatio, ...unhealed.goodRatio].filter((ratio) => ratio !== null);
  if (known.length === 0) return [];
  let low = 1;
  for (const ratio of known) low = Math.min(low, ratio);
  // Below 10 % of span the picture would blow noise up to a catastrophe.
  const scale = { low: Math.min(low, 0.9), high: 1, width: Math.max(10, Math.min(60, width - 44)) };
  const rows = [
    [
      { text: 'good requests', paint: paint.dim },
      { text: 'healed' },
      { text: sparkline(healed.goodRatio, scale), paint: paint.good },
      { text: percentText(scorecard.resilience.availability), align: 'right' as const },
    ],
    [
      { text: '' },
      { text: 'unhealed' },
      { text: sparkline(unhealed.goodRatio, scale), paint: paint.bad },
      { text: percentText(availabilityOf(record, 'unhealed')), align: 'right' as const },
    ],
  ];
  return [...alignRows(rows)];
}

function criteriaBlock(scorecard: Scorecard, paint: Paint): string[] {
  const rows: (readonly Cell[])[] = [
    ['criterion', 'limit', 'value', ''].map((text) => ({ text, paint: paint.dim })),
    ...scorecard.resilience.criteria.map((criterion): readonly Cell[] => [
      { text: criterion.name },
      { text: criterionLimit(criterion) },
      { text: criterionValue(criterion) || missing },
      criterion.passed
        ? { text: '✓ pass', paint: paint.good }
        : { text: '✗ missed', paint: paint.bad },
    ]),
  ];
  return [...alignRows(rows)];
}

function closingBlock(scorecard: Scorecard, { files }: SummaryOptions, paint: Paint): string[] {
  const rows: (readonly Cell[])[] = [];
  if (files)
    rows.push([
      { text: 'written', paint: paint.dim },
      { text: `${files.folder}/ (${files.names.join(', ')})` },
    ]);
  rows.push([{ text: 'digest', paint: paint.dim }, { text: scorecard.digest }]);
  rows.push([{ text: 'replay', paint: paint.dim }, { text: scorecard.replay }]);
  return [...alignRows(rows)];
}
