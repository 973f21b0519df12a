import type { RunRecord } from '../../core/truth/index.ts';

/**
 * Alerts that a stack without grouping would have sent: one per incident, component and signal,
 * each counted once however long it lasted. Beside the number of incidents it tells what grouping
 * saves.
 */
export function countAlerts({ events }: RunRecord): number {
  const alerts = new Map<string, Set<string>>();
  for (const event of events) {
    if (event.type !== 'incident_opened' && event.type !== 'incident_updated') continue;
    const { id, anomalies } = event.incident;
    const known = alerts.get(id) ?? new Set();
    for (const { component, signal } of anomalies) known.add(`${component} ${signal}`);
    alerts.set(id, known);
  }
  return [...alerts.values()].reduce((sum, known) => sum + known.size, 0);
}
