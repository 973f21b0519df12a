/**
 * Hands out the indices of grouped work. Each lane stays with its group while that lasts, so that
 * what a worker has measured for a group serves the whole of it; then it takes the largest group
 * that nobody has begun, and helps with the largest there is when all have been.
 */
export class GroupedQueue {
  readonly #waiting = new Map<string, number[]>();
  readonly #begun = new Set<string>();
  readonly #groupOfLane = new Map<number, string>();

  /** `groups[i]` is the group of work i. */
  constructor(groups: readonly string[]) {
    groups.forEach((group, index) => {
      const members = this.#waiting.get(group);
      if (members) members.push(index);
      else this.#waiting.set(group, [index]);
    });
  }

  /** The next index for a lane; null when none is left. */
  next(lane: number): number | null {
    const mine = this.#groupOfLane.get(lane);
    const group =
      mine !== undefined && this.#left(mine) > 0
        ? mine
        : (this.#largest(false) ?? this.#largest(true));
    if (group === null) return null;
    this.#groupOfLane.set(lane, group);
    this.#begun.add(group);
    return this.#waiting.get(group)?.shift() ?? null;
  }

  #left(group: string): number {
    return this.#waiting.get(group)?.length ?? 0;
  }

  #largest(begun: boolean): string | null {
    let largest: string | null = null;
    for (const [group, members] of this.#waiting) {
      if (members.length === 0 || this.#begun.has(group) !== begun) continue;
      if (largest === null || members.length > this.#left(largest)) largest = group;
    }
    return largest;
  }
}
