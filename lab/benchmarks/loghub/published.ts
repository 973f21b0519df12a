/**
 * Grouping accuracy on the original labels with settings tuned per system, as published by
 * logpai/logparser; best mean first.
 */
const systems = ['HDFS', 'Hadoop', 'Spark', 'Zookeeper', 'Linux', 'HealthApp', 'Apache', 'OpenSSH'];
const accuracies: Readonly<Record<string, readonly number[]>> = {
  Brain: [0.9975, 0.949, 0.9975, 0.9875, 0.996, 1, 1, 1],
  Drain: [0.9975, 0.9475, 0.92, 0.9665, 0.69, 0.78, 1, 0.7875],
  IPLoM: [1, 0.954, 0.92, 0.9615, 0.6715, 0.8215, 1, 0.54],
  AEL: [0.9975, 0.869, 0.905, 0.921, 0.6725, 0.5675, 1, 0.538],
  Spell: [1, 0.7775, 0.905, 0.9635, 0.605, 0.639, 1, 0.554],
  LenMa: [0.9975, 0.885, 0.8835, 0.8405, 0.701, 0.174, 1, 0.925],
};

/** A parser's published grouping accuracy per system, for as many of the systems as have one. */
export interface PublishedParser {
  readonly name: string;
  readonly groupingAccuracy: ReadonlyMap<string, number>;
}

/** The published table, cut to some systems; no rows when none of them is in it. */
export function publishedParsers(names: readonly string[]): readonly PublishedParser[] {
  const known = systems.filter((system) => names.includes(system));
  if (known.length === 0) return [];
  return Object.entries(accuracies).map(([name, row]) => ({
    name,
    groupingAccuracy: new Map(
      known.map((system) => [system, row[systems.indexOf(system)] as number]),
    ),
  }));
}
