import { renderColumns } from '../../../core/tools/index.ts';
import type { LoghubReport } from './run-loghub.ts';

/** The report as plain text: the means, best first, and each system. */
export function renderLoghubTable(report: LoghubReport): string {
  const rows = [...report.rows].sort(
    (a, b) => (b.scores.GA ?? 0) - (a.scores.GA ?? 0) || (a.name < b.name ? -1 : 1),
  );
  const means = rows.map(({ name, kind, scores, n }) => [
    `${name === report.default && kind === 'ours' ? '*' : ' '} ${name} (${kind})`,
    figure(scores.GA),
    figure(scores.FGA),
    figure(scores.PA),
    figure(scores.FTA),
    String(n),
  ]);
  const notes = [
    'GA: share of lines in a group that is right as a set of lines, original labels',
    'FGA, PA, FTA: F1 over groups, share of lines with the right template, F1 over templates;',
    '  corrected labels',
    'published: settings tuned per system; ours and baselines: one setting for all',
    '* the default configuration',
  ];
  if (report.uncorrected.length > 0) {
    notes.push(`no corrected labels, hence the original ones: ${report.uncorrected.join(', ')}`);
  }
  return [
    'Loghub-2k, mean over systems',
    '',
    renderColumns(['', 'GA', 'FGA', 'PA', 'FTA', 'systems'], means, 'right'),
    renderSystems(
      report,
      rows.map(({ name }) => name),
    ),
    `${notes.join('\n')}\n`,
  ].join('\n');
}

/** Our four figures per system, then everybody else's GA. */
function renderSystems({ entities, default: ours }: LoghubReport, rows: readonly string[]): string {
  const names = [...new Set(entities.map(({ name }) => name))];
  const others = rows.filter((name) => name !== ours);
  const scoresOf = (name: string, row: string) =>
    entities.find((one) => one.name === name && one.row === row)?.scores;
  const lines = names.map((name) => {
    const own = scoresOf(name, ours);
    return [
      name,
      ...[own?.GA, own?.FGA, own?.PA, own?.FTA].map((value) => figure(value ?? null)),
      ...others.map((row) => figure(scoresOf(name, row)?.GA ?? null)),
    ];
  });
  const head = ['', '*GA', '*FGA', '*PA', '*FTA', ...others.map((row) => `${row}`)];
  return renderColumns(head, lines, 'right');
}

function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
