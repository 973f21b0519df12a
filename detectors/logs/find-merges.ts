import { valueMark } from './characters.ts';
import { type SplitLine, textAround } from './split-words.ts';
import { type WordKind, wordKind } from './word-kind.ts';

/**
 * Share of equal words, of those that are not values in both, from which two lines are siblings.
 */
const siblingSimilarity = 0.5;

/** A position varies when the weights of its distinct words reach this. */
const evidenceMin = 5;

/** What a distinct word says for "this position varies". */
const evidence: Readonly<Record<WordKind, number>> = {
  plain: 1,
  dotted: 1.7,
  numbered: 2.5,
  symbol: 0.5,
  value: 2.5,
};

/** Behind `=` or one of these words, a word is a name that somebody chose. */
const namedEvidence = 2.5;
const namingWords = new Set(['user', 'username', 'host', 'hostname']);

/** Lines that turned out to be one template, and its words: {@link valueMark} where they vary. */
export interface Merge<T> {
  readonly members: readonly T[];
  readonly words: readonly string[];
}

/**
 * Which lines of a leaf, all of one shape and one first word, are one template now that `fresh` is
 * among them. Two values at a position may be two events (`VM Started`, `VM Paused`); many are a
 * parameter, and fewer suffice for what looks like a name. Cost: leaf × words.
 */
export function findMerges<T extends SplitLine>(leaf: readonly T[], fresh: T): Merge<T>[] {
  const siblings = leaf.filter((line) => similarityOf(line, fresh) >= siblingSimilarity);
  const varying = varyingPositions(siblings, fresh);
  if (varying.length === 0) return [];
  const sets = new Map<string, T[]>();
  for (const line of siblings) {
    const words = [...line.words];
    for (const position of varying) words[position] = valueMark;
    const key = words.join(' ');
    const set = sets.get(key);
    if (set) set.push(line);
    else sets.set(key, [line]);
  }
  return [...sets.values()].filter((set) => set.length > 1).map(mergeOf);
}

/** The words that all members share, {@link valueMark} elsewhere. */
export function mergeOf<T extends SplitLine>(members: readonly T[]): Merge<T> {
  const [first] = members as readonly [T, ...T[]];
  const words = first.words.map((word, i) =>
    members.every((member) => member.words[i] === word) ? word : valueMark,
  );
  return { members, words };
}

/** Share of equal words, of those that are not values in both; 1 when there are none. */
export function similarityOf(a: SplitLine, b: SplitLine): number {
  let compared = 0;
  let equal = 0;
  for (let i = 0; i < a.words.length; i += 1) {
    const same = a.words[i] === b.words[i];
    if (same && a.words[i] === valueMark) continue;
    compared += 1;
    if (same) equal += 1;
  }
  return compared === 0 ? 1 : equal / compared;
}

function varyingPositions(siblings: readonly SplitLine[], fresh: SplitLine): number[] {
  const around = textAround(fresh.shape);
  const varying: number[] = [];
  // The first word says what the line is about.
  for (let i = 1; i < fresh.words.length; i += 1) {
    const distinct = new Set(siblings.map(({ words }) => words[i]!));
    if (distinct.size < 2) continue;
    const named = around[i]!.endsWith('=') || namingWords.has(fresh.words[i - 1]!.toLowerCase());
    let sum = 0;
    for (const word of distinct) sum += weightOf(word, named);
    if (sum >= evidenceMin) varying.push(i);
  }
  return varying;
}

function weightOf(word: string, named: boolean): number {
  if (word === valueMark) return evidenceMin;
  const kind = wordKind(word);
  return named && kind !== 'symbol' ? namedEvidence : evidence[kind];
}
