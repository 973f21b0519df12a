import { kindOf } from './characters.ts';

/** Characters of a line that are read. */
export const lineCharsMax = 1024;

/** A line as numbers. Behind its end stand a few zeros, which are spaces. */
export interface ScannedLine {
  /** UTF-16 code units. */
  readonly codes: Uint16Array;
  readonly kinds: Uint8Array;
  length: number;
}

/** Zeros behind the end: as far as anybody looks ahead without looking at each character. */
const lookAhead = 4;

export function createScannedLine(): ScannedLine {
  return {
    codes: new Uint16Array(lineCharsMax + lookAhead),
    kinds: new Uint8Array(lineCharsMax + lookAhead),
    length: 0,
  };
}

/**
 * Reads text of at most {@link lineCharsMax} characters; reading numbers is faster than
 * characters.
 */
export function scanLine(line: ScannedLine, text: string): void {
  const { codes, kinds } = line;
  const { length } = text;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    codes[i] = code;
    kinds[i] = kindOf(code);
  }
  for (let i = length; i < length + lookAhead; i += 1) {
    codes[i] = 0;
    kinds[i] = 0;
  }
  line.length = length;
}
