import { InputError } from '../../core/tools/index.ts';
import { type MetricSeries, readMetricLines } from '../calibrate/metric-lines.ts';
import type { Lines } from '../calibrate/otlp-lines.ts';
import { splitCsv } from '../metric-fields.ts';
import { readWideCsv } from './read-wide-csv.ts';

/** A user's file of series. */
export interface OwnSeriesFile {
  readonly format: 'csv' | 'openmetrics';
  readonly file: string;
  readonly lines: Lines;
}

/** A series as the file has it, and what its values are. */
export interface RawSeries extends MetricSeries {
  readonly type: 'value' | 'counter' | 'bucket';
}

/**
 * Every series of a file, in the file's order: CSV in wide or long form, or OpenMetrics text.
 * Samples out of order and anything malformed are InputErrors with their position.
 */
export async function readOwnSeries({ format, file, lines }: OwnSeriesFile): Promise<RawSeries[]> {
  const series = format === 'csv' ? await readCsv(lines, file) : await readText(lines, file);
  if (series.some(({ values }) => values.length > 0)) return series;
  throw new InputError(`${file} holds no values`, { hint: 'see docs/detect.md for the forms' });
}

async function readCsv(lines: Lines, file: string): Promise<RawSeries[]> {
  const source = inTurn(lines);
  const first = await source.next();
  const header = first.done ? [] : splitCsv(first.value);
  const isLong =
    header.includes('value') &&
    header.some((name) => ['signal', 'metric', '__name__', 'name'].includes(name));
  const whole = (async function* (): AsyncGenerator<string> {
    if (!first.done) yield first.value;
    yield* source;
  })();
  const found = isLong
    ? await readMetricLines(whole, file, { unordered: 'refuse' })
    : await readWideCsv(whole, file);
  return found.map((one) => ({ ...one, type: 'value' }));
}

async function* inTurn(lines: Lines): AsyncGenerator<string> {
  yield* lines;
}

async function readText(lines: Lines, file: string): Promise<RawSeries[]> {
  const types = new Map<string, string>();
  const found = await readMetricLines(lines, file, { unordered: 'refuse', types });
  const histograms = new Set(
    found.flatMap(({ name, labels }) =>
      name.endsWith('_bucket') && labels.le !== undefined ? [familyOf(name)] : [],
    ),
  );
  return found.flatMap((one) => {
    // Sums of values and times of creation say nothing that the other parts of a family do not.
    if (types.size > 0 && /_(sum|created)$/.test(one.name) && types.has(familyOf(one.name))) {
      return [];
    }
    return [{ ...one, type: typeOf(one, types, histograms) }];
  });
}

/** What is declared, or else what the name says: a file without types is still a file. */
function typeOf(
  { name, labels }: MetricSeries,
  types: ReadonlyMap<string, string>,
  histograms: ReadonlySet<string>,
): RawSeries['type'] {
  const family = familyOf(name);
  const declared = types.get(name) ?? types.get(family);
  const isPart = /_(bucket|count|sum)$/.test(name);
  if (declared === 'histogram' || histograms.has(family)) {
    if (isPart) return labels.le !== undefined ? 'bucket' : 'counter';
  }
  if (declared === 'summary') return isPart ? 'counter' : 'value';
  if (declared !== undefined) return declared === 'counter' ? 'counter' : 'value';
  return name.endsWith('_total') ? 'counter' : 'value';
}

function familyOf(name: string): string {
  return name.replace(/_(total|bucket|count|sum|created)$/, '');
}
