import { renderColumns } from '../../core/tools/index.ts';
import type { Assumption } from './assumptions.ts';
import type { ServiceFit } from './check-fit.ts';
import type { FittedTopology } from './fit-topology.ts';
import type { Recovered } from './recovery.ts';

/** The limit that a recovered figure should keep to. */
export const recoveryLimit = 0.1;

/** One line per service: the data against the twin on the fitted topology. */
export function renderFitTable(fits: readonly ServiceFit[]): string {
  const head = [
    'service',
    'req/s',
    'twin',
    'mean ms',
    'twin',
    'p95 ms',
    'twin',
    'error',
    'spans',
    '',
  ];
  const rows = fits.map((fit) => [
    fit.service,
    number(fit.requestsPerSec.observed),
    number(fit.requestsPerSec.twin),
    number(fit.latencyMsMean.observed),
    number(fit.latencyMsMean.twin),
    number(fit.latencyMsP95.observed),
    number(fit.latencyMsP95.twin),
    `${percent(fit.error)} ± ${(100 * fit.standardError).toFixed(1)}`,
    `${fit.spans}`,
    fit.goodness,
  ]);
  return renderColumns(head, rows, 'right');
}

/** Per kind of parameter how many were recovered, and the one that is furthest off. */
export function renderRecovery(rows: readonly Recovered[]): string {
  const kinds = [...new Set(rows.map(({ what }) => what))];
  const lines = kinds.map((what) => {
    const members = rows.filter((row) => row.what === what);
    const worst = members.reduce((a, b) => (Math.abs(b.error) > Math.abs(a.error) ? b : a));
    const within = members.filter(({ error }) => Math.abs(error) <= recoveryLimit).length;
    return [
      what,
      `${within} of ${members.length}`,
      percent(worst.error),
      worst.where,
      number(worst.truth),
      number(worst.fitted),
    ];
  });
  const head = ['parameter', 'within 10 %', 'worst', 'where', 'true', 'fitted'];
  return renderColumns(head, lines, 'right');
}

/** What the data does not tell, grouped by field. */
export function renderAssumptions(assumptions: readonly Assumption[]): string {
  const groups = new Map<string, Assumption[]>();
  for (const one of assumptions) {
    const members = groups.get(one.field) ?? [];
    members.push(one);
    groups.set(one.field, members);
  }
  return [...groups]
    .map(([field, members]) => {
      const first = members[0] as Assumption;
      const used = [...new Set(members.map((one) => one.used))];
      const values = used.length <= 2 ? used.join(' or ') : `${used[0]} … ${used.at(-1)}`;
      const place = members.length === 1 ? first.where : `${members.length} places`;
      return `  ${field} of ${place}: ${values} (${first.why})\n`;
    })
    .join('');
}

/** Workload and size of a fit in a few lines. */
export function renderFitSummary({ spec, rates, notes }: FittedTopology): string {
  const operations = spec.services.reduce((sum, one) => sum + one.operations.length, 0);
  const journeys = spec.journeys.map(({ name, weight }) => `${name} ${weight} %`).join(', ');
  const { requestsPerSec, dailySwing } = spec.workload;
  return [
    `${spec.services.length} services, ${operations} operations, ${spec.nodes.length} nodes\n`,
    `${requestsPerSec} requests/s from ${rates.source}, daily swing ${dailySwing}: ${journeys}\n`,
    ...notes.map((note) => `note: ${note}\n`),
  ].join('');
}

function number(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(4, digits));
}

function percent(share: number): string {
  if (!Number.isFinite(share)) return '-';
  return `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)} %`;
}
