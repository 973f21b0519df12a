import { sha256 } from '../core/tools/index.ts';
import type { Chart } from './chart.ts';
import { escapeJson, escapeScript, type Html, html } from './html.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

export interface PageParts {
  readonly title: string;
  readonly header: Html;
  readonly sections: readonly { readonly id: string; readonly name: string; readonly body: Html }[];
  readonly footer: Html;
  readonly charts: readonly Chart[];
  /** The text of the Plotly bundle. */
  readonly plotly: string;
}

const flame = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path
d="M12.6 1.5c.6 3.6-1 5.3-2.8 7.2C8 10.6 6 12.6 6 15.8A6.3 6.3 0 0 0 12.3 22
 c3.7 0 6.2-2.7 6.2-6 0-2.4-1-4.5-2.3-6-.1 1.7-.7 2.8-1.8 3.5.5-4.6-.4-9-1.8-12z"/></svg>`;

/**
 * A page that needs nothing but itself: style, data and scripts inside, no network by its own
 * Content-Security-Policy, which names each script by its hash. The same parts give the same bytes.
 */
export function renderPage(parts: PageParts): string {
  const plotly = `\n${escapeScript(parts.plotly)}\n`;
  const script = `\n${pageScript}\n`;
  const policy = [
    "default-src 'none'",
    `script-src ${scriptHash(plotly)} ${scriptHash(script)}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${parts.title}</title>
<style>
${{ markup: pageStyle }}
</style>
</head>
<body>
<header class="top">
<div class="brand">${flame}<b>Firedrill</b></div>
${parts.header}
</header>
<nav aria-label="Sections"><ul>
${parts.sections.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>
${parts.sections.map(
  ({ id, name, body }) => html`<section id="${id}">
<h2>${name}</h2>
${body}
</section>
`,
)}</main>
<footer>${parts.footer}</footer>
<script type="application/json" id="charts">${{ markup: escapeJson(parts.charts) }}</script>
<script>${{ markup: plotly }}</script>
<script>${{ markup: script }}</script>
</body>
</html>
`;
  return page.markup;
}

/** The place of a chart, to be filled by the page's script; without scripts the tables speak. */
export function chartPlace(chart: Chart): Html {
  return html`<div class="chart-head" data-views="${chart.id}"></div>
  <div class="chart" id="${chart.id}" role="img"
    aria-label="${chart.label}" style="height:${chart.heightPx}px"></div>
  <noscript><p class="quiet">This chart needs scripts; the tables carry its numbers.</p></noscript>`;
}

/** One figure of the header, large, with what to compare it to. */
export function tile(label: string, value: string, beside: string): Html {
  return html`<div class="tile"><div class="label">${label}</div>
  <div class="value${value.length > 14 ? ' long' : ''}">${value}</div>
  <div class="beside">${beside}</div></div>`;
}

function scriptHash(text: string): string {
  return `'sha256-${Buffer.from(sha256(text), 'hex').toString('base64')}'`;
}
