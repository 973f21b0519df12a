import { renderColumns } from '../../../core/tools/index.ts';
import type { NabReport } from './run-nab.ts';

const headers = ['', 'standard', 'low FP', 'low FN', 'fixed', 'leave-one-out'];

/** The report as a plain text table, best standard score first, our rows marked. */
export function renderNabTable(report: NabReport): string {
  const rows = [...report.rows].sort(
    (a, b) => (b.scores.standard ?? 0) - (a.scores.standard ?? 0) || (a.name < b.name ? -1 : 1),
  );
  const lines = rows.map(({ name, kind, scores }) => [
    `${name === report.default && kind === 'ours' ? '*' : ' '} ${name} (${kind})`,
    figure(scores.standard),
    figure(scores.lowFP),
    figure(scores.lowFN),
    figure(scores.fixedThreshold),
    figure(scores.leaveOneCategoryOut),
  ]);
  const n = report.rows[0]?.n ?? 0;
  return [
    `NAB v1.1, ${n} series; 0 = never alarms, 100 = perfect`,
    '',
    renderColumns(headers, lines, 'right'),
    'standard, low FP, low FN: threshold optimised on the labels, as NAB does',
    'fixed: threshold as written down; leave-one-out: threshold from the other categories',
    '* the default stack',
  ].join('\n');
}

function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(1);
}
