import type { Fault } from '../../core/truth/index.ts';
import type { EverydayPlaces } from './everyday-places.ts';

/** One thing that happens, without its time. */
export type Happening = Pick<Fault, 'kind' | 'target' | 'parameters' | 'durationMs' | 'edits'>;

/** Numbers in [0, 1) that one happening is made from. */
export interface Draws {
  readonly place: number;
  readonly size: number;
  readonly spread: number;
  readonly length: number;
  /** Which of the run's it is. */
  readonly ordinal: number;
  /** As many further numbers as it takes. */
  further(i: number): number;
}

/** What happens at places that are drawn; null where the topology has none. */
export type EverydayKind = (
  places: EverydayPlaces,
  draws: Draws,
) => Happening | readonly Happening[] | null;

export function pick<T>(items: readonly T[], share: number): T | undefined {
  return items[Math.floor(share * items.length)];
}

export function between(low: number, high: number, share: number): number {
  return low + (high - low) * share;
}

export function seconds(low: number, high: number, share: number): number {
  return 1000 * Math.round(between(low, high, share));
}

/** As often in one decade as in another. */
export function logBetween(low: number, high: number, share: number): number {
  return low * Math.exp(share * Math.log(high / low));
}
