import { InputError, type SourcePosition } from '../../core/tools/index.ts';
import {
  fieldPosition,
  instantOf,
  numberOf,
  refuseEarlier,
  shorten,
  splitCsv,
} from '../metric-fields.ts';
import type { Lines } from './otlp-lines.ts';

/** One time series as a file had it, samples in order of time. */
export interface MetricSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly timesMs: number[];
  readonly values: number[];
}

const sample =
  /^(?<id>[A-Za-z_:][\w:]*(?:\{.*\})?)\s+(?<value>[^\s]+)(?:\s+(?<time>[-+.\deE]+))?\s*$/;
const label = /\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/gy;
const openMetricsHint = 'OpenMetrics text: name{label="value"} value seconds-since-1970';
const csvHint = 'columns: time, signal or metric, labels, value; see docs/calibrate.md';

export interface MetricLineOptions {
  /** Samples of a series that go back in time: put in order (the default) or an error. */
  readonly unordered?: 'sort' | 'refuse';
  /** Gets the types that OpenMetrics text declares, by family. */
  readonly types?: Map<string, string>;
}

/**
 * The series of a metrics file: CSV when its first line has a `value` column, else OpenMetrics or
 * Prometheus text with timestamps. Malformed lines are an {@link InputError} with their position.
 */
export async function readMetricLines(
  lines: Lines,
  file: string,
  options: MetricLineOptions = {},
): Promise<MetricSeries[]> {
  const table = new Map<string, MetricSeries>();
  let header: CsvHeader | null = null;
  let line = 0;
  for await (const text of lines) {
    line += 1;
    const position = { file, line, column: 1 };
    if (line === 1 && isCsvHeader(text)) header = readCsvHeader(text, position);
    else if (header) readCsvRow(table, text, { header, position, options });
    else readSample(table, text, position, options);
  }
  const series = [...table.values()];
  for (const one of series) sortByTime(one);
  return series;
}

function readSample(
  table: Map<string, MetricSeries>,
  text: string,
  position: SourcePosition,
  { unordered, types }: MetricLineOptions,
): void {
  if (text.startsWith('#')) {
    const [, family, type] = /^#\s*TYPE\s+(\S+)\s+(\S+)/.exec(text) ?? [];
    if (family !== undefined && type !== undefined) types?.set(family, type);
    return;
  }
  if (text.trim() === '') return;
  const exemplar = text.lastIndexOf(' # {');
  const body = exemplar < 0 ? text : text.slice(0, exemplar);
  const { id, value, time } = sample.exec(body)?.groups ?? {};
  if (id === undefined || value === undefined) {
    throw new InputError(`expected a sample, got ${shorten(text)}`, {
      position,
      hint: openMetricsHint,
    });
  }
  if (time === undefined) {
    throw new InputError(`expected a timestamp after the value of ${shorten(id)}`, {
      position,
      hint: 'a range of time is needed; `promtool tsdb dump-openmetrics` writes one',
    });
  }
  const known = table.get(id) ?? addSeries(table, id, parseSeriesId(id, position));
  const timePlace = (): SourcePosition => ({ ...position, column: body.lastIndexOf(time) + 1 });
  const atMs = instantOf(time, timePlace);
  if (unordered === 'refuse') {
    refuseEarlier(time, atMs, known.timesMs.at(-1) ?? Number.NaN, timePlace);
  }
  push(known, atMs, numberOf(value, position));
}

/** An empty series of a name with labels, as `name{label="value"}` says. */
export function parseSeriesId(id: string, position: SourcePosition): MetricSeries {
  const brace = id.indexOf('{');
  const labels: Record<string, string> = {};
  if (brace >= 0) {
    label.lastIndex = brace + 1;
    const end = id.length - 1;
    while (label.lastIndex < end) {
      const from = label.lastIndex;
      const match = label.exec(`${id.slice(0, end)}`);
      if (!match) {
        throw new InputError(`expected label="value", got ${shorten(id.slice(from))}`, {
          position: { ...position, column: from + 1 },
          hint: openMetricsHint,
        });
      }
      labels[match[1] as string] = unescapeLabel(match[2] as string);
    }
  }
  const name = brace < 0 ? id : id.slice(0, brace);
  return { name, labels, timesMs: [], values: [] };
}

function unescapeLabel(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

interface CsvHeader {
  readonly time: number;
  readonly name: number;
  readonly value: number;
  readonly labels: readonly { readonly column: number; readonly label: string }[];
  readonly width: number;
}

function isCsvHeader(text: string): boolean {
  return /(^|,)"?value"?\s*(,|$)/.test(text.trim());
}

function readCsvHeader(text: string, position: SourcePosition): CsvHeader {
  const columns = splitCsv(text);
  const find = (...names: string[]): number => {
    const found = columns.findIndex((column) => names.includes(column));
    if (found >= 0) return found;
    throw new InputError(`expected a column ${names.join(' or ')}, got ${columns.join(', ')}`, {
      position,
      hint: csvHint,
    });
  };
  const time = find('time', 'timestamp');
  const name = find('signal', 'metric', '__name__', 'name');
  const value = find('value');
  const labels = columns.flatMap((label, column) => {
    return [time, name, value].includes(column) ? [] : [{ column, label }];
  });
  return { time, name, value, labels, width: columns.length };
}

function readCsvRow(
  table: Map<string, MetricSeries>,
  text: string,
  {
    header,
    position,
    options,
  }: { header: CsvHeader; position: SourcePosition; options: MetricLineOptions },
): void {
  if (text.trim() === '') return;
  const fields = splitCsv(text);
  if (fields.length !== header.width) {
    const got = fields.length;
    throw new InputError(`expected ${header.width} columns as in the first line, got ${got}`, {
      position,
      hint: csvHint,
    });
  }
  const field = (column: number): string => fields[column] as string;
  const key = fields.filter((_, i) => i !== header.time && i !== header.value).join('\n');
  const known = table.get(key) ?? addSeries(table, key, csvSeries(header, field));
  const timePlace = (): SourcePosition => fieldPosition(text, header.time, position);
  const atMs = instantOf(field(header.time), timePlace);
  if (options.unordered === 'refuse') {
    refuseEarlier(field(header.time), atMs, known.timesMs.at(-1) ?? Number.NaN, timePlace);
  }
  const valuePlace = (): SourcePosition => fieldPosition(text, header.value, position);
  push(known, atMs, numberOf(field(header.value), valuePlace));
}

function csvSeries(header: CsvHeader, field: (column: number) => string): MetricSeries {
  const labels = header.labels.flatMap(({ column, label }) => {
    const value = field(column);
    return value === '' ? [] : [[label, value] as const];
  });
  return {
    name: field(header.name),
    labels: Object.fromEntries(labels),
    timesMs: [],
    values: [],
  };
}

function addSeries(
  table: Map<string, MetricSeries>,
  key: string,
  series: MetricSeries,
): MetricSeries {
  table.set(key, series);
  return series;
}

/** Values that are not numbers say that there was nothing to scrape. */
function push(series: MetricSeries, atMs: number, value: number): void {
  if (!Number.isFinite(value)) return;
  series.timesMs.push(atMs);
  series.values.push(value);
}

function sortByTime(series: MetricSeries): void {
  const { timesMs, values } = series;
  if (timesMs.every((at, i) => i === 0 || at >= (timesMs[i - 1] as number))) return;
  const order = timesMs.map((at, i) => ({ at, value: values[i] as number }));
  order.sort((a, b) => a.at - b.at);
  order.forEach(({ at, value }, i) => {
    timesMs[i] = at;
    values[i] = value;
  });
}
