import {
  type MetricsFrame,
  type SeriesDescriptor,
  signalCatalogue,
} from '../core/observable/index.ts';
import { formatMicroInstant, virtualEpochMs } from '../core/tools/index.ts';

/**
 * Metrics in long form as CSV (RFC 4180, CRLF), header first: `time` (RFC 3339), `signal`,
 * `component`, one column per label that occurs, `value`. What was not scraped has no row.
 */
export function* exportMetricsCsv(frames: readonly MetricsFrame[]): Generator<string> {
  const series = allSeries(frames);
  const labels = [
    ...new Set(series.flatMap((descriptor) => Object.keys(descriptor.labels))),
  ].sort();
  yield `${['time', 'signal', 'component', ...labels, 'value'].map(csvField).join(',')}\r\n`;
  const middles = series.map(({ signal, component, labels: own }) =>
    [signal, component, ...labels.map((label) => own[label] ?? '')].map(csvField).join(','),
  );
  for (const { atMs, values } of frames) {
    const time = formatMicroInstant(atMs);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] as number;
      if (!Number.isNaN(value)) yield `${time},${middles[i]},${value}\r\n`;
    }
  }
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Metrics as OpenMetrics 1.0 text: one family per signal, samples of a series in order of time with
 * timestamps in seconds, `# EOF` last. Signals named `…_total` are counters, all others gauges.
 */
export function* exportOpenMetrics(frames: readonly MetricsFrame[]): Generator<string> {
  const series = allSeries(frames);
  const seconds = frames.map(({ atMs }) => ((virtualEpochMs + atMs) / 1000).toFixed(3));
  for (const { name, unit, scope } of signalCatalogue) {
    const columns = series.flatMap((descriptor, i) => (descriptor.signal === name ? [i] : []));
    if (columns.length === 0) continue;
    const isCounter = name.endsWith('_total');
    const family = isCounter ? name.slice(0, -'_total'.length) : name;
    yield `# TYPE ${family} ${isCounter ? 'counter' : 'gauge'}\n`;
    // A unit may only be declared when the family's name ends with it.
    if (family.endsWith(`_${unit}`)) yield `# UNIT ${family} ${unit}\n`;
    yield `# HELP ${family} ${name.replaceAll('_', ' ')} per ${scope} (${unit})\n`;
    for (const column of columns) {
      const sample = `${name}${labelText(series[column] as SeriesDescriptor)}`;
      for (let i = 0; i < frames.length; i += 1) {
        const value = (frames[i] as MetricsFrame).values[column];
        if (value !== undefined && !Number.isNaN(value)) yield `${sample} ${value} ${seconds[i]}\n`;
      }
    }
  }
  yield '# EOF\n';
}

function labelText({ component, labels }: SeriesDescriptor): string {
  const pairs = Object.entries({ component, ...labels }).map(
    ([name, value]) => `${name.replace(/[^a-zA-Z0-9_]/g, '_')}="${escapeLabel(value)}"`,
  );
  return `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Columns are only ever added, so the frame that knows most knows all. */
function allSeries(frames: readonly MetricsFrame[]): readonly SeriesDescriptor[] {
  let most: readonly SeriesDescriptor[] = [];
  for (const { index } of frames) if (index.series.length > most.length) most = index.series;
  return most;
}
