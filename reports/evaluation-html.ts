import type { Evaluation } from '../core/truth/index.ts';
import { ratesChart, recoveryChart, shownText } from './evaluation-charts.ts';
import {
  durationFigureText,
  evaluationColumns,
  evaluationRows,
  figureText,
} from './evaluation-columns.ts';
import { figureCell } from './figure-cell.ts';
import { type Html, html } from './html.ts';
import {
  delayChart,
  hasCurves,
  operatingChart,
  precisionRecallChart,
} from './leaderboard-charts.ts';
import { leaderboardSection } from './leaderboard-html.ts';
import { leftOutReason } from './measure-text.ts';
import { mechanismHeatMap } from './mechanism-heat-map.ts';
import { missing } from './number-text.ts';
import { chartPlace, renderPage, tile } from './page.ts';
import { reliabilityChart, reliabilityText } from './reliability-chart.ts';

/** A suite's evaluation as a self-contained page; `assets.plotly` is the Plotly bundle's text. */
export function renderEvaluationHtml(
  evaluation: Evaluation,
  assets: { readonly plotly: string },
): string {
  const curves = hasCurves(evaluation)
    ? [operatingChart(evaluation), precisionRecallChart(evaluation)]
    : [];
  const delays = delayChart(evaluation);
  const charts = [ratesChart(evaluation), recoveryChart(evaluation)] as const;
  const reliability = evaluation.diagnosisReliability;
  const calibration = reliability.bins.length > 0 ? [reliabilityChart(reliability)] : [];
  return renderPage({
    title: `suite ${evaluation.suite} · Firedrill`,
    header: evaluationHeader(evaluation),
    sections: [
      {
        id: 'leaderboard',
        name: 'Leaderboard',
        body: html`<p>Every detector on the same scenarios and seeds, with 95 % intervals; below them what costs
nothing. ${evaluation.intervalMethod}.</p>
${leaderboardSection(evaluation)}`,
      },
      ...(curves.length > 0
        ? [
            {
              id: 'curves',
              name: 'Other thresholds',
              body: html`<p>What each threshold of a detector would have given, in alarms that are merged over five
minutes. The dotted line is one false incident a day; crosses are the detectors as they ran.</p>
<div class="split">${curves.map((chart) => html`<div>${chartPlace(chart)}</div>`)}</div>`,
            },
          ]
        : []),
      {
        id: 'delay',
        name: 'Time to detect',
        body: html`<p>Share of the faults detected within a time after users could first notice. ${delayText(evaluation)}</p>
${chartPlace(delays)}`,
      },
      {
        id: 'mechanisms',
        name: 'Mechanisms',
        body: html`<p>Shares of trials per mechanism of the catalogue, over its scenarios.</p>
${mechanismHeatMap(evaluation)}`,
      },
      {
        id: 'rates-by-scenario',
        name: 'Detected, explained, recovered',
        body: html`<p>Shares of trials per faulty scenario. Trials that were missed count as wrong.${shownText(evaluation)}</p>
${chartPlace(charts[0])}`,
      },
      {
        id: 'time-to-recover',
        name: 'Time to recover',
        body: html`<p>From the instant users could notice; a trial that never recovered counts to its end.${shownText(evaluation)}</p>
${chartPlace(charts[1])}`,
      },
      ...calibration.map((chart) => ({
        id: 'calibration',
        name: 'Calibration',
        body: html`<p>How often the first suspect of a detected fault was the cause, for bins of equally many
diagnoses in the order of its weight. Where weights are true, the dots lie on the dotted line.
${reliabilityText(reliability)}</p>
${chartPlace(chart)}`,
      })),
      { id: 'trivial', name: 'Beside what costs nothing', body: trivialTable(evaluation) },
      { id: 'worst', name: 'Look at first', body: worstTable(evaluation) },
      {
        id: 'scenarios',
        name: 'Scenarios',
        body: html`<p>Every figure is the mean with its 95 % interval.
${evaluation.intervalMethod}.</p>
${scenarioTable(evaluation)}`,
      },
      {
        id: 'replay',
        name: 'Replay',
        body: html`<p>Seeds: ${seedText(evaluation.seeds)}.</p>
        <div class="copy"><pre><code>${evaluation.replay}</code></pre></div>`,
      },
    ],
    footer: html`suite ${evaluation.suite} · ${evaluation.trials} trials`,
    charts: [...curves, delays, ...charts, ...calibration],
    plotly: assets.plotly,
  });
}

function evaluationHeader(evaluation: Evaluation): Html {
  const { detection, diagnosis, healing } = evaluation;
  const baselines = evaluation.baselines.map(
    ({ name, healing: other }) => `${name}: ${durationFigureText(other.timeToRecoverMs)}`,
  );
  return html`<h1>Suite ${evaluation.suite}</h1>
<p class="lead">${evaluation.byScenario.length} scenarios over ${evaluation.seeds.length} ${evaluation.seeds.length === 1 ? 'seed' : 'seeds'},
${evaluation.trials} trials.${leftOutText(evaluation)}</p>
<div class="tiles">${[
    tile('Recall', ...headAndTail(figureText(detection.recall))),
    ...(detection.recallAtOneFalsePerDay
      ? [
          tile(
            'Recall at one false a day',
            ...headAndTail(figureText(detection.recallAtOneFalsePerDay)),
          ),
        ]
      : []),
    tile('Precision', ...headAndTail(figureText(detection.precision))),
    tile('False incidents a day', ...headAndTail(figureText(detection.falseIncidentsPerDay))),
    tile('Median delay', ...headAndTail(durationFigureText(detection.timeToDetectMsP50))),
    tile('Top-1', ...headAndTail(figureText(diagnosis.top1))),
    tile('Recovered', ...headAndTail(figureText(healing.recovered))),
    tile(
      'MTTR',
      headAndTail(durationFigureText(healing.timeToRecoverMs))[0],
      baselines.join(', ') || 'no baseline',
    ),
    tile('Healthy and quiet', ...headAndTail(figureText(detection.quiet))),
    tile('Alerts in, incidents out', alertsText(evaluation), 'per run: what grouping saves'),
  ]}</div>`;
}

function alertsText({ detection: { alerts, incidents } }: Evaluation): string {
  if (alerts.value === null || incidents.value === null) return missing;
  return `${alerts.value.toFixed(1)} → ${incidents.value.toFixed(1)}`;
}

function delayText({ detection }: Evaluation): string {
  const { timeToDetectMsP50, timeToDetectMsP95 } = detection;
  if (timeToDetectMsP50.value === null) return '';
  return `Median ${durationFigureText(timeToDetectMsP50)}, 95 % within ${durationFigureText(timeToDetectMsP95)}.`;
}

/** The value, and the interval for the line below it. */
function headAndTail(text: string): [string, string] {
  const cut = text.indexOf(' [');
  return cut < 0 ? [text, ''] : [text.slice(0, cut), `95 % in ${text.slice(cut + 1)}`];
}

function scenarioTable(evaluation: Evaluation): Html {
  const columns = evaluationColumns(evaluation);
  return html`<div class="scroll"><table class="wide"><thead><tr><th>Scenario</th>
  <th class="num">n</th>${columns.map(({ title }) => html`<th>${title}</th>`)}</tr></thead><tbody>
${evaluationRows(evaluation).map(
  (row) => html`<tr${row.isTotal ? html` class="total"` : null}><td class="nowrap">${row.name}</td>
  <td class="num">${row.trials}</td>${columns.map((column) => figureCell(column.text(row)))}</tr>
`,
)}</tbody></table></div>`;
}

function trivialTable({ trivial }: Evaluation): Html {
  return html`<div class="scroll"><table><thead><tr><th>Score</th><th>Ours</th><th>Baseline</th>
  <th>Theirs</th><th>Says something</th></tr></thead><tbody>
${trivial.map(
  ({ score, baseline, ours, theirs, informative }) => html`<tr><td>${score}</td>
  ${figureCell(figureText(ours))}<td>${baseline}</td>${figureCell(figureText(theirs))}
  <td>${informative ? 'yes' : 'no: inside the interval of the baseline'}</td></tr>
`,
)}</tbody></table></div>`;
}

/** Trials that say nothing are named, so that nobody wonders where they went. */
function leftOutText({ leftOut }: Evaluation): Html | string {
  if (leftOut.length === 0) return '';
  const names = leftOut.map(({ scenario, seed }) => `${scenario} ${seed}`);
  return html` ${names.length} more ${leftOutReason}: ${names.join(', ')}.`;
}

function worstTable(evaluation: Evaluation): Html {
  if (evaluation.worst.length === 0) return html`<p class="quiet">No trial stands out.</p>`;
  return html`<div class="scroll"><table><thead><tr><th>Scenario</th><th class="num">Seed</th>
  <th>Why</th><th>Replay</th></tr></thead><tbody>
${evaluation.worst.map(
  ({
    scenario,
    seed,
    why,
    replay,
  }) => html`<tr><td class="nowrap">${scenario}</td><td class="num">${seed}</td><td>${why}</td>
  <td class="mono">${replay}</td></tr>
`,
)}</tbody></table></div>`;
}

function seedText(seeds: readonly number[]): string {
  const [first, last] = [seeds[0], seeds.at(-1)];
  if (first === undefined || last === undefined) return 'none';
  const isRun = seeds.every((seed, i) => seed === first + i);
  return isRun && seeds.length > 2 ? `${first} to ${last}` : seeds.join(', ');
}
