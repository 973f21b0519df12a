import { availabilityOf, type RunRecord, type Scorecard } from '../core/truth/index.ts';
import { harmChart } from './harm-chart.ts';
import { type Html, html } from './html.ts';
import { durationText, missing, numberText, percentText } from './number-text.ts';
import { renderPage, tile } from './page.ts';
import {
  auditSection,
  diagnosisSection,
  harmSection,
  incidentsSection,
  logsSection,
  provenanceSection,
  scorecardSection,
  timelineSection,
  traceSection,
} from './run-html-sections.ts';
import { cumulativeLost } from './sli-curves.ts';
import { timelineChart } from './timeline-chart.ts';
import { criterionLimit, criterionValue, outcomeText } from './verdict-text.ts';

/** One run as a self-contained page; `assets.plotly` is the text of the Plotly bundle. */
export function renderRunHtml(
  record: RunRecord,
  scorecard: Scorecard,
  assets: { readonly plotly: string },
): string {
  const timeline = timelineChart(record, scorecard);
  const harm = harmChart(record);
  return renderPage({
    title: `${record.scenario.id}, seed ${record.seed} · Firedrill`,
    header: runHeader(record, scorecard),
    sections: [
      {
        id: 'what-happened',
        name: 'What happened',
        body: timelineSection(record, scorecard, timeline),
      },
      { id: 'diagnosis', name: 'Diagnosis', body: diagnosisSection(record, scorecard) },
      { id: 'incidents', name: 'Incidents', body: incidentsSection(record, scorecard) },
      { id: 'trace', name: 'A slow request', body: traceSection(record) },
      { id: 'logs', name: 'Log patterns', body: logsSection(record) },
      { id: 'actions', name: 'Actions and audit', body: auditSection(record, scorecard) },
      { id: 'harm-done', name: 'Harm', body: harmSection(record, harm) },
      { id: 'scorecard', name: 'Scorecard', body: scorecardSection(scorecard) },
      { id: 'replay', name: 'Replay and provenance', body: provenanceSection(record, scorecard) },
    ],
    footer: html`Firedrill ${record.packageVersion} · digest ${scorecard.digest.slice(0, 16)}
· times are minutes:seconds of virtual time since the measured run began`,
    charts: [timeline, harm],
    plotly: assets.plotly,
  });
}

function runHeader(record: RunRecord, scorecard: Scorecard): Html {
  const { scenario, seed, options } = record;
  const { passed, criteria } = scorecard.resilience;
  return html`<h1>${scenario.title}</h1>
<p class="lead">${scenario.description}</p>
<ul class="chips"><li>scenario <b>${scenario.id}</b> v${scenario.version}</li>
<li>seed <b>${seed}</b></li><li>topology <b>${record.topology.name}</b></li>
<li>detectors <b>${options.detectors}</b></li><li>localizer <b>${options.localizer}</b></li>
<li>healer <b>${options.healer}</b></li></ul>
<div class="verdict ${passed ? 'good' : 'bad'}"><strong>${passed ? 'Passed' : 'Not passed'}</strong>
<span>${outcomeText(scorecard)}</span>
<ul>${criteria.map(
    (criterion) =>
      html`<li><span class="mark ${criterion.passed ? 'good' : 'bad'}">${criterion.passed ? '✓' : '✗ missed:'}</span>
${criterion.name} <b>${criterionValue(criterion)}</b> <span class="quiet">limit ${criterionLimit(criterion)}</span></li>`,
  )}</ul></div>
<div class="tiles">${tiles(record, scorecard)}</div>`;
}

function tiles(record: RunRecord, scorecard: Scorecard): readonly Html[] {
  const { detection, diagnosis, healing, resilience } = scorecard;
  const { truth } = record;
  const healedLost = cumulativeLost(record, 'healed').at(-1) ?? 0;
  const unhealedLost = cumulativeLost(record, 'unhealed').at(-1) ?? 0;
  if (truth.onsetMs === null) {
    return [
      tile(
        'Incidents',
        numberText(detection.incidents.length),
        'nothing was wrong for users: none is right',
      ),
      tile('Actions', numberText(healing.actions.length), 'none was needed'),
      tile(
        'Observed',
        durationText(record.durationMs),
        `${numberText(detection.healthyHours)} healthy hours`,
      ),
      tile('Requests lost', numberText(healedLost), `do nothing: ${numberText(unhealedLost)}`),
    ];
  }
  const unhealedRecovery =
    truth.unhealedRecoveryMs === null
      ? 'never'
      : durationText(truth.unhealedRecoveryMs - truth.onsetMs);
  const top = diagnosis.suspects[0];
  return [
    tile(
      'Detected after',
      durationText(detection.timeToDetectMs),
      detection.timeToDetectMs === null
        ? 'no incident while users suffered'
        : `${detection.falsePositives} false, ${detection.duplicates} duplicate`,
    ),
    tile('Top suspect', top?.component ?? missing, topNote(scorecard)),
    tile('Recovered after', recoveryText(scorecard), `do nothing: ${unhealedRecovery}`),
    tile(
      'Availability',
      percentText(resilience.availability),
      `do nothing: ${percentText(availabilityOf(record, 'unhealed'))}`,
    ),
    tile('Requests lost', numberText(healedLost), `do nothing: ${numberText(unhealedLost)}`),
  ];
}

function recoveryText({ outcome, healing }: Scorecard): string {
  if (outcome === 'healthy') return 'never broken';
  return healing.recovered ? durationText(healing.timeToRecoverMs) : 'not at all';
}

function topNote({ diagnosis }: Scorecard): string {
  if (diagnosis.suspects.length === 0) return 'no diagnosis';
  if (diagnosis.top1) return 'right: it is the root cause';
  return diagnosis.rank === null ? 'wrong' : `wrong: the root cause is number ${diagnosis.rank}`;
}
