/**
 * What a character is to a log line. Words start with a letter or digit and may hold `inner` ones.
 */
export const kinds = { space: 0, separator: 1, inner: 2, letter: 3, digit: 4 } as const;

/** Stands for a value in masked text; control characters of the input count as spaces. */
export const valueMark = '\u0001';

const markCode = 1;
const table = new Uint8Array(65_536).fill(kinds.letter);
table.fill(kinds.separator, 0, 128);
table.fill(kinds.space, 0, 33);
table[127] = kinds.space;
table.fill(kinds.digit, 48, 58);
table.fill(kinds.letter, 65, 91);
table.fill(kinds.letter, 97, 123);
for (const inner of './\\-$') table[inner.charCodeAt(0)] = kinds.inner;
table['_'.charCodeAt(0)] = kinds.letter;

/** The kind of a UTF-16 code unit of raw text; all beyond ASCII are letters. */
export function kindOf(code: number): number {
  return table[code]!;
}

/** The kind of a character of masked text, in which a mark is a letter of its word. */
export function maskedKindOf(code: number): number {
  return code === markCode ? kinds.letter : kindOf(code);
}
