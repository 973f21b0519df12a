/** One resource over time, as shares of its limit, and what really became of it. */
export interface ResourceSeries {
  readonly resource: 'disk' | 'memory' | 'pool' | 'queue' | 'cpu';
  /** Where it comes from: a generated kind, or a scenario and component. */
  readonly source: string;
  readonly intervalMs: number;
  /** What is observed, one value per scrape; NaN is a lost scrape. Ends where it runs out. */
  readonly values: Float64Array;
  /** What the resource has to carry, for those that ask. */
  readonly loads?: Float64Array;
  /** Values before this scrape only teach. */
  readonly judgedFrom: number;
  /** The scrape at which the limit is met; null when it never is. */
  readonly exhaustedAt: number | null;
  /** The scrape from which the growth to the limit could be told from noise; null without one. */
  readonly visibleAt: number | null;
}

/** A growth younger than this is nothing that anybody can measure: five minutes. */
const youngestMs = 300_000;
/** Deviations of what is usual that a growth must be high to be seen. */
const visibleDeviations = 3;

/**
 * The first scrape at which a growth that began at `onset` is three deviations of what is usual
 * high and five minutes old.
 */
export function visibleFrom(
  levels: Float64Array,
  { onset, noise, intervalMs }: { onset: number; noise: number; intervalMs: number },
): number {
  const from = levels[onset] as number;
  const risen = levels.findIndex(
    (level, i) => i > onset && level - from >= visibleDeviations * noise,
  );
  return Math.max(
    risen < 0 ? levels.length - 1 : risen,
    onset + Math.ceil(youngestMs / intervalMs),
  );
}
