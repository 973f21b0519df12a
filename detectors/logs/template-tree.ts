import { valueMark } from './characters.ts';
import { findMerges, mergeOf, similarityOf } from './find-merges.ts';
import type { SplitLine } from './split-words.ts';
import { liveVariant, type Variant } from './variant.ts';

/** Variants of one leaf that are told apart: the most children of a node in Drain. */
const leafMax = 100;

/** Variants that became one. */
export interface Union {
  readonly into: Variant;
  readonly from: readonly Variant[];
}

/**
 * Drain's tree of fixed depth with two levels: the shape of a line (what stands around its words,
 * hence their number), then its first word. A leaf holds the variants that only a comparison of
 * words tells apart. Cost of a search: words × variants of the leaf, at most 100.
 */
export class TemplateTree {
  readonly #leaves = new Map<string, Variant[]>();
  #size = 0;
  #nextOrdinal: number;

  constructor(nextOrdinal: number) {
    this.#nextOrdinal = nextOrdinal;
  }

  /** The ordinal of the next variant that is made. */
  get nextOrdinal(): number {
    return this.#nextOrdinal;
  }

  get size(): number {
    return this.#size;
  }

  /** The variant with the most words of its own that a line fits; the oldest of several. */
  find(line: SplitLine): Variant | undefined {
    let best: Variant | undefined;
    let most = -1;
    for (const variant of this.#leaves.get(leafKey(line)) ?? []) {
      const constants = constantsIfFits(variant.words, line.words);
      if (constants <= most) continue;
      best = variant;
      most = constants;
    }
    return best;
  }

  /** Puts in a line that fits no variant, and makes one of those that it shows to be the same. */
  insert(line: SplitLine): { readonly variant: Variant; readonly unions: readonly Union[] } {
    const fresh: Variant = {
      ordinal: this.#nextOrdinal,
      shape: line.shape,
      words: line.words,
      template: 0,
      count: 0,
      lastLine: 0,
      mergedInto: undefined,
    };
    this.#nextOrdinal += 1;
    const leaf = this.put(fresh);
    const merges = findMerges(leaf, fresh);
    if (merges.length === 0 && leaf.length > leafMax) {
      // Drain's own step, since the leaf is full: the most similar variant takes the line in.
      merges.push(mergeOf([mostSimilar(leaf, fresh), fresh]));
    }
    const unions = merges.map(({ members, words }) => this.#unite(leaf, members, words));
    return { variant: liveVariant(fresh), unions };
  }

  /** Puts in a variant as it is, and gives its leaf. */
  put(variant: Variant): Variant[] {
    const key = leafKey(variant);
    let leaf = this.#leaves.get(key);
    if (leaf === undefined) {
      leaf = [];
      this.#leaves.set(key, leaf);
    }
    leaf.push(variant);
    this.#size += 1;
    return leaf;
  }

  /** Keeps the variants that pass. */
  keep(isKept: (variant: Variant) => boolean): void {
    for (const [key, leaf] of this.#leaves) {
      const kept = leaf.filter(isKept);
      this.#size -= leaf.length - kept.length;
      if (kept.length === 0) this.#leaves.delete(key);
      else this.#leaves.set(key, kept);
    }
  }

  /** All variants, oldest first. */
  variants(): Variant[] {
    return [...this.#leaves.values()].flat().sort((a, b) => a.ordinal - b.ordinal);
  }

  #unite(leaf: Variant[], members: readonly Variant[], words: readonly string[]): Union {
    const [into, ...from] = members as readonly [Variant, ...Variant[]];
    into.words = words;
    for (const other of from) {
      other.mergedInto = into;
      into.count += other.count;
      into.lastLine = Math.max(into.lastLine, other.lastLine);
      leaf.splice(leaf.indexOf(other), 1);
    }
    this.#size -= from.length;
    return { into, from };
  }
}

function leafKey({ shape, words }: SplitLine): string {
  return `${words[0] ?? ''} ${shape}`;
}

/** Number of the variant's words that are not values, -1 when the line differs in one of them. */
function constantsIfFits(own: readonly string[], words: readonly string[]): number {
  let constants = 0;
  for (let i = 0; i < own.length; i += 1) {
    if (own[i] === valueMark) continue;
    if (own[i] !== words[i]) return -1;
    constants += 1;
  }
  return constants;
}

function mostSimilar(leaf: readonly Variant[], fresh: Variant): Variant {
  let best = leaf[0]!;
  let most = -1;
  for (const other of leaf) {
    const similarity = other === fresh ? -1 : similarityOf(other, fresh);
    if (similarity <= most) continue;
    best = other;
    most = similarity;
  }
  return best;
}
