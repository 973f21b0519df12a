import type { LatencyLaw } from '../data-plane/flow-state.ts';
import type { CountingNoise, NoiseBank } from './noise.ts';
import { type QuantileSample, quantileFor, sampledQuantile } from './sampled-quantile.ts';
import type { Scrape } from './scrape.ts';
import type { ColumnGroup, SeriesColumns } from './series-columns.ts';

/** Latency columns in the order in which they follow rate and error ratio. */
const serviceQuantiles = [0.5, 0.95, 0.99] as const;
const edgeQuantiles = [0.95] as const;

/** Calls, the columns they are written to, and the service whose processes count them. */
interface CountedCalls {
  readonly group: ColumnGroup;
  readonly flow: {
    readonly requestsPerSec: number;
    readonly errorRatio: number;
    readonly latency: LatencyLaw;
  };
  readonly countedBy: string;
}

/** Writes rates, error ratios and latencies of services and edges, as processes count them. */
export class CallMetrics {
  readonly #columns: SeriesColumns;
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;

  constructor(parts: { columns: SeriesColumns; noise: NoiseBank; counting: CountingNoise }) {
    this.#columns = parts.columns;
    this.#noise = parts.noise;
    this.#counting = parts.counting;
  }

  write(scrape: Scrape): void {
    for (const flow of scrape.window.services) {
      const group = this.#columns.services.get(flow.service);
      if (group) this.#write(scrape, { group, flow, countedBy: flow.service }, serviceQuantiles);
    }
    for (const flow of scrape.window.edges) {
      const group = this.#columns.edges.get(flow.from)?.get(flow.to);
      // The caller's processes count these, so it is they who must be within reach.
      if (group) this.#write(scrape, { group, flow, countedBy: flow.from }, edgeQuantiles);
    }
  }

  #write(scrape: Scrape, calls: CountedCalls, quantiles: readonly number[]): void {
    const { values, number, seconds, visibleShares, reach } = scrape;
    const { group, flow, countedBy } = calls;
    const visible = visibleShares.get(countedBy);
    if (visible === undefined || !reach.hasTarget(group.entity)) return;
    const mean = flow.requestsPerSec * visible * seconds;
    const count = this.#counting.requests(mean, group.entity, number);
    values[group.first] = count / seconds;
    if (count === 0) return;
    values[group.first + 1] =
      this.#counting.failures(count, flow.errorRatio, group.entity, number) / count;
    const column = group.first + 2;
    const place = { component: countedBy, scrape: number };
    const sample: QuantileSample = {
      count,
      error: this.#counting.quantileError(group.entity, number),
      noise: this.#noise.latencyLog(column, this.#columns.entityOf(column), place),
      place: this.#counting.bucketPlace(group.entity, number),
      quantile: quantileFor(scrape.view.pods.length),
    };
    const { latency } = flow;
    for (let i = 0; i < quantiles.length; i += 1) {
      values[column + i] = sampledQuantile(latency, quantiles[i] as number, sample);
    }
  }
}
