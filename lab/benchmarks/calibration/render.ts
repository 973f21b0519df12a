import { renderColumns } from '../../../core/tools/index.ts';
import type { Figure } from '../../../core/truth/index.ts';
import type { CalibrationReport, CalibrationRow } from './run-calibration.ts';

const headers = [
  '',
  'values',
  'series',
  'x at 1e-3',
  'n',
  'x at 1e-5',
  'n',
  'within',
  'series <= 2x',
];
/** Seen over promised must lie between this and its inverse. */
const factorMax = 2;

/** The report as a plain text table. */
export function renderCalibrationTable({ rows, entities }: CalibrationReport): string {
  const topologies = [...new Set(entities.map(({ name }) => name))];
  const lines = rows.map((row) => [
    row.name,
    String(row.values),
    String(row.n),
    ratio(row.figures.at3),
    String(row.figures.at3.n),
    ratio(row.figures.at5),
    String(row.figures.at5.n),
    verdict(row),
    row.scores.seriesWithin === null ? '–' : `${(100 * row.scores.seriesWithin).toFixed(0)} %`,
  ]);
  return [
    `Healthy worlds: ${topologies.join(', ')}; values as rare as that over as many as promised, 1 is`,
    'right; 95 % intervals over series; n: values as rare as that',
    '',
    renderColumns(headers, lines, 'right'),
    'within: required is a factor of two, of methods at 1e-3, of the fused score at 1e-5',
    'fused: the rarest view of own series, by a tail that was fitted on other topologies',
    'series <= 2x: share of series with at most twice the promised rate at 1e-3, chance included',
    '',
  ].join('\n');
}

function ratio({ value, low, high }: Figure): string {
  if (value === null || low === null || high === null) return '–';
  return `${value.toFixed(2)} [${low.toFixed(2)}–${high.toFixed(2)}]`;
}

function verdict(row: CalibrationRow): string {
  const value = row.required && row.scores[row.required];
  if (value === null) return '–';
  return value <= factorMax && value >= 1 / factorMax ? 'yes' : 'no';
}
