import {
  isSignalName,
  type MetricsFrame,
  type SeriesDescriptor,
} from '../../core/observable/index.ts';
import type { StatePart, StateReader, StateWriter } from '../../detectors/index.ts';
import { bucketQuantile } from './bucket-quantile.ts';
import { placeSeries, signalOf } from './place-series.ts';
import type { RawSeries } from './read-own-series.ts';

type Source = Pick<RawSeries, 'name' | 'labels' | 'type'>;

/** Where a column's values come from: one raw series, or the buckets of one histogram. */
type Column =
  | { readonly kind: 'value' | 'rate'; readonly raw: number }
  | { readonly kind: 'quantile'; readonly quantile: number; readonly histogram: Histogram };

interface Histogram {
  readonly raws: number[];
  readonly bounds: number[];
}

const quantiles = [0.5, 0.95, 0.99];

/**
 * Turns raw samples into the columns of frames: values as they are, counters as rates per second,
 * buckets as quantiles of what came in since the last frame. Raw series are only ever added, and
 * their columns with them, at the end.
 */
export class OwnColumns implements StatePart {
  readonly #group: string;
  readonly #raws: Source[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #series: SeriesDescriptor[] = [];
  readonly #columns: Column[] = [];
  readonly #histograms = new Map<string, Histogram>();
  /** Per raw series: its last value, and when that was. */
  #last: number[] = [];
  #lastAtMs: number[] = [];

  /** `group` is where series without labels belong; null: each is a place of its own. */
  constructor(group: string | null) {
    this.#group = group ?? '';
  }

  get raws(): readonly Source[] {
    return this.#raws;
  }

  get series(): readonly SeriesDescriptor[] {
    return this.#series;
  }

  /** The number of a raw series, which is added when it is new. */
  numberOf(source: Source): number {
    const id = idOf(source);
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const { name, labels, type } = source;
    const number = this.#raws.length;
    this.#raws.push({ name, labels, type });
    this.#numbers.set(id, number);
    this.#last.push(Number.NaN);
    this.#lastAtMs.push(Number.NaN);
    if (type === 'bucket') this.#addBucket(source, number);
    else this.#addColumn(source, { kind: type === 'counter' ? 'rate' : 'value', raw: number });
    return number;
  }

  /** The frame of raw values by number; NaN where a series has none. */
  frame(atMs: number, raws: Float64Array): MetricsFrame {
    const increases = raws.map((value, raw) => this.#increase(value, raw));
    const values = Float64Array.from(this.#columns, (column) => {
      if (column.kind === 'value') return raws[column.raw] as number;
      if (column.kind === 'quantile') {
        const { raws: buckets, bounds } = column.histogram;
        return bucketQuantile(
          column.quantile,
          bounds,
          buckets.map((raw) => increases[raw] as number),
        );
      }
      const seconds = (atMs - (this.#lastAtMs[column.raw] as number)) / 1000;
      return (increases[column.raw] as number) / seconds;
    });
    for (const [raw, value] of raws.entries()) {
      if (Number.isNaN(value)) continue;
      this.#last[raw] = value;
      this.#lastAtMs[raw] = atMs;
    }
    return { atMs, index: { series: this.#series }, values };
  }

  writeState(writer: StateWriter): void {
    writer.plain(this.#raws);
    writer.array(Float64Array.from(this.#last));
    writer.array(Float64Array.from(this.#lastAtMs));
  }

  readState(reader: StateReader): void {
    for (const source of reader.plain<Source[]>()) this.numberOf(source);
    this.#last = [...reader.float64s()];
    this.#lastAtMs = [...reader.float64s()];
  }

  /** What a counter grew by; one that fell began again at zero. */
  #increase(value: number, raw: number): number {
    const before = this.#last[raw] as number;
    return value >= before ? value - before : value < before ? value : Number.NaN;
  }

  #addBucket({ name, labels }: Source, raw: number): void {
    const { le, ...others } = labels;
    const family = name.replace(/_bucket$/, '');
    const id = idOf({ name: family, labels: others });
    let histogram = this.#histograms.get(id);
    if (!histogram) {
      histogram = { raws: [], bounds: [] };
      this.#histograms.set(id, histogram);
      for (const quantile of quantiles) {
        const column: Column = { kind: 'quantile', quantile, histogram };
        this.#addColumn({ name: `${family}_p${100 * quantile}`, labels: others }, column);
      }
    }
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    const at = histogram.bounds.findIndex((other) => other > bound);
    const place = at < 0 ? histogram.bounds.length : at;
    histogram.bounds.splice(place, 0, bound);
    histogram.raws.splice(place, 0, raw);
  }

  #addColumn({ name, labels }: Omit<Source, 'type'>, column: Column): void {
    const group = this.#group === '' ? idOf({ name, labels }) : this.#group;
    const placed = placeSeries(name, labels, group);
    const signal = signalOf(name, placed.component, labels);
    this.#series.push({ ...placed, signal });
    // The catalogue has counters as they are.
    const isKnown = column.kind === 'rate' && isSignalName(signal);
    this.#columns.push(isKnown ? { kind: 'value', raw: column.raw } : column);
  }
}

/** `name{label="value"}` with labels in order of name. */
export function idOf({ name, labels }: Omit<Source, 'type'>): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${JSON.stringify(labels[label])}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
