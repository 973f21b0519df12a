import { InvariantError } from '../tools/index.ts';
import type { ComponentId } from './component.ts';
import type { SignalName } from './signals.ts';
import type { MetricsFrame, SeriesDescriptor } from './telemetry.ts';

/**
 * The frames seen so far, readable by column. Keeps every frame; a day at 15 s is 5,760 of them.
 */
export class MetricHistory {
  readonly #frames: MetricsFrame[] = [];
  readonly #columns = new Map<string, number[]>();
  #indexed = 0;

  append(frame: MetricsFrame): void {
    this.#frames.push(frame);
    const { series } = frame.index;
    for (; this.#indexed < series.length; this.#indexed += 1) {
      const { signal, component } = series[this.#indexed] as SeriesDescriptor;
      for (const key of [`${signal} ${component}`, `${signal} `, ` ${component}`]) {
        const known = this.#columns.get(key);
        if (known) known.push(this.#indexed);
        else this.#columns.set(key, [this.#indexed]);
      }
    }
  }

  get frames(): readonly MetricsFrame[] {
    return this.#frames;
  }

  get latest(): MetricsFrame | undefined {
    return this.#frames.at(-1);
  }

  /** What a column holds; asking for one that no frame has is our own mistake. */
  series(column: number): SeriesDescriptor {
    const found = this.latest?.index.series[column];
    if (!found) throw new InvariantError(`expected a column of the history, got ${column}`);
    return found;
  }

  /** Columns of a signal, of a component, or of both; ascending. */
  columns(query: { signal?: SignalName; component?: ComponentId }): readonly number[] {
    return this.#columns.get(`${query.signal ?? ''} ${query.component ?? ''}`) ?? [];
  }

  /** The column's values with fromMs < atMs <= untilMs, oldest first, NaN where not scraped. */
  values(column: number, fromMs: number, untilMs: number): Float64Array {
    const from = this.#firstAfter(fromMs);
    const until = this.#firstAfter(untilMs);
    const out = new Float64Array(until - from);
    for (let i = from; i < until; i += 1) {
      const { values } = this.#frames[i] as MetricsFrame;
      out[i - from] = column < values.length ? (values[column] as number) : Number.NaN;
    }
    return out;
  }

  #firstAfter(atMs: number): number {
    let low = 0;
    let high = this.#frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#frames[middle] as MetricsFrame).atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
