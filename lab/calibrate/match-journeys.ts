import { meanOf, type WindowedValues } from './metric-facts.ts';

/** A series of user requests that belongs to an entry operation. */
export interface JourneyMatch {
  /** Null when another journey is as frequent, so that the name could be the other's. */
  readonly name: string | null;
  readonly values: WindowedValues;
  /** Of all user requests. */
  readonly share: number;
}

/** Beyond this many standard errors, shares are different. */
const differentFrom = 4;

/**
 * Which counted journey is which entry operation, by their shares of the traffic: both in order of
 * size is the assignment with the least squared error. Null when the numbers of both differ or a
 * share does not fit, as when traces are sampled by operation. Journeys of equal popularity may be
 * exchanged, which leaves all rates as they are; they get no name.
 */
export function matchJourneys(
  traced: readonly number[],
  journeys: ReadonlyMap<string, WindowedValues>,
): JourneyMatch[] | null {
  if (journeys.size !== traced.length) return null;
  const requests = traced.reduce((sum, count) => sum + count, 0);
  const counted = [...journeys].map(([name, values]) => ({
    name,
    values,
    perSec: meanOf(values) ?? 0,
  }));
  const total = counted.reduce((sum, { perSec }) => sum + perSec, 0);
  if (requests === 0 || total === 0) return null;
  counted.sort((a, b) => b.perSec - a.perSec);
  const ranks = traced
    .map((_, i) => i)
    .sort((a, b) => (traced[b] as number) - (traced[a] as number));
  const errorOf = (share: number): number =>
    Math.sqrt(Math.max(share * (1 - share), 1 / requests) / requests);
  const shares = counted.map(({ perSec }) => perSec / total);
  const matches: JourneyMatch[] = [];
  for (const [rank, entry] of ranks.entries()) {
    const share = shares[rank] as number;
    const error = errorOf(share);
    const isFar = (other: number | undefined): boolean =>
      other === undefined || Math.abs(other - share) > differentFrom * error;
    if (isFar((traced[entry] as number) / requests)) return null;
    const isAlone = isFar(shares[rank - 1]) && isFar(shares[rank + 1]);
    const { name, values } = counted[rank] as (typeof counted)[number];
    matches[entry] = { name: isAlone ? name : null, values, share };
  }
  return matches;
}
