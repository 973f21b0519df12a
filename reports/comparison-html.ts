import type { RunsCompared } from '../core/truth/index.ts';
import { comparedText, namelessComparisons, wordsOf } from './comparison-text.ts';
import { type Html, html } from './html.ts';
import { comparisonTable } from './leaderboard-html.ts';
import { renderPage } from './page.ts';

/** Two runs or two evaluations side by side, as a self-contained page. */
export function renderComparisonHtml(
  compared: RunsCompared,
  assets: { readonly plotly: string },
): string {
  const { kind, first, second, same, comparisons, scenarios, notes } = compared;
  const sections = [
    { id: 'figures', name: 'Figure by figure', body: figureTable(compared) },
    ...(comparisons.length > 0
      ? [
          {
            id: 'tests',
            name: 'Common trials',
            body: comparisonTable(namelessComparisons(compared)),
          },
        ]
      : []),
    ...(scenarios.length > 0
      ? [{ id: 'scenarios', name: 'Where they differ', body: scenarioTable(compared) }]
      : []),
  ];
  return renderPage({
    title: `two ${kind} · Firedrill`,
    header: html`<h1>Two ${kind}, side by side</h1>
<p class="lead">${first}<br>${second}</p>
<p>${same ? 'They are the same to the byte.' : 'They are not the same.'} ${notes.map((note) => html`Note: ${note}.`)}</p>`,
    sections,
    footer: html`${first} · ${second}`,
    charts: [],
    plotly: assets.plotly,
  });
}

function figureTable({ figures, first, second }: RunsCompared): Html {
  return html`<div class="scroll"><table><thead><tr><th></th><th>${first}</th><th>${second}</th></tr></thead><tbody>
${figures.map(
  ({ name, first: a, second: b }) => html`<tr><td class="nowrap">${wordsOf(name)}</td>
  <td>${comparedText(name, a)}</td><td>${
    a === b ? html`${comparedText(name, b)}` : html`<b>${comparedText(name, b)}</b>`
  }</td></tr>
`,
)}</tbody></table></div>`;
}

function scenarioTable({ scenarios, firstDifference }: RunsCompared): Html {
  return html`${
    firstDifference
      ? html`<p>First difference: ${firstDifference.scenario} ${firstDifference.seed}, ${firstDifference.what}.</p>
<div class="copy"><pre><code>${firstDifference.replay}</code></pre></div>`
      : null
  }<div class="scroll"><table><thead><tr><th>Scenario</th><th class="num">Pairs</th>
  <th class="num">Worse</th><th class="num">Better</th></tr></thead><tbody>
${scenarios.map(
  ({
    id,
    pairs,
    worse,
    better,
  }) => html`<tr><td class="nowrap">${id}</td><td class="num">${pairs}</td>
  <td class="num">${worse}</td><td class="num">${better}</td></tr>
`,
)}</tbody></table></div>`;
}
