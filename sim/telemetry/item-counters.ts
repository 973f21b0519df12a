import type { PodView } from '../cluster-view.ts';
import { matchPods } from '../data-plane/pod-match.ts';

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
    const before = this.#pruned;
    if (pods === before) return;
    this.#pruned = pods;
    if (before === null) this.#pruneAll(pods);
    else {
      const { changed, gone } = matchPods(before, pods);
      for (const p of gone) this.#processes.delete((before[p] as PodView).uid);
      for (const p of changed) this.#forgetEnded(pods[p] as PodView);
    }
  }

  #pruneAll(pods: readonly PodView[]): void {
    const here = new Set<string>();
    for (const pod of pods) {
      if (!this.#processes.has(pod.uid)) continue;
      here.add(pod.uid);
      this.#forgetEnded(pod);
    }
    for (const uid of this.#processes.keys()) if (!here.has(uid)) this.#processes.delete(uid);
  }

  #forgetEnded({ uid, processStartedUs }: PodView): void {
    const known = this.#processes.get(uid);
    if (known && known.startedUs !== processStartedUs) this.#processes.delete(uid);
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
