import { renderColumns } from '../../../core/tools/index.ts';
import type { Figure } from '../../../core/truth/index.ts';
import type { SamplerReport } from './run-sampler.ts';

/** The report as plain text: the samplers, then ours per scenario. */
export function renderSamplerTable(report: SamplerReport): string {
  const rows = report.rows.map(({ name, kind, scores, figures, bytes, n }) => [
    `${name === report.default ? '*' : ' '} ${name} (${kind})`,
    figure(figures.keptWhileFew),
    String(n),
    figure(figures.keptWhileMany),
    percent(scores.budgetUsed),
    percent(bytes.zstd / bytes.all, 2),
  ]);
  const scenarios = report.entities
    .filter(({ row }) => row === report.default)
    .map(({ name, scores, n, nWhileMany, traces }) => [
      name,
      percent(scores.keptWhileFew),
      String(n),
      percent(scores.keptWhileMany),
      String(nWhileMany),
      percent(scores.budgetUsed),
      String(traces),
    ]);
  const ours = report.rows.find(({ name }) => name === report.default);
  return [
    `trace samplers, seeds ${report.seeds.join(', ')}; shares with 95 % intervals`,
    '',
    renderColumns(
      ['', 'kept while few are affected', 'n', 'while many are', 'of all traces', 'of bytes'],
      rows,
      'right',
    ),
    ...report.rows.map(({ name, reach }) => `${name}: ${reach}`),
    '',
    renderColumns(
      ['* by scenario', 'while few', 'n', 'while many', 'n', 'of all', 'traces'],
      scenarios,
      'right',
    ),
    ...(ours ? [effectsLine(ours), bytesLine(ours)] : []),
    'few: at most 3 % of the requests of five minutes fare worse than in the same world without the',
    'fault; n counts these requests',
    '',
  ].join('\n');
}

type Row = SamplerReport['rows'][number];

function effectsLine({ byEffect }: Row): string {
  const told = Object.entries(byEffect).map(([effect, { kept, n }]) => `${effect} ${kept} of ${n}`);
  return `* kept while few are affected: ${told.join(', ')}; slight effects do not count`;
}

function bytesLine({ bytes }: Row): string {
  const inMb = (value: number): string => `${(value / 1e6).toFixed(1)} MB`;
  return `* bytes: ${inMb(bytes.all)} of all traces, ${inMb(bytes.kept)} kept, ${inMb(bytes.zstd)} compressed (zstd)`;
}

function figure({ value, low, high }: Figure): string {
  if (value === null) return '–';
  const range = low === null || high === null ? '' : ` [${percent(low)}–${percent(high)}]`;
  return `${percent(value)}${range}`;
}

function percent(share: number | null, digits = 1): string {
  return share === null ? '–' : `${(100 * share).toFixed(digits)} %`;
}
