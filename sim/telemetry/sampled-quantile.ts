import type { LatencyLaw, MutableLaw } from '../data-plane/flow-state.ts';
import { quantileFor } from '../data-plane/gamma-table.ts';
import { createLaw, latencyQuantileMs, quickQuantile } from '../data-plane/latency-law.ts';
import { bucketedQuantileMs } from './histogram-quantile.ts';
import type { CountingNoise, NoiseBank } from './noise.ts';
import { heavyTail, latencyNoise, latencyTailIndex } from './noise.ts';
import type { Scrape } from './scrape.ts';
import type { ColumnGroup, SeriesColumns } from './series-columns.ts';

/** Calls whose latencies are written. */
export interface MeasuredCalls {
  readonly flow: { readLatency(out: MutableLaw): LatencyLaw };
  /** Their columns: rate, error ratio, then these quantiles of the latency. */
  readonly group: ColumnGroup;
  readonly quantiles: readonly number[];
  /** Whose name says how much they are delayed beside the twin's laws. */
  readonly countedBy: string;
}

/**
 * The requests behind latency quantiles, and the chance in them; one object for all calls, which
 * begins as NaN so that its fields hold doubles from the start.
 */
interface QuantileSample {
  count: number;
  /** Standard normal: by how much the sample's ranks are off. */
  error: number;
  /** What delays requests beside the twin's laws, as a logarithm. */
  noise: number;
  /** Uniform: where in a bucket the histogram puts it. */
  place: number;
}

/** Writes latency quantiles as histograms of finitely many requests show them. */
export class LatencyQuantiles {
  readonly #columns: SeriesColumns;
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;
  readonly #law = createLaw();
  readonly #sample: QuantileSample = {
    count: Number.NaN,
    error: Number.NaN,
    noise: Number.NaN,
    place: Number.NaN,
  };

  constructor(parts: { columns: SeriesColumns; noise: NoiseBank; counting: CountingNoise }) {
    this.#columns = parts.columns;
    this.#noise = parts.noise;
    this.#counting = parts.counting;
  }

  /** Writes the quantiles of `count` requests. */
  write({ values, number, table }: Scrape, calls: MeasuredCalls, count: number): void {
    const { group, countedBy, quantiles } = calls;
    const { entity } = group;
    const first = group.first + 2;
    const latency = calls.flow.readLatency(this.#law);
    const sample = this.#sample;
    sample.count = count;
    sample.error = this.#counting.quantileError(entity, number);
    this.#noise.move(first, this.#columns.entityOf(first), number);
    sample.noise = this.#noise.sizeOf(first, countedBy, latencyNoise) * this.#noise.latest(first);
    sample.place = this.#counting.bucketPlace(entity, number);
    // A bucket is a thousand times as wide as what the table of large systems is off.
    const gamma = quantileFor(table.pods.length);
    // Most laws are plain gammas, and what asks for more than their quantile makes garbage.
    const isQuick = latency.midShare + latency.slowShare + latency.failShare <= 0;
    for (let i = 0; i < quantiles.length; i += 1) {
      const q = quantiles[i] as number;
      const rank = rankOf(q, sample);
      const ms = isQuick
        ? quickQuantile(latency, rank, gamma)
        : latencyQuantileMs(latency, rank, gamma);
      values[first + i] = seenQuantileMs(ms, q, sample);
    }
  }
}

/** The rank of an order statistic errs by √(q(1 − q)/count). */
function rankOf(q: number, { count, error }: QuantileSample): number {
  const rank = q + error * Math.sqrt((q * (1 - q)) / count);
  const edge = 1 / (2 * count + 2);
  return Math.min(Math.max(rank, edge), 1 - edge);
}

/**
 * What a histogram shows of the law's quantile at that rank, scattered as much as a heavy tail
 * would.
 */
function seenQuantileMs(ms: number, q: number, sample: QuantileSample): number {
  const { count, error, noise, place } = sample;
  const beyond = count * (1 - q);
  // The median needs no help: there the law's own density decides.
  const tail = (2 * q - 1) / (latencyTailIndex * Math.sqrt(beyond + 1));
  return bucketedQuantileMs(Math.log(ms) + noise + tail * heavyTail(error), beyond, place);
}
