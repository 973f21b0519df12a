import { InputError, type SourcePosition } from '../../core/tools/index.ts';
import { type MetricSeries, parseSeriesId } from '../calibrate/metric-lines.ts';
import type { Lines } from '../calibrate/otlp-lines.ts';
import {
  fieldPosition,
  instantOf,
  numberOf,
  refuseEarlier,
  shorten,
  splitCsv,
} from '../metric-fields.ts';

const hint =
  'one row per instant: timestamp, then a column per series; or one row per value with columns ' +
  'timestamp, metric, labels…, value; see docs/detect.md';
/** Names of the column with the instants; without one of them it is the first. */
const timeNames = /^(time|timestamp|@timestamp|datetime|date|ts)$/i;
/** What stands where there was nothing to measure. */
const absent = /^(|-|na|n\/a|nan|null|none)$/i;

interface Header {
  readonly time: number;
  /** By field; null for the instants. */
  readonly series: readonly (MetricSeries | null)[];
}

/**
 * The series of a CSV with one row per instant and one column per series, whose header may carry
 * labels as in `name{pod="a"}`. Rows must come in order of time; anything malformed is an
 * InputError with its position.
 */
export async function readWideCsv(lines: Lines, file: string): Promise<MetricSeries[]> {
  let header: Header | null = null;
  let beforeMs = Number.NaN;
  let line = 0;
  for await (const text of lines) {
    line += 1;
    const position = { file, line, column: 1 };
    if (header === null) header = readHeader(text, position);
    else if (text.trim() !== '') beforeMs = readRow(text, { header, position, beforeMs });
  }
  if (header === null) throw new InputError(`${file} is empty`, { hint });
  return header.series.filter((one) => one !== null);
}

function readHeader(text: string, position: SourcePosition): Header {
  const names = splitCsv(text.replace(/^\uFEFF/, ''));
  const time = Math.max(
    0,
    names.findIndex((name) => timeNames.test(name)),
  );
  const seen = new Set<string>();
  const series = names.map((name, field) => {
    const at = fieldPosition(text, field, position);
    if (name === '' || Number.isFinite(Number(name))) {
      throw new InputError(`expected the name of a column, got ${shorten(name)}`, {
        position: at,
        hint,
      });
    }
    if (seen.has(name)) {
      throw new InputError(`expected every column once, got ${shorten(name)} again`, {
        position: at,
      });
    }
    seen.add(name);
    return field === time ? null : parseHeaderName(name, at);
  });
  if (series.length < 2) {
    throw new InputError(`expected two columns or more, got ${shorten(text)}`, { position, hint });
  }
  return { time, series };
}

function parseHeaderName(name: string, position: SourcePosition): MetricSeries {
  return /^[A-Za-z_:][\w:]*\{.*\}$/.test(name)
    ? parseSeriesId(name, position)
    : { name, labels: {}, timesMs: [], values: [] };
}

/** Takes over a row; its instant. */
function readRow(
  text: string,
  given: { header: Header; position: SourcePosition; beforeMs: number },
): number {
  const { header, position, beforeMs } = given;
  const fields = splitCsv(text);
  if (fields.length !== header.series.length) {
    const expected = `expected ${header.series.length} columns as in the first line`;
    throw new InputError(`${expected}, got ${fields.length}`, { position, hint });
  }
  const place = (field: number) => (): SourcePosition => fieldPosition(text, field, position);
  const time = fields[header.time] as string;
  const atMs = instantOf(time, place(header.time));
  refuseEarlier(time, atMs, beforeMs, place(header.time));
  for (const [field, series] of header.series.entries()) {
    const value = fields[field] as string;
    if (series === null || absent.test(value)) continue;
    const number = numberOf(value, place(field));
    if (!Number.isFinite(number)) continue;
    series.timesMs.push(atMs);
    series.values.push(number);
  }
  return atMs;
}
