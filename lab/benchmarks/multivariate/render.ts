import { renderColumns } from '../../../core/tools/index.ts';
import type { MultivariateReport } from './run-multivariate.ts';

type Scores = MultivariateReport['rows'][number]['scores'];

/** The report as plain text: the means, best first, and each entity. */
export function renderMultivariateTable(report: MultivariateReport): string {
  const rows = [...report.rows].sort(
    (a, b) => (b.scores.VUSPR ?? 0) - (a.scores.VUSPR ?? 0) || (a.name < b.name ? -1 : 1),
  );
  const means = rows.map(({ name, kind, scores, n }) => [
    `${name === report.default ? '*' : ' '} ${name} (${kind})`,
    ...figures(scores),
    String(n),
  ]);
  const names = [...new Set(report.entities.map(({ name }) => name))];
  const perEntity = names.map((name) => {
    const scoresOf = (row: string) =>
      report.entities.find((one) => one.name === name && one.row === row)?.scores as Scores;
    const others = ['pca_reconstruction', 'random'].map((row) => figure(scoresOf(row).VUSPR));
    return [name, ...figures(scoresOf(report.default)), ...others];
  });
  return [
    'multivariate series, mean over entities',
    '',
    renderColumns(['', 'AP', 'VUS-PR', 'event F1', 'false/1000', 'entities'], means, 'right'),
    renderColumns(
      [
        '',
        '*AP',
        '*VUS-PR',
        '*event F1',
        '*false/1000',
        'pca_reconstruction VUS-PR',
        'random VUS-PR',
      ],
      perEntity,
      'right',
    ),
    'AP: average precision by rows; VUS-PR: buffers of 0 to 100 rows around events',
    'event F1, false/1000: rows above the 99.9 % quantile of the scores of the train; F1 over events,',
    '  and rows outside events per 1,000 rows',
    '* the default configuration; - no labelled row\n',
  ].join('\n');
}

function figures({ AP, VUSPR, eventF1, falseAlarmsPer1000 }: Scores): string[] {
  return [figure(AP), figure(VUSPR), figure(eventF1), figure(falseAlarmsPer1000, 2)];
}

function figure(value: number | null, digits = 3): string {
  return value === null ? '-' : value.toFixed(digits);
}
