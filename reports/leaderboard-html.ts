import type { Evaluation } from '../core/truth/index.ts';
import { durationFigureText, figureText } from './evaluation-columns.ts';
import { figureCell } from './figure-cell.ts';
import { type Html, html } from './html.ts';
import {
  changeText,
  detectableText,
  healthyHoursText,
  measureNames,
  measureText,
  pText,
} from './measure-text.ts';

/** Every detector with its intervals, and every two of them held against each other. */
export function leaderboardSection(evaluation: Evaluation): Html {
  const { leaderboard, comparisons } = evaluation;
  const hasOperatingPoint = leaderboard.some((one) => one.recallAtOneFalsePerDay);
  return html`<div class="scroll"><table><thead><tr><th>Detector</th><th>Recall</th>${
    hasOperatingPoint ? html`<th>Recall at one false a day</th>` : null
  }<th>Precision</th><th>False a day</th><th>Median delay</th><th>Top-1</th><th>Recovered</th></tr></thead><tbody>
${leaderboard.map(
  (one) => html`<tr><td class="nowrap">${
    one.kind === 'trivial' ? html`<span class="quiet">${one.name}</span>` : html`<b>${one.name}</b>`
  }</td>${figureCell(figureText(one.recall))}${
    hasOperatingPoint
      ? figureCell(one.recallAtOneFalsePerDay ? figureText(one.recallAtOneFalsePerDay) : '–')
      : null
  }${figureCell(figureText(one.precision))}${figureCell(figureText(one.falseIncidentsPerDay))}
  ${figureCell(durationFigureText(one.timeToDetectMsP50))}${figureCell(figureText(one.top1))}
  ${figureCell(figureText(one.recovered))}</tr>
`,
)}</tbody></table></div>
${comparisons.length > 0 ? comparisonTable(comparisons) : null}
<p class="quiet">${healthyHoursText(evaluation)} ${detectableText(evaluation)}</p>`;
}

/** Every two sides held against each other. */
export function comparisonTable(comparisons: Evaluation['comparisons']): Html {
  return html`<h3>Pair by pair, on the same scenarios and seeds</h3>
<div class="scroll"><table><thead><tr><th>Measure</th><th>First</th><th>Second</th>
  <th>Second minus first</th><th class="num">Pairs</th><th>Only one was right</th>
  <th class="num">p</th><th class="num">p, Holm</th><th>Detectable</th></tr></thead><tbody>
${comparisons.map(
  (one) => html`<tr><td class="nowrap">${measureNames[one.measure]}</td>
  <td class="nowrap">${one.first}: ${measureText(one.measure, one.firstValue)}</td>
  <td class="nowrap">${one.second}: ${measureText(one.measure, one.secondValue)}</td>
  ${figureCell(changeText(one.measure, one.difference))}<td class="num">${one.difference.n}</td>
  <td class="nowrap">${one.discordant ? `${one.discordant.firstOnly} : ${one.discordant.secondOnly}` : ''}</td>
  <td class="num">${pText(one.p)}</td><td class="num">${
    isSignificant(one.pHolm) ? html`<b>${pText(one.pHolm)}</b>` : html`${pText(one.pHolm)}`
  }</td><td class="nowrap">${measureText(one.measure, one.minimumDetectableChange)}</td></tr>
`,
)}</tbody></table></div>
<p class="quiet">Yes or no: exact McNemar. Others: sign flips, by scenario from ten scenarios on. “Detectable” is the
smallest true change that these pairs show in four of five cases.</p>`;
}

function isSignificant(p: number | null): boolean {
  return p !== null && p <= 0.05;
}
