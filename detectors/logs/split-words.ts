import { kinds, maskedKindOf, valueMark } from './characters.ts';

/** Stands for a word in a shape. */
const wordMark = '\u0002';
const spacedWord = ` ${wordMark}`;
const space = 32;

/** Words beyond this many count as one value. */
const wordsMax = 200;

/** A masked line taken apart: `shape` is what stands around its words. */
export interface SplitLine {
  readonly shape: string;
  readonly words: readonly string[];
}

/** Takes a masked line apart at spaces, brackets, quotes, `=`, `:` and the like. */
export function splitWords(masked: string): SplitLine {
  const words: string[] = [];
  let shape = '';
  let copied = 0;
  let i = 0;
  while (i < masked.length) {
    if (maskedKindOf(masked.charCodeAt(i)) < kinds.letter) {
      i += 1;
      continue;
    }
    let end = i + 1;
    while (end < masked.length && maskedKindOf(masked.charCodeAt(end)) >= kinds.inner) end += 1;
    while (maskedKindOf(masked.charCodeAt(end - 1)) === kinds.inner) end -= 1;
    const isOneSpace = i === copied + 1 && masked.charCodeAt(copied) === space;
    shape += isOneSpace ? spacedWord : masked.slice(copied, i) + wordMark;
    if (words.length === wordsMax - 1) {
      words.push(valueMark);
      return { shape, words };
    }
    words.push(masked.slice(i, end));
    copied = end;
    i = end;
  }
  return { shape: shape + masked.slice(copied), words };
}

/** What stands before each word and after the last: one entry more than there are words. */
export function textAround(shape: string): readonly string[] {
  return shape.split(wordMark);
}

/** Puts words back between what stood around them. */
export function joinWords({ shape, words }: SplitLine): string {
  const around = textAround(shape);
  let text = around[0]!;
  for (let i = 0; i < words.length; i += 1) text += words[i]! + around[i + 1]!;
  return text;
}
