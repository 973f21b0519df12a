import { valueMark } from './characters.ts';
import { runKey } from './run-key.ts';
import { joinWords } from './split-words.ts';
import type { Union } from './template-tree.ts';
import type { Variant } from './variant.ts';

/** A kind of log line. */
export interface LogTemplate {
  readonly id: number;
  /** The line with `<*>` for what varies; the most frequent wording of several. */
  readonly text: string;
  /** Lines so far. */
  readonly count: number;
}

/** The names of a miner as plain data. */
export interface NamesState {
  readonly nextId: number;
  readonly runKeys: readonly (readonly [string, number])[];
  readonly redirects: readonly (readonly [number, number])[];
}

/**
 * Which variants are one template, and its id. Variants with one run key are; of two ids that turn
 * out to be the same the smaller stays, and the other still leads to it.
 */
export class TemplateNames {
  readonly #entriesMax: number;
  readonly #variants = new Map<number, Variant[]>();
  readonly #runKeys: Map<string, number>;
  readonly #redirects: Map<number, number>;
  #nextId: number;

  constructor(entriesMax: number, state: NamesState = { nextId: 1, runKeys: [], redirects: [] }) {
    this.#entriesMax = entriesMax;
    this.#nextId = state.nextId;
    this.#runKeys = new Map(state.runKeys);
    this.#redirects = new Map(state.redirects);
  }

  /** Gives a new variant the template of its run key, or a new one. */
  name(variant: Variant): void {
    const key = runKey(joinWords(variant));
    const known = this.#runKeys.get(key);
    variant.template = known === undefined ? this.#nextId : this.#current(known);
    if (known === undefined) {
      this.#nextId += 1;
      this.#setRunKey(key, variant.template);
    }
    this.put(variant);
  }

  /** Takes note of variants that became one. */
  unite({ into, from }: Union): void {
    for (const gone of from) {
      if (gone.template === 0) continue;
      this.#join(into.template, gone.template);
      const variants = this.#variants.get(into.template)!;
      variants.splice(variants.indexOf(gone), 1);
    }
    const key = runKey(joinWords(into));
    const known = this.#runKeys.get(key);
    if (known === undefined) this.#setRunKey(key, into.template);
    else this.#join(known, into.template);
  }

  /** Adds a variant to the template it names. */
  put(variant: Variant): void {
    const variants = this.#variants.get(variant.template);
    if (variants) variants.push(variant);
    else this.#variants.set(variant.template, [variant]);
  }

  /** The id that stands for the same template by now, undefined when it is forgotten. */
  currentId(id: number): number | undefined {
    const current = this.#current(id);
    return this.#variants.has(current) ? current : undefined;
  }

  /** The template that an id stands for by now, undefined when it is forgotten. */
  templateOf(id: number): LogTemplate | undefined {
    const current = this.#current(id);
    const variants = this.#variants.get(current);
    if (variants === undefined) return undefined;
    let [often] = variants as [Variant, ...Variant[]];
    let count = 0;
    for (const variant of variants) {
      count += variant.count;
      const earlier = variant.ordinal < often.ordinal;
      if (variant.count > often.count || (variant.count === often.count && earlier))
        often = variant;
    }
    return { id: current, text: joinWords(often).replaceAll(valueMark, '<*>'), count };
  }

  templates(): LogTemplate[] {
    const ids = [...this.#variants.keys()].sort((a, b) => a - b);
    return ids.map((id) => this.templateOf(id) as LogTemplate);
  }

  /** Drops variants, and the ids that lead nowhere then. */
  keep(isKept: (variant: Variant) => boolean): void {
    for (const [id, variants] of this.#variants) {
      const kept = variants.filter(isKept);
      if (kept.length === 0) this.#variants.delete(id);
      else this.#variants.set(id, kept);
    }
    const leadsOn = (id: number): boolean => this.#variants.has(this.#current(id));
    for (const [key, id] of this.#runKeys) if (!leadsOn(id)) this.#runKeys.delete(key);
    for (const [from, to] of this.#redirects) if (!leadsOn(to)) this.#redirects.delete(from);
  }

  state(): NamesState {
    return {
      nextId: this.#nextId,
      runKeys: [...this.#runKeys],
      redirects: [...this.#redirects],
    };
  }

  /** Every redirect leads to a smaller id, so this ends. */
  #current(id: number): number {
    let current = id;
    for (;;) {
      const next = this.#redirects.get(current);
      if (next === undefined) return current;
      current = next;
    }
  }

  #join(one: number, other: number): void {
    const [a, b] = [this.#current(one), this.#current(other)];
    if (a === b) return;
    const [stays, goes] = a < b ? [a, b] : [b, a];
    for (const variant of this.#variants.get(goes) ?? []) {
      variant.template = stays;
      this.put(variant);
    }
    this.#variants.delete(goes);
    this.#redirects.set(goes, stays);
    dropOldest(this.#redirects, this.#entriesMax);
  }

  #setRunKey(key: string, id: number): void {
    this.#runKeys.set(key, id);
    dropOldest(this.#runKeys, 2 * this.#entriesMax);
  }
}

/** A Map gives its keys in the order in which they came. */
function dropOldest<K>(map: Map<K, unknown>, entriesMax: number): void {
  if (map.size <= entriesMax) return;
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
