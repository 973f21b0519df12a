import type { Evaluation, EvaluationFigures, Figure } from '../core/truth/index.ts';
import { catalogueSections } from './catalogue-page.ts';
import { type Html, html } from './html.ts';

const measures: readonly {
  readonly title: string;
  readonly read: (figures: EvaluationFigures) => Figure;
}[] = [
  { title: 'recall', read: ({ detection }) => detection.recall },
  { title: 'top-1', read: ({ diagnosis }) => diagnosis.top1 },
  { title: 'recovered', read: ({ healing }) => healing.recovered },
  { title: 'passed', read: ({ resilience }) => resilience.passed },
];

interface Row {
  readonly mechanism: string;
  readonly scenarios: readonly Evaluation['byScenario'][number][];
}

/** One coloured cell per mechanism and measure, in the catalogue's sections. */
export function mechanismHeatMap({ byScenario }: Evaluation): Html {
  const rows = rowsOf(byScenario);
  const parts = catalogueSections
    .map(({ letter, title }) => ({
      title,
      rows: rows.filter(({ mechanism }) => mechanism.startsWith(letter)),
    }))
    .filter((part) => part.rows.length > 0);
  if (parts.length === 0) return html`<p class="quiet">None of these is in the catalogue.</p>`;
  return html`<div class="fields heat">${parts.map(
    ({ title, rows: members }) => html`<div><table><thead><tr><th>${title}</th>${measures.map(
      (measure) => html`<th class="num">${measure.title}</th>`,
    )}</tr></thead><tbody>
${members.map(
  ({
    mechanism,
    scenarios,
  }) => html`<tr><td title="${scenarios.map(({ id }) => id).join(', ')}">${mechanism}
<span class="quiet">${scenarios.map(({ id }) => id.replaceAll('_', ' ')).join(', ')}</span></td>${measures.map(
    ({ read }) => heatCell(scenarios.map(read)),
  )}</tr>
`,
)}</tbody></table></div>`,
  )}</div>`;
}

function rowsOf(byScenario: Evaluation['byScenario']): Row[] {
  const mechanisms = [...new Set(byScenario.flatMap(({ mechanism }) => mechanism ?? []))];
  return mechanisms
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((mechanism) => ({
      mechanism,
      scenarios: byScenario.filter((scenario) => scenario.mechanism === mechanism),
    }));
}

/** The mean over the mechanism's trials; the colour runs from all wrong to all right. */
function heatCell(figures: readonly Figure[]): Html {
  const known = figures.filter(({ value }) => value !== null);
  const n = known.reduce((sum, figure) => sum + figure.n, 0);
  if (n === 0) return html`<td class="num"></td>`;
  const value = known.reduce((sum, figure) => sum + (figure.value as number) * figure.n, 0) / n;
  return html`<td class="num cell" style="--heat:${value.toFixed(3)}">${value.toFixed(2)}</td>`;
}
