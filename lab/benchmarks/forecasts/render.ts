import { renderColumns } from '../../../core/tools/index.ts';
import type { Figure } from '../../../core/truth/index.ts';
import { warningHorizonMinutes } from '../../../detectors/index.ts';
import { leadMinutes } from './judge.ts';
import type { ForecastReport, ForecastSet } from './run-forecasts.ts';

const headers = ['', 'recall', 'precision', 'false', 'lead', 'in interval', 'too fast'];

/** The report as plain text: a table for each set of resources. */
export function renderForecastTable(report: ForecastReport): string {
  const { sets, total, seeds, default: ours, rows, entities } = report;
  const kinds = new Map(rows.map(({ name, kind }) => [name, kind]));
  const nameOf = (row: string): string => {
    return `${row === ours ? '*' : ' '} ${row} (${kinds.get(row)})`;
  };
  const notes = [
    `recall: exhaustions before which a warning stood ${leadMinutes} min ahead, [95 % interval], of n`,
    `precision: warnings after which it ran out within ${warningHorizonMinutes} min; a warning stands so long`,
    'lead: median minutes from the warning to the end; too fast: recall of those that could not be',
    `  seen ${leadMinutes} min ahead (three deviations high and five minutes old), counted apart`,
    'in interval: right warnings whose 80 % interval held the end',
    `* the default; seeds ${seeds[0]} to ${seeds[1]}`,
  ];
  return [
    'Time to exhaustion',
    '',
    ...sets.map((set) => {
      const own = entities.filter(({ name }) => name === set.name);
      return renderSet(
        set,
        own.map((one) => lineOf(nameOf(one.row), one)),
      );
    }),
    renderSet(
      total,
      rows.map((row) => lineOf(nameOf(row.name), row)),
    ),
    `${notes.join('\n')}\n`,
  ].join('\n');
}

function renderSet(
  { name, series, hours, exhausted, tooFast }: ForecastSet,
  lines: readonly string[][],
): string {
  const title = `${name}: ${series} resources, ${hours.toFixed(0)} h, ${exhausted} run out`;
  return `${title}, ${tooFast} of them too fast\n${renderColumns(headers, lines, 'right')}`;
}

function lineOf(
  name: string,
  { scores, figures }: Pick<ForecastReport['rows'][number], 'scores' | 'figures'>,
): string[] {
  return [
    name,
    figure(figures.recall),
    figure(figures.precision),
    String(scores.falseWarnings),
    scores.medianLeadMinutes === null ? '-' : scores.medianLeadMinutes.toFixed(0),
    figure(figures.coverage),
    figure(figures.recallTooFast),
  ];
}

function figure({ value, low, high, n }: Figure): string {
  if (value === null) return '-';
  const ends = low === null || high === null ? '' : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return `${value.toFixed(3)}${ends} of ${n}`;
}
