import { InputError, type SourcePosition } from '../core/tools/index.ts';

/** Where a field stands; a function where it takes work to say. */
export type FieldPlace = SourcePosition | (() => SourcePosition);

/** RFC 4180, one line at a time: fields with line breaks are not taken. */
export function splitCsv(text: string): string[] {
  const line = text.replace(/\r$/, '');
  if (!line.includes('"')) return line.split(',').map((field) => field.trim());
  return [...fieldsOf(line)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? (match[2] as string).trim(),
  );
}

/** The position of the number-th field (from 0) of a CSV line. */
export function fieldPosition(text: string, number: number, line: SourcePosition): SourcePosition {
  const field = [...fieldsOf(text)][number];
  const isFirst = number === 0;
  return { ...line, column: (field?.index ?? 0) + (isFirst ? 1 : 2) };
}

function fieldsOf(line: string): RegExpStringIterator<RegExpExecArray> {
  return line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
}

/** A number, where NaN and infinities are numbers. */
export function numberOf(text: string, place: FieldPlace): number {
  const value = /^[+-]?inf$/i.test(text) ? Number.POSITIVE_INFINITY : Number(text);
  if (text === '' || (Number.isNaN(value) && !/^nan$/i.test(text))) {
    throw new InputError(`expected a number as value, got ${shorten(text)}`, {
      position: positionOf(place),
    });
  }
  return value;
}

/** A date, a clock and a zone; RFC 3339 but for what may be left out: seconds, zone, the clock. */
const instant = new RegExp(
  '^(\\d{4})-(\\d\\d)-(\\d\\d)' +
    '(?:[Tt ]([01]\\d|2[0-3]):([0-5]\\d)(?::([0-5]\\d)(?:\\.(\\d+))?)?' +
    '([Zz]|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)?)?$',
);
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** Numbers from these sizes on count thousandths of what smaller ones count; seconds come first. */
const finerFrom = [1e11, 1e14, 1e17];
const untilMs = Date.UTC(2200, 0, 1);

/**
 * Ms since 1970 of a time between 1970 and 2200: RFC 3339, its like without a zone (UTC wherever
 * the machine stands), or a number of seconds since 1970; of milliseconds, microseconds or
 * nanoseconds where the coarser unit would be absurd.
 */
export function instantOf(text: string, place: FieldPlace): number {
  const atMs = number.test(text) ? scaledMs(Number(text)) : writtenMs(text);
  if (atMs >= 0 && atMs < untilMs) return atMs;
  const got = Number.isNaN(atMs) ? shorten(text) : `${shorten(text)}, not between 1970 and 2200`;
  throw new InputError(`expected a time (RFC 3339 or seconds since 1970), got ${got}`, {
    position: positionOf(place),
    hint: 'write 2026-03-01T00:00:00Z, or a number of s, ms, µs or ns since 1970',
  });
}

function scaledMs(value: number): number {
  const finer = finerFrom.filter((from) => Math.abs(value) >= from).length;
  return finer === 0 ? 1000 * value : value / 1000 ** (finer - 1);
}

/** Ms since 1970 of a date in words; NaN when it is none, or a day that its month has not. */
function writtenMs(text: string): number {
  const found = instant.exec(text);
  if (!found) return Number.NaN;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => {
    return Number(part ?? 0);
  }) as [number, number, number, number, number, number];
  const days = (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / 86_400_000;
  if (month < 1 || month > 12 || day < 1 || day > days) return Number.NaN;
  const ms = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - offsetMs(found[8] ?? 'Z');
}

/** How far a zone such as `+05:30` is ahead of UTC. */
function offsetMs(zone: string): number {
  if (zone.length === 1) return 0;
  const minutes = 60 * Number(zone.slice(1, 3)) + Number(zone.slice(4));
  return (zone.startsWith('-') ? -60_000 : 60_000) * minutes;
}

/** Time only goes on; NaN as `beforeMs` is no time yet. */
export function refuseEarlier(
  text: string,
  atMs: number,
  beforeMs: number,
  place: FieldPlace,
): void {
  if (!(atMs < beforeMs)) return;
  throw new InputError(`expected rows in order of time: ${shorten(text)} comes after a later one`, {
    position: positionOf(place),
    hint: 'sort the file by time, oldest first',
  });
}

function positionOf(place: FieldPlace): SourcePosition {
  return typeof place === 'function' ? place() : place;
}

/** A piece of a file as messages quote it. */
export function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
