import type { MetricsFrame } from '../../core/observable/index.ts';

/** Notices in the metrics which pods' containers were started again. */
export class RestartWatch {
  /** The pod of each column of restart counts, and the column. */
  readonly #columns: { readonly pod: string; readonly column: number }[] = [];
  readonly #counts = new Map<number, number>();
  #read = 0;

  /** The pods whose restart count has risen since the frame before. */
  observe({ index, values }: MetricsFrame): ReadonlySet<string> {
    for (; this.#read < values.length; this.#read += 1) {
      const { signal, labels } = index.series[this.#read]!;
      if (signal !== 'container_restarts_total' || labels.pod === undefined) continue;
      this.#columns.push({ pod: labels.pod, column: this.#read });
    }
    const restarted = new Set<string>();
    for (const { pod, column } of this.#columns) {
      const count = values[column]!;
      if (Number.isNaN(count)) continue;
      if (count > (this.#counts.get(column) ?? count)) restarted.add(pod);
      this.#counts.set(column, count);
    }
    return restarted;
  }
}
