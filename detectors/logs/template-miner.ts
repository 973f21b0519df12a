import { assert } from '../../core/tools/index.ts';
import { maskLine } from './mask-line.ts';
import { SkeletonCache } from './skeleton-cache.ts';
import { splitWords } from './split-words.ts';
import { type LogTemplate, type NamesState, TemplateNames } from './template-names.ts';
import { TemplateTree } from './template-tree.ts';
import { liveVariant, type Variant } from './variant.ts';

export interface TemplateMinerOptions {
  /** Wordings kept, 8 or more; beyond it the eighth not seen for longest is forgotten. */
  readonly templatesMax?: number;
}

/** A {@link TemplateMiner} as plain data. */
export interface MinerState {
  readonly templatesMax: number;
  readonly lines: number;
  readonly nextOrdinal: number;
  readonly names: NamesState;
  readonly variants: readonly Omit<Variant, 'mergedInto'>[];
  /** Old generation, then young: masked line and ordinal of its variant. */
  readonly known: readonly [
    old: readonly (readonly [string, number])[],
    young: readonly (readonly [string, number])[],
  ];
}

/**
 * Finds the templates of log lines as they come: Drain (He et al., ICWS 2017) over masked lines. A
 * position becomes a parameter on evidence instead of on one similar line, and templates that
 * differ in runs of values only are joined afterwards. A line keeps the template it had. Fails on
 * free prose, and keeps words apart of which it has seen few. A known line costs a pass over its
 * characters and a look-up (1 µs), a new one also words × variants of its leaf, at most 100.
 * Memory is bounded by `templatesMax` and 1,024 characters a line.
 */
export class TemplateMiner {
  readonly #templatesMax: number;
  readonly #tree: TemplateTree;
  readonly #names: TemplateNames;
  readonly #known: SkeletonCache<Variant>;
  #lines = 0;

  constructor({ templatesMax = 10_000 }: TemplateMinerOptions = {}, state?: MinerState) {
    assert(templatesMax >= 8, `templatesMax must be at least 8, got ${templatesMax}`);
    this.#templatesMax = templatesMax;
    this.#tree = new TemplateTree(state?.nextOrdinal ?? 0);
    this.#names = new TemplateNames(templatesMax, state?.names);
    this.#known = new SkeletonCache(4 * templatesMax);
  }

  /** Takes in a line and gives the id of its template, 1 or more. */
  add(line: string): number {
    const masked = maskLine(line);
    let variant = this.#known.get(masked);
    if (variant === undefined || variant.mergedInto !== undefined) {
      variant = variant === undefined ? this.#classify(masked) : liveVariant(variant);
      this.#known.set(masked, variant);
    }
    this.#lines += 1;
    variant.count += 1;
    variant.lastLine = this.#lines;
    if (this.#tree.size > this.#templatesMax) this.#forget();
    return variant.template;
  }

  /** The id that stands for the same template by now, undefined when it is forgotten. */
  currentId(id: number): number | undefined {
    return this.#names.currentId(id);
  }

  /** The template that an id stands for by now, undefined when it is forgotten. */
  templateOf(id: number): LogTemplate | undefined {
    return this.#names.templateOf(id);
  }

  /** All templates, in order of their ids. */
  templates(): LogTemplate[] {
    return this.#names.templates();
  }

  /** Everything that it knows, as plain data that JSON can hold. */
  checkpoint(): MinerState {
    const plain = (entries: [string, Variant][]): [string, number][] =>
      entries.map(([masked, variant]) => [masked, liveVariant(variant).ordinal]);
    const [old, young] = this.#known.generations();
    return {
      templatesMax: this.#templatesMax,
      lines: this.#lines,
      nextOrdinal: this.#tree.nextOrdinal,
      names: this.#names.state(),
      variants: this.#tree.variants().map(({ mergedInto: _, ...rest }) => rest),
      known: [plain(old), plain(young)],
    };
  }

  /** A miner that goes on exactly where the one of the checkpoint was. */
  static restore(state: MinerState): TemplateMiner {
    const miner = new TemplateMiner({ templatesMax: state.templatesMax }, state);
    miner.#lines = state.lines;
    const byOrdinal = new Map<number, Variant>();
    for (const saved of state.variants) {
      const variant: Variant = { ...saved, mergedInto: undefined };
      byOrdinal.set(variant.ordinal, variant);
      miner.#tree.put(variant);
      miner.#names.put(variant);
    }
    const revive = (entries: MinerState['known'][number]): [string, Variant][] =>
      entries.map(([masked, ordinal]) => [masked, byOrdinal.get(ordinal) as Variant]);
    const [old, young] = state.known;
    miner.#known.restore([revive(old), revive(young)]);
    return miner;
  }

  #classify(masked: string): Variant {
    const line = splitWords(masked);
    const found = this.#tree.find(line);
    if (found) return found;
    const { variant, unions } = this.#tree.insert(line);
    for (const union of unions) this.#names.unite(union);
    if (variant.template === 0) this.#names.name(variant);
    return variant;
  }

  #forget(): void {
    const lastLines = this.#tree.variants().map(({ lastLine }) => lastLine);
    lastLines.sort((a, b) => a - b);
    const newest = lastLines[lastLines.length >> 3]!;
    const isKept = (variant: Variant): boolean => variant.lastLine > newest;
    this.#known.keep((variant) => isKept(liveVariant(variant)));
    this.#tree.keep(isKept);
    this.#names.keep(isKept);
  }
}
