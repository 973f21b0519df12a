import { renderColumns } from '../core/tools/index.ts';
import type { Figure, TrivialityReport } from '../core/truth/index.ts';
import { clean } from './terminal-text.ts';

/**
 * The anti-triviality gates as text: every figure with its interval, n, and what chance reaches.
 */
export function renderTrivialityTable(report: TrivialityReport): string {
  const { gates, figures, oneLiners, byScenario, chosenOnSeeds, seeds } = report;
  const gateRows = gates.map(({ name, limit, reached, chance, passed, detail }) => [
    passed ? 'ok' : 'FAILED',
    name,
    figureText(reached),
    limit,
    chance === null ? '–' : figureText(chance),
    clean(detail),
  ]);
  const figureRows = figures.map(({ name, reached, detail }) => [
    name,
    figureText(reached),
    clean(detail),
  ]);
  const linerRows = oneLiners.map(({ name, constant, solved }) => [
    name,
    constant.toPrecision(3),
    figureText(solved),
  ]);
  const scenarioRows = byScenario.map((row) => [
    clean(row.id),
    String(row.recordings),
    shareText(row.solvedByBestOneLiner),
    shareText(row.foundByLoudestService),
    shareText(row.causeIsLoudest),
  ]);
  return [
    renderColumns(['', 'gate', 'reached', 'limit', 'chance', 'by'], gateRows),
    `\n${renderColumns(['told without a limit', 'reached', 'by'], figureRows)}`,
    `\n${renderColumns(['one-liner on component signals', 'constant', 'solved'], linerRows)}`,
    `\n${renderColumns(
      ['scenario', 'n', 'best one-liner', 'loudest service', 'cause is loudest'],
      scenarioRows,
    )}`,
    `\n${report.recordings} recordings (${report.faulty} with a fault that users felt), seeds ${seeds.join(', ')}; `,
    `constants chosen on seeds ${chosenOnSeeds.join(', ')}\n`,
    `replay: ${clean(report.replay)}\n`,
  ].join('');
}

function figureText({ value, low, high, n }: Figure): string {
  if (value === null) return `– (n ${n})`;
  const interval = low === null || high === null ? '' : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return `${value.toFixed(2)}${interval} (n ${n})`;
}

function shareText(share: number | null): string {
  return share === null ? '–' : share.toFixed(2);
}
