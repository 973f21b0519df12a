import { kinds } from './characters.ts';
import type { ScannedLine } from './scanned-line.ts';

/*
 * The forms of values that span more than one word, or that no digit gives away. Each function gets
 * where something starts, `word` being the end of the word there, and returns where the value ends,
 * or 0 if this is none. None looks further than it consumes, but for a constant.
 */

const space = 32;
const quote = 34;
const comma = 44;
const hyphen = 45;
const dot = 46;
const slash = 47;
const colon = 58;
const lessThan = 60;
const equals = 61;
const capitalB = 66;
const capitalMax = 90;
const backslash = 92;

/** `scheme://…`, up to a space, quote, bracket, comma or semicolon. */
export function urlEnd(line: ScannedLine, word: number): number {
  const { codes } = line;
  if (codes[word + 1] !== slash || codes[word + 2] !== slash) return 0;
  return runEnd(line, word + 3, urlStops);
}

/** `/a/b`, `./a` and `../a`. */
export function pathEnd(line: ScannedLine, start: number): number {
  const { codes } = line;
  let from = start + 1;
  if (codes[start] === dot) {
    if (codes[from] === dot) from += 1;
    if (codes[from] !== slash) return 0;
    from += 1;
  } else if (codes[start] !== slash) {
    return 0;
  }
  return restOfPath(line, from);
}

/** `C:\a`. */
export function drivePathEnd(line: ScannedLine, start: number, word: number): number {
  if (word !== start + 1 || line.codes[word + 1] !== backslash) return 0;
  return restOfPath(line, word + 2);
}

function restOfPath(line: ScannedLine, from: number): number {
  if (line.kinds[from]! < kinds.inner) return 0;
  const end = runEnd(line, from, pathStops);
  return end > from ? end : 0;
}

const urlStops = stopTable(' "\'`<>()[]{},;|');
const pathStops = stopTable(' "\'`<>()[]{},;|:=!');

function stopTable(stops: string): Uint8Array {
  const table = new Uint8Array(128).fill(1, 0, 32);
  for (const stop of stops) table[stop.charCodeAt(0)] = 1;
  return table;
}

/** Up to a stop, without the dots that end a sentence. */
function runEnd({ codes, length }: ScannedLine, from: number, stops: Uint8Array): number {
  let end = from;
  while (end < length && stops[codes[end]!] !== 1) end += 1;
  while (end > from && codes[end - 1] === dot) end -= 1;
  return end;
}

/** `host.domain:port`, whether or not the name holds a digit. */
export function hostPortEnd(line: ScannedLine, start: number, word: number): number {
  const { codes } = line;
  const end = digitsEnd(line, word + 1);
  if (end === word + 1 || line.kinds[end]! >= kinds.letter) return 0;
  for (let i = start; i < word; i += 1) if (codes[i] === dot) return end;
  return 0;
}

/** A UUID: 8-4-4-4-12 hexadecimal digits. */
export function isUuid({ codes }: ScannedLine, start: number, word: number): boolean {
  if (word - start !== 36) return false;
  for (let i = 0; i < 36; i += 1) {
    const code = codes[start + i]!;
    const isHyphen = i === 8 || i === 13 || i === 18 || i === 23;
    if (isHyphen ? code !== hyphen : !isHex(code)) return false;
  }
  return true;
}

/** `ffffffff`: the hexadecimal letters alone, as many as a register or an address has. */
export function isHexWord({ codes }: ScannedLine, start: number, word: number): boolean {
  for (let i = start; i < word; i += 1) if (!isHex(codes[i]!)) return false;
  return true;
}

/**
 * A MAC or IPv6 address: groups of hexadecimal digits between three or more colons, or two in a
 * row.
 */
export function colonHexEnd(line: ScannedLine, start: number, word: number): number {
  const { codes } = line;
  if (word - start > 4) return 0;
  let colons = 0;
  let digits = 0;
  let group = 0;
  let end = start;
  for (; end - start < 40; end += 1) {
    const code = codes[end]!;
    if (code === colon) {
      colons += 1;
      group = 0;
    } else if (isHex(code) && group < 4) {
      group += 1;
      if (code < colon) digits += 1;
    } else {
      break;
    }
  }
  const double = colons === 2 && codes[word + 1] === colon;
  if (digits === 0 || (colons < 3 && !double) || codes[end - 1] === colon) return 0;
  return line.kinds[end]! >= kinds.letter ? 0 : end;
}

function isHex(code: number): boolean {
  return (code >= 48 && code < 58) || (code >= 97 && code < 103) || (code >= 65 && code < 71);
}

function digitsEnd(line: ScannedLine, from: number): number {
  let end = from;
  while (line.kinds[end] === kinds.digit) end += 1;
  return end;
}

const sizeUnits = packedWords('B KB MB GB TB PB kB KiB MiB GiB TiB');

/** The end of a number with its unit of size, if one follows: programs choose it by the amount. */
export function sizeUnitEnd(line: ScannedLine, number: number): number {
  if (line.codes[number] !== space) return number;
  const end = lettersEnd(line, number + 1);
  if (line.codes[end - 1] !== capitalB) return number;
  return sizeUnits.has(packed(line, number + 1, end)) ? end : number;
}

const timeUnits = packedWords('ms s sec secs min mins');

/** `<1 sec`: less than so much; one duration, although it is written in two words. */
export function lessThanEnd(line: ScannedLine, start: number): number {
  if (line.codes[start] !== lessThan) return 0;
  const number = digitsEnd(line, start + 1);
  if (number === start + 1 || line.codes[number] !== space) return 0;
  const end = lettersEnd(line, number + 1);
  return timeUnits.has(packed(line, number + 1, end)) ? end : 0;
}

/** The nothing in ` ()`: starts behind the bracket; a call, `f()`, has no space before. */
export function isEmptyBracket({ codes }: ScannedLine, start: number): boolean {
  const code = codes[start];
  const open = code === 41 ? 40 : code === 93 ? 91 : 0;
  return open > 0 && codes[start - 1] === open && codes[start - 2] === space;
}

const quotedCharsMax = 200;

/** The text between the quotes of `key="some text"`; starts behind the first quote. */
export function quotedEnd({ codes, length }: ScannedLine, start: number): number {
  if (codes[start - 1] !== quote || codes[start - 2] !== equals) return 0;
  const most = Math.min(length, start + quotedCharsMax);
  for (let end = start; end < most; end += 1) if (codes[end] === quote) return end;
  return 0;
}

const valueWords = packedWords('true false null True False TRUE FALSE NULL');

/** Booleans and null. */
export function isValueWord(line: ScannedLine, start: number, word: number): boolean {
  const first = line.codes[start]! | 32;
  if (first !== 116 && first !== 102 && first !== 110) return false;
  return valueWords.has(packed(line, start, word));
}

const dateWords = packedWords(
  'Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec',
);
const zones = packedWords('UTC GMT EST EDT CST CDT MST MDT PST PDT CET BST IST JST');
const datePartsMax = 6;

/** `Sun Jul  3 23:16:09 2005`, `Sat, 18 Jun 2005 02:08:10 GMT`: from a weekday or month on. */
export function dateEnd(line: ScannedLine, start: number, word: number): number {
  if (line.codes[start]! > capitalMax || !dateWords.has(packed(line, start, word))) return 0;
  let end = word;
  let numbers = 0;
  for (let part = 1; part < datePartsMax; part += 1) {
    let from = end;
    if (line.codes[from] === comma) from += 1;
    while (line.codes[from] === space) from += 1;
    if (from === end) break;
    const number = clockEnd(line, from);
    const letters = lettersEnd(line, from);
    const name = packed(line, from, letters);
    if (number > from) numbers += 1;
    else if (!dateWords.has(name) && !zones.has(name)) break;
    end = number > from ? number : letters;
  }
  return numbers > 0 ? end : 0;
}

/** The end of a day, a year or a time of day. */
function clockEnd(line: ScannedLine, from: number): number {
  let end = digitsEnd(line, from);
  while (end > from && line.codes[end] === colon && line.kinds[end + 1] === kinds.digit) {
    end = digitsEnd(line, end + 1);
  }
  return line.kinds[end]! >= kinds.letter ? from : end;
}

/** The end of a word of at most four letters, the start if it is longer. */
function lettersEnd(line: ScannedLine, from: number): number {
  let end = from;
  while (end <= from + 4 && line.kinds[end]! >= kinds.letter) end += 1;
  return end > from + 4 ? from : end;
}

/** A word of up to five ASCII letters as one number; 0 for no word. */
function packed({ codes }: ScannedLine, from: number, end: number): number {
  let number = 0;
  for (let i = from; i < end; i += 1) number = number * 128 + (codes[i]! < 128 ? codes[i]! : 0);
  return number;
}

function packedWords(words: string): ReadonlySet<number> {
  return new Set(
    words.split(' ').map((word) => {
      const codes = Uint16Array.from(word, (letter) => letter.charCodeAt(0));
      return packed({ codes, kinds: new Uint8Array(0), length: word.length }, 0, word.length);
    }),
  );
}
