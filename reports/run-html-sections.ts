import type { AuditEntry } from '../core/observable/index.ts';
import {
  bucketCount,
  type IncidentVerdict,
  type RunRecord,
  type Scorecard,
} from '../core/truth/index.ts';
import type { Chart } from './chart.ts';
import { type Html, html } from './html.ts';
import { finalIncidents } from './incidents.ts';
import {
  clockText,
  durationText,
  fieldText,
  missing,
  numberText,
  offsetText,
  percentText,
} from './number-text.ts';
import { chartPlace } from './page.ts';
import { serviceGraphSvg } from './service-graph-svg.ts';
import { at, lostByJourney } from './sli-curves.ts';
import { type StoryLine, storyZeroMs, tellStory } from './story.ts';
import { judgeSuspects } from './suspects.ts';
import { traceWaterfallSvg } from './trace-waterfall-svg.ts';

const rowsMax = 200;
const suspectsMax = 15;

/** The timeline chart, and what happened line by line. */
export function timelineSection(record: RunRecord, scorecard: Scorecard, chart: Chart): Html {
  const zeroMs = storyZeroMs(record);
  const story = tellStory(record, scorecard);
  return html`<p>The same seed three times: healed, left alone, and without the fault.
The shaded window is the fault; offsets count from the instant users could first notice.</p>
${chartPlace(chart)}
<h3>Step by step</h3>
<div class="scroll"><table><thead><tr><th class="num">Time</th><th class="num">Offset</th>
<th>Step</th><th>What</th></tr></thead><tbody>
${story.slice(0, rowsMax).map(
  (line) => html`<tr><td class="num">${clockText(line.atMs)}</td>
  <td class="num">${offsetText(line.atMs - zeroMs)}</td>
  <td><span class="kind ${line.kind}">${line.kind}</span></td>
  <td>${line.text} ${storyMark(line)}</td></tr>
`,
)}</tbody></table></div>${moreRows(story.length)}`;
}

/** Wrong and failed steps are marked; of the good ones only diagnoses, where it says something. */
function storyMark({ good, kind }: StoryLine): Html | null {
  if (good === false) return mark(false);
  return good && kind === 'diagnosed' ? mark(true) : null;
}

/** The service graph and the ranked suspects. */
export function diagnosisSection(record: RunRecord, scorecard: Scorecard): Html {
  const suspects = judgeSuspects(record, scorecard);
  const truth = record.truth.rootCauses;
  const rows = suspects.slice(0, suspectsMax).map(
    ({
      rank,
      component,
      weight,
      why,
      right,
      detail,
    }) => html`<tr><td class="num">${rank}</td><td class="mono nowrap">${component}</td>
    <td class="bar-cell"><span class="bar suspect" style="width:${Math.round(weight * 1000) / 10}%"></span></td>
    <td class="num">${weight.toFixed(2)}</td><td class="why">${why}${
      detail && detail.suggestedActions.length > 0
        ? html`<br><span class="quiet">suggests ${detail.suggestedActions
            .map((action) => `${action.kind} ${action.target}`)
            .join(', ')}</span>`
        : null
    }</td><td>${right ? mark(true, 'right') : html`<span class="quiet">no</span>`}</td></tr>
`,
  );
  return html`<p>${rootCauseText(truth)}</p>
<div class="scroll">${serviceGraphSvg(record, scorecard)}</div>
<ul class="key"><li><i class="heat"></i>suspect weight, 0 to 1</li>
<li><i class="root"></i>true root cause</li>
<li><i class="hit"></i>truly affected, with the time after onset</li></ul>
<h3>Ranked suspects</h3>
${
  rows.length === 0
    ? html`<p class="quiet">No suspects.</p>`
    : html`<div class="scroll"><table><thead><tr><th class="num">#</th><th>Component</th>
    <th>Weight</th><th></th><th>Why</th><th>Right?</th></tr></thead><tbody>
${rows}</tbody></table></div>`
}`;
}

function rootCauseText([first, ...others]: readonly string[]): string {
  if (first === undefined) return 'Nothing was broken, so silence is right.';
  if (others.length === 0) return `The true root cause is ${first}.`;
  const verb = others.length > 1 ? 'are' : 'is';
  return `The true root cause is ${first}; ${others.join(', ')} ${verb} accepted too.`;
}

const verdictTexts: Readonly<Record<IncidentVerdict, string>> = {
  true_positive: 'right',
  duplicate: 'duplicate',
  false: 'false',
  self_inflicted: 'self-inflicted',
};

/** Every incident with its evidence lines and what it was worth. */
export function incidentsSection(record: RunRecord, scorecard: Scorecard): Html {
  const zeroMs = storyZeroMs(record);
  const verdicts = new Map(scorecard.detection.incidents.map(({ id, verdict }) => [id, verdict]));
  const incidents = finalIncidents(record);
  if (incidents.length === 0) return html`<p class="quiet">No incident was opened.</p>`;
  return html`<p>Each line is <span class="mono">metric: value (z-score)</span>, strongest first.</p>
${incidents.slice(0, rowsMax).map(
  (incident) => html`<div class="incident"><h3>${incident.id} on ${incident.component}
${verdictMark(verdicts.get(incident.id))}</h3>
<div class="quiet">${incident.severity} · opened ${clockText(incident.openedAtMs)}
(${offsetText(incident.openedAtMs - zeroMs)})${
    incident.closedAtMs === null
      ? ', still open at the end'
      : `, closed ${clockText(incident.closedAtMs)}`
  } · touches ${firstOf(incident.components, 6)}</div>
<ul class="mono">${incident.summary.slice(0, 12).map((line) => html`<li>${line}</li>`)}</ul>${
    incident.summary.length > 12
      ? html`<p class="quiet">${incident.summary.length - 12} more lines.</p>`
      : null
  }</div>
`,
)}${moreRows(incidents.length)}`;
}

function firstOf(names: readonly string[], count: number): string {
  const more = names.length > count ? ` and ${names.length - count} more` : '';
  return `${names.slice(0, count).join(', ')}${more}`;
}

function verdictMark(verdict: IncidentVerdict | undefined): Html | null {
  return verdict ? mark(verdict === 'true_positive', verdictTexts[verdict]) : null;
}

/** The slow request's waterfall and findings. */
export function traceSection(record: RunRecord): Html {
  const { slowTrace, slowTraceFindings } = record.exhibits;
  const traceId = slowTrace[0]?.traceId;
  return html`<p>${traceId === undefined ? 'A slow or failed request during the fault.' : `Trace ${traceId}, ${slowTrace.length} spans.`}</p>
${slowTraceFindings.length > 0 ? html`<ul class="lines">${slowTraceFindings.map((finding) => html`<li>${finding}</li>`)}</ul>` : null}
<div class="scroll">${traceWaterfallSvg(slowTrace)}</div>
<ul class="key"><li><i class="db"></i>database</li><li><i class="external"></i>external</li>
<li><i class="cpu"></i>cpu</li><li><i class="client"></i>client</li>
<li><i class="server"></i>server</li><li><i class="failed"></i>failed</li></ul>`;
}

/** How error lines divide over the known patterns, and the first ones as they were written. */
export function logsSection(record: RunRecord): Html {
  const { total, distribution, firstLines } = record.exhibits.logPatterns;
  if (total === 0) return html`<p class="quiet">No error lines.</p>`;
  const patterns = Object.entries(distribution).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return html`<p>${numberText(total)} error lines around the incident.</p>
<div class="scroll"><table><thead><tr><th>Pattern</th><th>Share</th><th class="num">Lines</th>
<th class="num"></th></tr></thead><tbody>
${patterns.map(
  ([pattern, count]) => html`<tr><td>${pattern}</td>
  <td class="bar-cell"><span class="bar" style="width:${Math.round((count / total) * 1000) / 10}%"></span></td>
  <td class="num">${numberText(count)}</td><td class="num">${percentText(count / total)}</td></tr>
`,
)}</tbody></table></div>
<h3>First lines</h3>
<ul class="lines mono">${firstLines.map(
    ({
      atMs,
      severity,
      resource,
      body,
      traceId,
    }) => html`<li><span class="quiet">${clockText(atMs)} ${severity} ${resource.service} ${resource.zone}</span>
${body}${traceId === null ? null : html` <span class="quiet">trace ${traceId.slice(0, 8)}</span>`}</li>
`,
  )}</ul>`;
}

/** What was done, and the guard's log of every decision. */
export function auditSection(record: RunRecord, scorecard: Scorecard): Html {
  const entries = record.events.flatMap((event) => (event.type === 'audited' ? [event.entry] : []));
  const { actions } = scorecard.healing;
  if (entries.length === 0 && actions.length === 0)
    return html`<p class="quiet">Nothing was asked for, nothing was done.</p>`;
  return html`<p>${actions.length} ${actions.length === 1 ? 'action' : 'actions'} played.
Every decision of the guard is one line; each carries the hash of the line before it, so none can
be changed or taken out unseen.</p>
<div class="scroll"><table><thead><tr><th class="num">#</th><th>Time</th><th>Decision</th>
<th>Action</th><th>Target</th><th>Rule</th><th>Reason</th><th>Hash</th></tr></thead><tbody>
${entries.slice(0, rowsMax).map(auditRow)}</tbody></table></div>${moreRows(entries.length)}`;
}

function auditRow(entry: AuditEntry): Html {
  return html`<tr><td class="num">${entry.sequence}</td>
  <td class="num">${clockText(entry.atMs)}</td>
  <td>${mark(entry.decision === 'allowed', entry.decision)}</td>
  <td class="nowrap">${entry.action}</td><td>${entry.target}</td>
  <td class="nowrap">${entry.rule}</td><td class="why">${entry.reason}</td>
  <td class="mono id"><span class="quiet">${entry.previousHash.slice(0, 6)} →</span> ${entry.hash.slice(0, 6)}</td></tr>
`;
}

/** Lost requests over time, and per user journey in numbers. */
export function harmSection(record: RunRecord, chart: Chart): Html {
  const { healed, unhealed, noFault } = record.sli;
  const rows = noFault.journeys.map((journey, j) => {
    const worst = (series: typeof healed): number | null => {
      let low: number | null = null;
      for (let i = 0; i < bucketCount(series); i += 1) {
        const offered = at(series.offered, j, i);
        if (offered > 0) low = Math.min(low ?? 1, at(series.good, j, i) / offered);
      }
      return low;
    };
    return html`<tr><td>${journey}</td>
    <td class="num">${numberText(lostByJourney(record, 'healed', j))}</td>
    <td class="num">${numberText(lostByJourney(record, 'unhealed', j))}</td>
    <td class="num">${percentText(worst(healed))}</td>
    <td class="num">${percentText(worst(unhealed))}</td></tr>
`;
  });
  return html`<p>User requests that were asked for and not served well, over the whole run.</p>
<div class="split"><div>${chartPlace(chart)}</div><div class="scroll"><table><thead><tr>
<th>Journey</th><th class="num">Lost</th><th class="num">do nothing</th>
<th class="num">Worst ${durationText(noFault.stepMs)}</th>
<th class="num">do nothing</th></tr></thead><tbody>
${rows}</tbody></table></div></div>`;
}

/** All fields of the scorecard. */
export function scorecardSection(scorecard: Scorecard): Html {
  const groups = ['detection', 'diagnosis', 'healing', 'resilience', 'performance'] as const;
  return html`<p>Every figure of scorecard.json; a dash means that the run cannot have it.</p>
<div class="fields"><div><h3>run</h3><table>
<tbody>${fieldRow('scenario', `${scorecard.scenario.id} v${scorecard.scenario.version}`)}
${fieldRow('seed', String(scorecard.seed))}
${fieldRow('outcome', scorecard.outcome)}</tbody></table></div>
${groups.map(
  (
    group,
  ) => html`<div><h3>${group}</h3><table><tbody>${groupRows(scorecard[group])}</tbody></table></div>
`,
)}</div>`;
}

function groupRows(group: object): readonly Html[] {
  return Object.entries(group).map(([name, value]) =>
    fieldRow(
      name,
      Array.isArray(value) ? `${value.length}` : fieldText(name, value as number | boolean | null),
    ),
  );
}

function fieldRow(name: string, value: string): Html {
  return html`<tr><td>${name}</td><td class="num">${value}</td></tr>`;
}

/** The one command that makes this run again, and the hashes of all that went into it. */
export function provenanceSection(record: RunRecord, scorecard: Scorecard): Html {
  const { telemetry, options, scenario } = record;
  const hashes: readonly (readonly [string, string])[] = [
    ['run record', scorecard.digest],
    ['telemetry', telemetry.digest],
    ['exogenous draws', record.exogenousDigest],
    [`scenario ${scenario.id}`, scenario.sourceHash],
    ...Object.entries(options.inputHashes),
  ];
  return html`<p>The same command on the same version gives the same bytes.</p>
<div class="copy"><pre><code>${scorecard.replay}</code></pre></div>
<div class="scroll"><table><thead><tr><th>What</th><th>SHA-256</th></tr></thead><tbody>
${hashes.map(
  ([
    name,
    hash,
  ]) => html`<tr><td class="nowrap">${name}</td><td class="mono">${hash || missing}</td></tr>
`,
)}</tbody></table></div>
<p class="quiet">Kept beside this page: ${numberText(telemetry.series)} metric series with
${numberText(telemetry.points)} points, ${numberText(telemetry.logs)} log records,
${numberText(telemetry.spans)} spans; ${durationText(record.warmUpMs)} of warm-up came before.</p>`;
}

function mark(good: boolean, text: string = good ? 'right' : 'wrong'): Html {
  return html`<span class="mark ${good ? 'good' : 'bad'}">${good ? '✓' : '✗'} ${text}</span>`;
}

function moreRows(total: number): Html | null {
  return total > rowsMax
    ? html`<p class="quiet">${total - rowsMax} more are in the run's files.</p>`
    : null;
}
