import { createDrawKey, uniformAt } from '../../core/tools/index.ts';

const cellMs = 3_600_000;
/** Crowds that began longer ago have gone. */
const cellsBack = 12;
/**
 * A crowd adds at least this share to the demand, with a Pareto tail of index one above it: Hill's
 * index of the changes of demand is 1 to 3 at NAB's services and at the World Cup's site.
 */
const smallest = 0.1;
/** It comes within minutes and goes as an exponential of a quarter of an hour to two hours does. */
const riseMs: readonly [number, number] = [60_000, 900_000];
const fallMs: readonly [number, number] = [600_000, 5_400_000];
/** After so many time constants it has gone. */
const fallsUntilGone = 6;

interface Crowd {
  readonly startMs: number;
  readonly size: number;
  readonly riseMs: number;
  readonly fallMs: number;
}

/** Crowds that come for something outside: at random times, of heavy-tailed sizes. */
export class Crowds {
  readonly #chance: number;
  readonly #largest: number;
  readonly #keys: Readonly<Record<'comes' | 'start' | 'size' | 'rise' | 'fall', number>>;
  #cell = Number.NaN;
  #present: Crowd[] = [];

  constructor(options: { seed: number; perDay: number; largest: number }) {
    const { seed, perDay, largest } = options;
    this.#chance = Math.min(1, perDay / 24);
    this.#largest = largest;
    const keyOf = (what: string): number => createDrawKey(seed, `workload/crowd-${what}`);
    this.#keys = {
      comes: keyOf('comes'),
      start: keyOf('start'),
      size: keyOf('size'),
      rise: keyOf('rise'),
      fall: keyOf('fall'),
    };
  }

  /** What demand is multiplied by at an instant; at least 1. */
  factorAt(atMs: number): number {
    if (this.#chance <= 0) return 1;
    const cell = Math.floor(atMs / cellMs);
    if (cell !== this.#cell) {
      this.#cell = cell;
      this.#present = [];
      for (let c = cell - cellsBack; c <= cell; c += 1) {
        if (uniformAt(this.#keys.comes, 0, c) < this.#chance) this.#present.push(this.#crowd(c));
      }
    }
    let factor = 1;
    for (const crowd of this.#present) factor += partOf(crowd, atMs);
    return factor;
  }

  #crowd(cell: number): Crowd {
    // A tail index of one: twice the size is half as frequent.
    const pareto = smallest / uniformAt(this.#keys.size, 0, cell);
    return {
      startMs: (cell + uniformAt(this.#keys.start, 0, cell)) * cellMs,
      size: Math.min(this.#largest, pareto),
      riseMs: between(riseMs, uniformAt(this.#keys.rise, 0, cell)),
      fallMs: between(fallMs, uniformAt(this.#keys.fall, 0, cell)),
    };
  }
}

/** Even in the logarithm. */
function between([low, high]: readonly [number, number], uniform: number): number {
  return low * Math.exp(uniform * Math.log(high / low));
}

function partOf(crowd: Crowd, atMs: number): number {
  const age = atMs - crowd.startMs;
  if (age <= 0) return 0;
  if (age < crowd.riseMs) return (crowd.size * age) / crowd.riseMs;
  const falls = (age - crowd.riseMs) / crowd.fallMs;
  return falls > fallsUntilGone ? 0 : crowd.size * Math.exp(-falls);
}
