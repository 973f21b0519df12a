import type { Incident } from '../core/observable/index.ts';
import type { RunRecord, Scorecard } from '../core/truth/index.ts';

/** The last known state of each incident, in order of opening. */
export function finalIncidents(record: RunRecord): readonly Incident[] {
  const last = new Map<string, Incident>();
  for (const event of record.events) {
    if (
      event.type === 'incident_opened' ||
      event.type === 'incident_updated' ||
      event.type === 'incident_closed'
    ) {
      last.set(event.incident.id, event.incident);
    }
  }
  return [...last.values()].sort((a, b) => a.openedAtMs - b.openedAtMs);
}

/** The id of the incident that found the fault; undefined where none did. */
export function foundIncidentId({ detection }: Scorecard): string | undefined {
  return detection.incidents.find(({ verdict }) => verdict === 'true_positive')?.id;
}
