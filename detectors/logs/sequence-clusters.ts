import { type CountRow, mostFrequent } from './count-rows.ts';
import { type Clusters, dbscan, kneeOf, noise } from './dbscan.ts';

/** Templates with a dimension of their own; all others share the last one. */
const templatesMax = 63;
/** Neighbours that make a core. */
const neighboursMin = 4;
/** Cosine distances between which the knee is believed. */
const epsMin = 0.05;
const epsMax = 0.5;

/**
 * Clusters of template counts of pods: vectors ln(1 + count) with inverse document frequencies as
 * weights (LogCluster, Lin et al., ICSE 2016) at cosine distance, DBSCAN with its radius at the
 * knee of the distances to the fourth neighbour. A pure function of its rows. O(rows² × 64).
 */
export class SequenceClusters {
  readonly #dimensions = new Map<number, number>();
  readonly #weights: Float64Array;
  readonly #vectors: readonly Float64Array[];
  readonly #clusters: Clusters;
  readonly #eps: number;
  /** Mean lines per row, of each template and of all. */
  readonly #means = new Map<number, number>();
  readonly #meanLines: number;

  constructor(rows: readonly CountRow[]) {
    mostFrequent(rows, templatesMax).forEach((template, i) => {
      this.#dimensions.set(template, i);
    });
    this.#weights = new Float64Array(this.#dimensions.size + 1);
    for (const row of rows) {
      for (const place of new Set(row.map(([template]) => this.#placeOf(template)))) {
        this.#weights[place]! += 1;
      }
      for (const [template, count] of row) {
        this.#means.set(template, (this.#means.get(template) ?? 0) + count / rows.length);
      }
    }
    // A template that all rows have still counts a little: its share may change.
    this.#weights = this.#weights.map((seen) => Math.log(1.5 + rows.length / Math.max(1, seen)));
    this.#meanLines = [...this.#means.values()].reduce((sum, mean) => sum + mean, 0);
    this.#vectors = rows.map((row) => this.#vectorOf(row));
    const between = (i: number, k: number): number =>
      distance(this.#vectors[i] as Float64Array, this.#vectors[k] as Float64Array);
    this.#eps = Math.max(epsMin, Math.min(epsMax, kneeOf(this.#neighbourDistances(between))));
    this.#clusters = dbscan(rows.length, between, { eps: this.#eps, neighboursMin });
  }

  /** The cluster that a row falls into, {@link noise} for none. */
  labelOf(row: CountRow): number {
    const vector = this.#vectorOf(row);
    let nearest = this.#eps;
    let label = noise;
    this.#vectors.forEach((other, i) => {
      if (this.#clusters.isCore[i] === 0) return;
      const away = distance(vector, other);
      if (away > nearest) return;
      nearest = away;
      label = this.#clusters.labels[i]!;
    });
    return label;
  }

  /** Share of rows with this label; one row more, so that nothing is impossible. */
  shareOf(label: number): number {
    const own = this.#clusters.labels.reduce((sum, one) => sum + (one === label ? 1 : 0), 0);
    return (own + 1) / (this.#clusters.labels.length + 1);
  }

  isNear(one: CountRow, other: CountRow): boolean {
    return distance(this.#vectorOf(one), this.#vectorOf(other)) <= this.#eps;
  }

  /** The template whose weighted count is farthest from what rows have in the mean. */
  oddest(row: CountRow): number {
    let [oddest] = row[0] as readonly [number, number];
    let most = -1;
    for (const [template, count] of row) {
      const weight = this.#weights[this.#placeOf(template)]!;
      const usual = this.#means.get(template) ?? 0;
      const odd = weight * Math.abs(Math.log1p(count) - Math.log1p(usual));
      if (odd <= most) continue;
      most = odd;
      oddest = template;
    }
    return oddest;
  }

  /** Lines of a template that are usual among so many lines. */
  expected(template: number, lines: number): number {
    return ((this.#means.get(template) ?? 0) * lines) / Math.max(1, this.#meanLines);
  }

  #placeOf(template: number): number {
    return this.#dimensions.get(template) ?? this.#dimensions.size;
  }

  #vectorOf(row: CountRow): Float64Array {
    const vector = new Float64Array(this.#weights.length);
    for (const [template, count] of row) vector[this.#placeOf(template)]! += count;
    let squares = 0;
    for (let i = 0; i < vector.length; i += 1) {
      vector[i] = this.#weights[i]! * Math.log1p(vector[i]!);
      squares += vector[i]! * vector[i]!;
    }
    const length = Math.sqrt(squares);
    if (length > 0) for (let i = 0; i < vector.length; i += 1) vector[i]! /= length;
    return vector;
  }

  #neighbourDistances(between: (i: number, k: number) => number): Float64Array {
    const count = this.#vectors.length;
    return Float64Array.from({ length: count }, (_, i) => {
      const own = Float64Array.from({ length: count }, (_, k) => between(i, k)).sort();
      return own[Math.min(neighboursMin, count - 1)]!;
    }).sort();
  }
}

/** Cosine distance of vectors of length 1, at least 0. */
function distance(one: Float64Array, other: Float64Array): number {
  let along = 0;
  for (let i = 0; i < one.length; i += 1) along += one[i]! * other[i]!;
  return Math.max(0, 1 - along);
}
