/**
 * Pods in groups, one group after the other: group g is `pods[first[g]] … pods[first[g + 1] − 1]`.
 */
export interface PodGroups {
  readonly first: Int32Array;
  readonly pods: Int32Array;
}

/** Sorts pods into groups, in order within each; `groupOf[p]` below 0: in none. */
export function groupPods(groupOf: Int32Array, groups: number): PodGroups {
  const first = new Int32Array(groups + 1);
  for (let p = 0; p < groupOf.length; p += 1) {
    const g = groupOf[p] as number;
    if (g >= 0) first[g + 1] = (first[g + 1] as number) + 1;
  }
  for (let g = 0; g < groups; g += 1) {
    first[g + 1] = (first[g + 1] as number) + (first[g] as number);
  }
  const pods = new Int32Array(first[groups] as number);
  const next = first.slice();
  for (let p = 0; p < groupOf.length; p += 1) {
    const g = groupOf[p] as number;
    if (g < 0) continue;
    pods[next[g] as number] = p;
    next[g] = (next[g] as number) + 1;
  }
  return { first, pods };
}

/** How many pods are in a group. */
export function sizeOf({ first }: PodGroups, g: number): number {
  return (first[g + 1] as number) - (first[g] as number);
}
