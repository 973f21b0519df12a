/** Label of a point that belongs to no cluster. */
export const noise = -1;

export interface Clusters {
  /** Cluster of each point, from 0 in the order of their first point; {@link noise} without one. */
  readonly labels: Int32Array;
  /** 1 for points with enough neighbours, of which clusters are made. */
  readonly isCore: Uint8Array;
  readonly count: number;
}

/**
 * DBSCAN (Ester et al., KDD 1996): a point with `neighboursMin` others within `eps` is a core, and
 * cores within `eps` of each other are one cluster with all that is near them. One density for all
 * clusters, so a sparse one beside a dense one is noise. O(n² × cost of a distance).
 */
export function dbscan(
  count: number,
  distance: (one: number, other: number) => number,
  { eps, neighboursMin }: { readonly eps: number; readonly neighboursMin: number },
): Clusters {
  const neighbours = Array.from({ length: count }, (): number[] => []);
  for (let i = 0; i < count; i += 1) {
    for (let k = i + 1; k < count; k += 1) {
      if (distance(i, k) > eps) continue;
      neighbours[i]!.push(k);
      neighbours[k]!.push(i);
    }
  }
  const isCore = Uint8Array.from(neighbours, (near) => (near.length >= neighboursMin ? 1 : 0));
  const labels = new Int32Array(count).fill(noise);
  let clusters = 0;
  for (let i = 0; i < count; i += 1) {
    if (isCore[i] === 0 || labels[i] !== noise) continue;
    spread(i, clusters, { neighbours, isCore, labels });
    clusters += 1;
  }
  return { labels, isCore, count: clusters };
}

/** Gives a core's label to all that it reaches over cores. */
function spread(
  from: number,
  label: number,
  graph: { neighbours: readonly number[][]; isCore: Uint8Array; labels: Int32Array },
): void {
  const { neighbours, isCore, labels } = graph;
  const waiting = [from];
  labels[from] = label;
  for (let point = waiting.pop(); point !== undefined; point = waiting.pop()) {
    for (const near of neighbours[point] as readonly number[]) {
      if (labels[near] !== noise) continue;
      labels[near] = label;
      if (isCore[near] === 1) waiting.push(near);
    }
  }
}

/**
 * The knee of the sorted distances to the k-th neighbour: the value farthest below the straight
 * line from the smallest to the largest (Satopää et al., 2011).
 */
export function kneeOf(sorted: Float64Array): number {
  const last = sorted.length - 1;
  const [low, high] = [sorted[0]!, sorted[last]!];
  let best = high;
  let most = 0;
  for (let i = 0; i <= last; i += 1) {
    const below = low + ((high - low) * i) / Math.max(1, last) - sorted[i]!;
    if (below <= most) continue;
    most = below;
    best = sorted[i]!;
  }
  return best;
}
