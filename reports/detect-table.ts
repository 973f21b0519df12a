import type { Incident, SeriesReport } from '../core/observable/index.ts';
import { formatDuration, formatInstant, virtualEpochMs } from '../core/tools/index.ts';
import { numberText } from './number-text.ts';
import { alignRows, type Cell, createPaint, cutText } from './terminal-text.ts';

/** Anomalies of an incident that its row names. */
const named = 3;

/** Ms since 1970 as RFC 3339. */
export function instantText(unixMs: number): string {
  return formatInstant(unixMs - virtualEpochMs);
}

/** From the first to the last anomaly; those that closed are over. */
export function lastedText({ openedAtMs, updatedAtMs, closedAtMs }: Incident): string {
  const lasted = updatedAtMs === openedAtMs ? 'once' : formatDuration(updatedAtMs - openedAtMs);
  return closedAtMs === null ? `${lasted}, open` : lasted;
}

/** Where an incident is filed, and how far it reaches. */
export function placeText({ component, components }: Incident): string {
  const others = components.filter((one) => one !== component).length;
  return others === 0 ? component : `${component} and ${others} more`;
}

/** What an incident is about: its strongest anomalies. */
export function incidentText({ anomalies }: Incident): string {
  const texts = anomalies
    .slice(0, named)
    .map(
      ({ signal, component, value, expected }) =>
        `${signal}{${component}} ${numberText(value)}, expected ${numberText(expected)}`,
    );
  const more = anomalies.length > named ? `; and ${anomalies.length - named} more` : '';
  return texts.join('; ') + more;
}

/** What was found in a user's own series, for a terminal. */
export function renderDetectTable(
  report: SeriesReport,
  options: { readonly color: boolean; readonly width: number },
): string {
  const paint = createPaint(options.color);
  const { incidents, series, frames, framesSkipped, fromMs, untilMs, intervalMs } = report;
  const span =
    frames === 0
      ? 'nothing new'
      : `${frames} instants from ${instantText(fromMs)} to ${instantText(untilMs)}, ` +
        `one in ${formatDuration(intervalMs)}`;
  const skipped = framesSkipped > 0 ? `; ${framesSkipped} were seen before` : '';
  const head = `${paint.bold(report.file)}  ${series.length} series, ${span}${skipped}\n\n`;
  if (incidents.length === 0) return `${head}no incidents\n`;
  const titles = ['opened', 'lasted', 'severity', 'where', 'what'];
  const rows = incidents.map((incident): Cell[] => [
    { text: instantText(incident.openedAtMs) },
    { text: lastedText(incident) },
    {
      text: incident.severity,
      paint: incident.severity === 'critical' ? paint.bad : paint.warn,
    },
    { text: cutText(placeText(incident), 48) },
    { text: cutText(incidentText(incident), Math.max(40, options.width - 90)) },
  ]);
  const lines = alignRows([titles.map((text) => ({ text, paint: paint.dim })), ...rows]);
  return `${head}${lines.map((line) => `  ${line}\n`).join('')}`;
}
