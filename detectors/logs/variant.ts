import type { SplitLine } from './split-words.ts';

/** One wording of a template. A template has several when they differ in runs of values only. */
export interface Variant extends SplitLine {
  /** Grows with age; of two variants the one with the smaller ordinal came first. */
  readonly ordinal: number;
  words: readonly string[];
  /** Id of the template; 0 before it has one. */
  template: number;
  /** Lines so far. */
  count: number;
  /** Number of the newest line. */
  lastLine: number;
  /** Where its lines go since it turned out to be the same as another. */
  mergedInto: Variant | undefined;
}

/** The variant that has taken this one in, or this one. */
export function liveVariant(variant: Variant): Variant {
  let live = variant;
  while (live.mergedInto) live = live.mergedInto;
  return live;
}
