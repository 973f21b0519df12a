import { InputError } from '../../../core/tools/index.ts';

/**
 * The records of a CSV text as RFC 4180 has it: fields in quotes may hold commas, doubled quotes
 * and line ends. `file` is named in errors.
 */
export function parseCsv(text: string, file: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const end = text[at] === '"' ? closingQuote(text, at, file) : plainEnd(text, at);
    record.push(
      text[at] === '"' ? text.slice(at + 1, end).replaceAll('""', '"') : text.slice(at, end),
    );
    at = text[at] === '"' ? end + 1 : end;
    if (text[at] === ',') {
      at += 1;
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue;
      record.push('');
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n') {
      throw csvError(
        text,
        at,
        file,
        'expected a comma or the end of the line after a closing quote',
      );
    }
    at += 1;
    records.push(record);
    record = [];
  }
  return records;
}

function closingQuote(text: string, start: number, file: string): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0)
    throw csvError(text, start, file, 'expected a closing quote, found the end of the file');
  return end;
}

function plainEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r')
    end += 1;
  return end;
}

function csvError(text: string, at: number, file: string, message: string): InputError {
  const before = text.slice(0, at).split('\n');
  return new InputError(message, {
    position: { file, line: before.length, column: (before.at(-1) as string).length + 1 },
    hint: 'restore the file from its source: it is not valid CSV (RFC 4180)',
  });
}
