import type { Incident, SeriesCurve, SeriesReport } from '../core/observable/index.ts';
import { formatDuration } from '../core/tools/index.ts';
import { baseLayout, type Chart, plotlyText, quietAxis, shortNumber } from './chart.ts';
import { incidentText, instantText, lastedText, placeText } from './detect-table.ts';
import { type Html, html } from './html.ts';
import { chartPlace, renderPage, tile } from './page.ts';

/** What was found in a user's own series as a self-contained page with a chart per series. */
export function renderDetectHtml(
  report: SeriesReport,
  curves: readonly SeriesCurve[],
  assets: { readonly plotly: string },
): string {
  const charts = curves.map((curve, i) => curveChart(curve, report.incidents, `series-${i}`));
  const hidden = report.series.filter(({ points }) => points > 0).length - curves.length;
  const note = hidden > 0 ? `, ${hidden} of which are not shown` : '';
  return renderPage({
    title: `${fileName(report)} · Firedrill`,
    header: header(report),
    sections: [
      { id: 'incidents', name: 'Incidents', body: incidentTable(report) },
      {
        id: 'series',
        name: 'Series',
        body: html`<p>${report.series.length} series${note}. The band is three deviations around
what was expected; incidents are shaded.</p>
${charts.map(
  (chart, i) => html`<h3>${titleOf(curves[i] as SeriesCurve)}</h3>
${chartPlace(chart)}`,
)}`,
      },
    ],
    footer: html`${report.file} · detector ${report.detector}`,
    charts,
    plotly: assets.plotly,
  });
}

function header(report: SeriesReport): Html {
  const { incidents, series, frames, fromMs, untilMs, intervalMs } = report;
  const lead =
    frames === 0
      ? 'Nothing that had not been seen before.'
      : `${instantText(fromMs)} to ${instantText(untilMs)}`;
  const open = incidents.filter(({ closedAtMs }) => closedAtMs === null).length;
  const anomalies = series.reduce((sum, one) => sum + one.anomalies, 0);
  return html`<h1>${fileName(report)}</h1>
<p class="lead">${lead}</p>
<div class="tiles">${[
    tile('Incidents', String(incidents.length), `${open} open at the end`),
    tile('Anomalies', String(anomalies), `in ${series.length} series`),
    tile('Instants', String(frames), `one in ${formatDuration(intervalMs)}`),
  ]}</div>`;
}

function fileName({ file }: SeriesReport): string {
  return file.split(/[/\\]/).at(-1) as string;
}

function titleOf({ signal, component }: SeriesCurve): string {
  return `${signal} · ${component}`;
}

function incidentTable({ incidents }: SeriesReport): Html {
  if (incidents.length === 0) return html`<p>None.</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>opened</th><th>lasted</th><th>severity</th><th>where</th><th>what</th></tr></thead>
<tbody>${incidents.map(
    (incident) => html`<tr><td>${instantText(incident.openedAtMs)}</td>
<td>${lastedText(incident)}</td><td>${incident.severity}</td>
<td>${placeText(incident)}</td><td>${incidentText(incident)}</td></tr>
`,
  )}</tbody></table></div>`;
}

/** Plotly's own form of an instant in UTC. */
function plotlyTime(unixMs: number): string {
  return instantText(unixMs).replace('T', ' ').replace('Z', '');
}

function curveChart(curve: SeriesCurve, incidents: readonly Incident[], id: string): Chart {
  const x = curve.atMs.map(plotlyTime);
  const edge = { type: 'scatter', mode: 'lines', x, line: { width: 0 }, hoverinfo: 'skip' };
  const { signal, component } = curve;
  const own = incidents.filter(({ anomalies }) =>
    anomalies.some((one) => one.signal === signal && one.component === component),
  );
  return {
    id,
    label: `${titleOf(curve)} over time, with what was expected and the anomalies`,
    heightPx: 240,
    data: [
      { ...edge, y: curve.low.map(shortNumber), showlegend: false },
      {
        ...edge,
        y: curve.high.map(shortNumber),
        fill: 'tonexty',
        fillcolor: 'var(--healed-wash)',
        name: 'expected',
      },
      {
        type: 'scatter',
        mode: 'lines',
        x,
        y: curve.values.map(shortNumber),
        name: plotlyText(signal),
        line: { color: 'var(--healed)', width: 1.5 },
      },
      {
        type: 'scatter',
        mode: 'markers',
        x: curve.anomalies.map(({ atMs }) => plotlyTime(atMs)),
        y: curve.anomalies.map(({ value }) => shortNumber(value)),
        name: 'anomaly',
        marker: { color: 'var(--fault)', size: 9, line: { color: 'var(--surface)', width: 1 } },
      },
    ],
    layout: {
      ...baseLayout(),
      hovermode: 'x unified',
      xaxis: quietAxis({ type: 'date' }),
      yaxis: quietAxis({}),
      shapes: own.map(({ openedAtMs, updatedAtMs }) => ({
        type: 'rect',
        xref: 'x',
        yref: 'paper',
        x0: plotlyTime(openedAtMs),
        x1: plotlyTime(updatedAtMs),
        y0: 0,
        y1: 1,
        fillcolor: 'var(--fault)',
        opacity: 0.12,
        line: { color: 'var(--fault)', width: 1 },
        layer: 'below',
      })),
    },
    views: [],
  };
}
