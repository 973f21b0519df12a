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

/** An instant without a zone, which is taken as UTC wherever the machine stands. */
const zoneless = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?$/;

/**
 * Ms since 1970 of a time: RFC 3339, its like without a zone (UTC), or a number of seconds since
 * 1970, milliseconds where seconds would be absurd.
 */
export function instantOf(text: string, place: FieldPlace): number {
  const number = Number(text);
  const [, date, clock = '00:00'] = zoneless.exec(text) ?? [];
  const parsed = date === undefined ? Date.parse(text) : Date.parse(`${date}T${clock}Z`);
  const atMs = Number.isNaN(number) ? parsed : number > 1e11 ? number : 1000 * number;
  if (text !== '' && Number.isFinite(atMs)) return atMs;
  throw new InputError(`expected a time (RFC 3339 or seconds since 1970), got ${shorten(text)}`, {
    position: positionOf(place),
  });
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
