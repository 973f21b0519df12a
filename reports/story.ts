import type { Diagnosis } from '../core/observable/index.ts';
import type { Fault, RunRecord, Scorecard } from '../core/truth/index.ts';
import { finalIncidents, foundIncidentId } from './incidents.ts';
import { durationText } from './number-text.ts';

export type StoryKind =
  | 'injected'
  | 'onset'
  | 'detected'
  | 'incident'
  | 'logs'
  | 'diagnosed'
  | 'acted'
  | 'refused'
  | 'recovered'
  | 'closed'
  | 'rolled back';

/** One line of what happened, for people. */
export interface StoryLine {
  readonly atMs: number;
  readonly kind: StoryKind;
  readonly text: string;
  /** False where it went wrong: a wrong diagnosis, a failed action; null where neither applies. */
  readonly good: boolean | null;
}

/** The instant that offsets count from: true onset, else injection, else the start. */
export function storyZeroMs(record: RunRecord): number {
  return record.truth.onsetMs ?? record.truth.injectedAtMs ?? 0;
}

/**
 * What happened, in order of time: repeated diagnoses and refusals that say nothing new are left
 * out.
 */
export function tellStory(record: RunRecord, scorecard: Scorecard): readonly StoryLine[] {
  const lines = [
    ...faultLines(record),
    ...incidentLines(record, scorecard),
    ...logLines(record),
    ...diagnosisLines(record),
    ...actionLines(record),
  ];
  const { onsetMs, silent } = record.truth;
  if (onsetMs !== null && !silent) {
    lines.push({ atMs: onsetMs, kind: 'onset', text: onsetText(scorecard), good: null });
  }
  const recoveredMs = scorecard.healing.recoveredAtMs;
  if (recoveredMs !== null) {
    const taken = durationText(scorecard.healing.timeToRecoverMs);
    const text = `users are served as if nothing had happened, ${taken} after onset`;
    lines.push({ atMs: recoveredMs, kind: 'recovered', text, good: true });
  }
  const order: readonly StoryKind[] = [
    'injected',
    'onset',
    'detected',
    'incident',
    'logs',
    'diagnosed',
  ];
  const rank = (line: StoryLine): number =>
    (order.indexOf(line.kind) + order.length) % order.length;
  return lines
    .map((line, index) => ({ line, index }))
    .sort((a, b) => a.line.atMs - b.line.atMs || rank(a.line) - rank(b.line) || a.index - b.index)
    .map(({ line }) => line);
}

function onsetText({ outcome }: Scorecard): string {
  return outcome === 'healthy'
    ? 'users would begin to notice, had nobody acted'
    : 'users begin to notice';
}

/** A fault in words: `network delay on service/redis-cart (delayMs 500)`. */
function faultText(fault: Pick<Fault, 'kind' | 'target' | 'parameters'>): string {
  const parameters = Object.entries(fault.parameters)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const kind = fault.kind.replaceAll('_', ' ');
  return `${kind} on ${fault.target}${parameters ? ` (${parameters})` : ''}`;
}

function faultLines(record: RunRecord): StoryLine[] {
  const lines: StoryLine[] = [];
  for (const event of record.events) {
    if (event.type === 'fault_injected') {
      lines.push({ atMs: event.atMs, kind: 'injected', text: faultText(event.fault), good: null });
    } else if (event.type === 'fault_rolled_back') {
      lines.push({
        atMs: event.atMs,
        kind: 'rolled back',
        text: faultText(event.fault),
        good: null,
      });
    }
  }
  return lines;
}

/** The incident that found the fault is told as its detection, all others as incidents. */
function incidentLines(record: RunRecord, scorecard: Scorecard): StoryLine[] {
  const found = foundIncidentId(scorecard);
  const lines: StoryLine[] = [];
  for (const event of record.events) {
    if (event.type !== 'incident_opened') continue;
    const { severity, component, id } = event.incident;
    const kind = id === found ? 'detected' : 'incident';
    const text = `${severity} incident ${id} on ${component}`;
    lines.push({ atMs: event.atMs, kind, text, good: null });
  }
  for (const incident of finalIncidents(record)) {
    if (incident.closedAtMs === null) continue;
    const text = `incident ${incident.id} on ${incident.component}`;
    lines.push({ atMs: incident.closedAtMs, kind: 'closed', text, good: null });
  }
  return lines;
}

/** Of what logs showed in a scrape, the strongest in words. */
function logLines(record: RunRecord): StoryLine[] {
  return record.events.flatMap((event): StoryLine[] => {
    if (event.type !== 'logs_changed') return [];
    const [top, ...others] = [...event.evidence].sort((a, b) => b.strength - a.strength);
    if (top === undefined) return [];
    const { component, detector, template, count, expected } = top;
    const lines = `${count} ${count === 1 ? 'line' : 'lines'} where ${usualText(expected)}`;
    const more = others.length > 0 ? `; ${others.length} more` : '';
    const text = `${component}, ${detector.replaceAll('_', ' ')}: "${template}", ${lines}${more}`;
    return [{ atMs: event.atMs, kind: 'logs', text, good: null }];
  });
}

function usualText(expected: number): string {
  if (expected >= 0.05) return `${expected.toFixed(1)} are usual`;
  return expected > 0 ? 'one is rare' : 'none is usual';
}

function diagnosisLines(record: RunRecord): StoryLine[] {
  return newDiagnoses(record).map(({ atMs, suspects }) => {
    const top = suspects[0];
    return {
      atMs,
      kind: 'diagnosed',
      text: top ? `${top.component} (${top.weight.toFixed(2)}): ${top.why}` : 'no opinion',
      good: top ? record.truth.rootCauses.includes(top.component) : null,
    };
  });
}

/** Diagnoses that say something new: each incident's first, and changes of its top suspect. */
export function newDiagnoses(record: RunRecord): readonly Diagnosis[] {
  const topByIncident = new Map<string, string>();
  const found: Diagnosis[] = [];
  for (const event of record.events) {
    if (event.type !== 'diagnosed') continue;
    const { incidentId, suspects } = event.diagnosis;
    const top = suspects[0]?.component ?? '';
    if (topByIncident.get(incidentId) === top) continue;
    topByIncident.set(incidentId, top);
    found.push({ ...event.diagnosis, atMs: event.atMs });
  }
  return found;
}

function actionLines(record: RunRecord): StoryLine[] {
  const refused = new Set<string>();
  const lines: StoryLine[] = [];
  for (const event of record.events) {
    if (event.type === 'acted') {
      const { action, outcome, detail } = event.outcome;
      const text = `${action.kind} ${action.target}: ${detail || outcome}`;
      lines.push({ atMs: event.atMs, kind: 'acted', text, good: outcome !== 'failed' });
    } else if (event.type === 'audited' && event.entry.decision === 'refused') {
      const { action, target, reason } = event.entry;
      if (refused.has(`${action} ${target}`)) continue;
      refused.add(`${action} ${target}`);
      const text = `${action} ${target}: ${reason}`;
      lines.push({ atMs: event.atMs, kind: 'refused', text, good: null });
    }
  }
  return lines;
}
