import { renderColumns } from '../../../core/tools/index.ts';
import type { CalibrationReport } from './run-calibration.ts';

const headers = ['', 'values', 'series', 'x at 1e-3', 'x at 1e-5', 'series <= 2x'];

/** The report as a plain text table. */
export function renderCalibrationTable({ rows, topologies }: CalibrationReport): string {
  const lines = rows.map((row) => [
    row.name,
    String(row.values),
    String(row.series),
    row.ratioAt3.toFixed(2),
    row.ratioAt5.toFixed(2),
    `${(100 * row.seriesWithin).toFixed(0)} %`,
  ]);
  return [
    `Healthy worlds: ${topologies.join(', ')}; alarms seen over alarms promised, 1 is right`,
    '',
    renderColumns(headers, lines, 'right'),
    'rarest view, sum of views: the default stack per series; raw: before the pooled tail, which was',
    'fitted on other topologies',
    'series <= 2x: share of series with at most twice the promised rate at 1e-3, chance included',
  ].join('\n');
}
