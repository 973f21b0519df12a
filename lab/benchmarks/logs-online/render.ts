import { renderColumns } from '../../../core/tools/index.ts';
import type { Figure } from '../../../core/truth/index.ts';
import type { LogsOnlineReport } from './run-logs-online.ts';

const headers = ['', 'in time', 'right place', 'sooner', 'beyond metrics', 'false per hour'];

/** The report as plain text. */
export function renderLogsOnlineTable(report: LogsOnlineReport): string {
  const { runs, healthyHours, rows, onlyLogs } = report;
  const felt = rows[0]?.n ?? 0;
  const lines = rows.map(({ name, figures }) => [
    name,
    figure(figures.inTime),
    figure(figures.inTimeAndRight),
    figure(figures.sooner),
    figure(figures.beyondMetrics),
    figure(figures.falseAlarms, 2),
  ]);
  return [
    `Log detectors on the catalogue: ${runs} runs, ${felt} felt by users, ${healthyHours.toFixed(0)} healthy hours`,
    '',
    renderColumns(headers, lines, 'right'),
    'in time: share of felt faults spoken of from injection until two minutes after onset;',
    '  right place: with the faulty component named; sooner: before the first incident from metrics;',
    '  beyond metrics: of those with no incident in time; false: alarms per healthy hour and cluster',
    `only logs: ${onlyLogs.length > 0 ? onlyLogs.join(', ') : 'none'}\n`,
  ].join('\n');
}

function figure({ value, low, high }: Figure, digits = 3): string {
  if (value === null) return '-';
  const ends = low === null || high === null ? '' : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return `${value.toFixed(digits)}${ends}`;
}
