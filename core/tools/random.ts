import seedrandom from 'seedrandom';

/**
 * A named source of chance. Two streams with different names never disturb each other, so a new
 * consumer leaves every earlier draw as it was.
 */
export interface Stream {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Standard normal; consumes exactly one uniform. */
  normal(): number;
  /** Fisher-Yates on a copy. */
  shuffle<T>(items: readonly T[]): T[];
}

/** A stream keyed by (seed, name), from `seedrandom`'s Alea generator. */
export function createStream(seed: number, name: string): Stream {
  const generator = seedrandom.alea(`${seed}/${name}`);
  const next = (): number => generator();
  return {
    next,
    integer: (bound) => Math.floor(next() * bound),
    normal: () => normalQuantile(clampOpen(next())),
    shuffle: <T>(items: readonly T[]): T[] => {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i -= 1) {
        const j = Math.floor(next() * (i + 1));
        [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
      }
      return copy;
    },
  };
}

/**
 * The key of a family of stateless draws. Draws are addressed by (key, entity, tick), not taken in
 * turn, so they stay equal whatever a healer does to the world, and a fork has no state to copy.
 */
export function createDrawKey(seed: number, name: string): number {
  return seedrandom.alea(`${seed}/${name}`).int32() >>> 0;
}

/** A 32-bit hash of text (FNV-1a), to turn entity names into draw addresses. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Uniform in [0, 1), addressed by (key, entity, tick): two rounds of the murmur3 finaliser. */
export function uniformAt(key: number, entity: number, tick: number): number {
  let h =
    Math.imul(key ^ (entity >>> 0), 0x9e3779b1) ^ Math.imul((tick >>> 0) + 0x7f4a7c15, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h ^ (h >>> 15) ^ key, 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/** Standard normal, addressed like {@link uniformAt}. */
export function normalAt(key: number, entity: number, tick: number): number {
  return normalQuantile(clampOpen(uniformAt(key, entity, tick)));
}

function clampOpen(u: number): number {
  return Math.min(Math.max(u, 1e-12), 1 - 1e-12);
}

/** Inverse of the standard normal distribution (Acklam; relative error below 1.2e-9). */
export function normalQuantile(p: number): number {
  const low = 0.02425;
  if (p < low) return tailQuantile(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - low) return -tailQuantile(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
      138.357751867269) *
      r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
      66.80131188771972) *
      r -
      13.28068155288572) *
      r +
      1)
  );
}

function tailQuantile(q: number): number {
  return (
    (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q -
      2.549732539343734) *
      q +
      4.374664141464968) *
      q +
      2.938163982698783) /
    ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q +
      3.754408661907416) *
      q +
      1)
  );
}
