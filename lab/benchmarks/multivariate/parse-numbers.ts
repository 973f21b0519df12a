import { InputError } from '../../../core/tools/index.ts';

/** Rows of equal width, one after the other. */
export interface NumberTable {
  readonly values: Float64Array;
  readonly columns: number;
  readonly rows: number;
}

const hint = 'write one row per line without a header: numbers with commas between, NaN for none';
const missing = /^[+-]?nan$/i;

/**
 * The numbers of a CSV text without a header; `NaN` is a missing value. Everything else that is not
 * a finite number, and a row of another width, is an InputError with its place in `file`.
 */
export function parseNumbers(text: string, file: string): NumberTable {
  let values = new Float64Array(1024);
  let length = 0;
  let columns = 0;
  let rows = 0;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline;
    const end = text[next - 1] === '\r' ? next - 1 : next;
    if (end <= at && text.slice(next).trim() === '') break;
    const start = at;
    let width = 0;
    while (at <= end) {
      const comma = text.indexOf(',', at);
      const until = comma < 0 || comma > end ? end : comma;
      if (length === values.length) {
        const wider = new Float64Array(2 * length);
        wider.set(values);
        values = wider;
      }
      const position = { file, line: rows + 1, column: at - start + 1 };
      values[length] = parseNumber(text.slice(at, until), position);
      length += 1;
      width += 1;
      at = until + 1;
    }
    if (rows === 0) columns = width;
    if (width !== columns) {
      throw new InputError(`expected ${columns} values as in the first line, got ${width}`, {
        position: { file, line: rows + 1, column: 1 },
        hint,
      });
    }
    rows += 1;
    at = next + 1;
  }
  if (rows === 0) {
    throw new InputError('expected rows of numbers, found none', {
      position: { file, line: 1, column: 1 },
      hint,
    });
  }
  return { values: values.slice(0, length), columns, rows };
}

function parseNumber(
  field: string,
  position: { file: string; line: number; column: number },
): number {
  const value = Number(field);
  if (Number.isFinite(value) && field !== '' && field.trim() !== '') return value;
  const word = field.trim();
  if (missing.test(word)) return Number.NaN;
  throw new InputError(`expected a number, got "${word.slice(0, 40)}"`, { position, hint });
}
