/** Numbers by name; null where one is not known or not defined. */
type Scored<Scores> = { readonly [Key in keyof Scores]: number | null };

/** What one method reached over all of a benchmark. */
export interface BenchmarkRow<Scores extends Scored<Scores> = object> {
  readonly name: string;
  /** `published` are figures that others quote of themselves. */
  readonly kind: 'ours' | 'baseline' | 'published';
  readonly scores: Scores;
  /** How many of what the benchmark counts (series, systems, faults) the scores are made of. */
  readonly n: number;
}

/** What one method reached on one part: a category, a system, a machine, a scenario. */
export interface BenchmarkEntity<Scores extends Scored<Scores> = object> {
  readonly name: string;
  /** The name of the method's row. */
  readonly row: string;
  readonly scores: Scores;
  readonly n: number;
}

/**
 * What `benchmark NAME -- --json` prints, whatever the benchmark: the same score names in all rows,
 * every score a number or null. A benchmark may say more (intervals, seeds) under names of its own.
 */
export interface BenchmarkReport<
  Scores extends Scored<Scores> = object,
  EntityScores extends Scored<EntityScores> = Scores,
> {
  readonly benchmark: string;
  /** The row of our default configuration. */
  readonly default: string;
  readonly rows: readonly BenchmarkRow<Scores>[];
  readonly entities: readonly BenchmarkEntity<EntityScores>[];
}
