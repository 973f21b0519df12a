import { renderColumns } from '../../../core/tools/index.ts';
import type { Figure } from '../../../core/truth/index.ts';
import { warningHorizonMin } from '../../../detectors/index.ts';
import { leadMin } from './judge.ts';
import type { ForecastReport, ForecastSet } from './run-forecasts.ts';

const headers = ['', 'recall', 'precision', 'false', 'lead', 'in interval', 'too fast'];

/** The report as plain text: a table for each set of resources. */
export function renderForecastTable({ sets, seeds, default: ours }: ForecastReport): string {
  const notes = [
    `recall: exhaustions before which a warning stood ${leadMin} min ahead, [95 % interval], of n`,
    `precision: warnings after which it ran out within ${warningHorizonMin} min; a warning stands so long`,
    'lead: median minutes from the warning to the end; too fast: recall of those that could not be',
    `  seen ${leadMin} min ahead (three deviations high and five minutes old), counted apart`,
    'in interval: right warnings whose 80 % interval held the end',
    `* the default; seeds ${seeds[0]} to ${seeds[1]}`,
  ];
  return [
    'Time to exhaustion',
    '',
    ...sets.map((set) => renderSet(set, ours)),
    `${notes.join('\n')}\n`,
  ].join('\n');
}

function renderSet(
  { name, series, hours, exhausted, tooFast, rows }: ForecastSet,
  ours: string,
): string {
  const lines = rows.map((row) => [
    `${row.name === ours ? '*' : ' '} ${row.name} (${row.kind})`,
    figure(row.recall),
    figure(row.precision),
    String(row.falseWarnings),
    row.medianLeadMin === null ? '-' : row.medianLeadMin.toFixed(0),
    figure(row.coverage),
    figure(row.recallTooFast),
  ]);
  const title = `${name}: ${series} resources, ${hours.toFixed(0)} h, ${exhausted} run out`;
  return `${title}, ${tooFast} of them too fast\n${renderColumns(headers, lines, 'right')}`;
}

function figure({ value, low, high, n }: Figure): string {
  if (value === null) return '-';
  const ends = low === null || high === null ? '' : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return `${value.toFixed(3)}${ends} of ${n}`;
}
