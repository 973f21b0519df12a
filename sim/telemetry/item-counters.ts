import type { PodView } from '../cluster-view.ts';

/** What one process has counted: per item type `ok`, then `failed`. */
interface ProcessCounts {
  readonly startedUs: number;
  readonly counts: Float64Array;
}

/**
 * The counters behind `processed_items_total`: each process counts for itself and starts again at
 * zero, and the scraped series is their sum. A pod that cannot be scraped keeps its last value, as
 * Prometheus' look-back does; one that is gone, or has restarted, takes its counts with it.
 */
export class ItemCounters {
  readonly #processes: Map<string, ProcessCounts>;
  /** The pods of the last look at who is gone; null since a process was added. */
  #pruned: readonly PodView[] | null = null;

  constructor(source?: ItemCounters) {
    this.#processes = new Map();
    if (!source) return;
    for (const [uid, { startedUs, counts }] of source.#processes) {
      this.#processes.set(uid, { startedUs, counts: counts.slice() });
    }
  }

  /** Adds to slot `slot` of the process that runs in the pod now. */
  add(pod: PodView, slot: number, slots: number, count: number): void {
    let current = this.#processes.get(pod.uid);
    if (!current || current.startedUs !== pod.processStartedUs) {
      current = { startedUs: pod.processStartedUs, counts: new Float64Array(slots) };
      this.#processes.set(pod.uid, current);
      this.#pruned = null;
    }
    current.counts[slot] = (current.counts[slot] as number) + count;
  }

  /** Forgets pods that are gone and processes that ended. */
  prune(pods: readonly PodView[]): void {
    if (pods === this.#pruned) return;
    this.#pruned = pods;
    const started = new Map<string, number>();
    for (const { uid, processStartedUs } of pods) {
      if (this.#processes.has(uid)) started.set(uid, processStartedUs);
    }
    for (const [uid, { startedUs }] of this.#processes) {
      if (started.get(uid) !== startedUs) this.#processes.delete(uid);
    }
  }

  total(slot: number): number {
    let sum = 0;
    for (const { counts } of this.#processes.values()) sum += counts[slot] as number;
    // Shares of one request over several pods: the sum is an integer up to rounding.
    return Math.round(sum);
  }

  fork(): ItemCounters {
    return new ItemCounters(this);
  }
}
