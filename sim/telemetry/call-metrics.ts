import type { CountingNoise } from './noise.ts';
import type { LatencyQuantiles, MeasuredCalls } from './sampled-quantile.ts';
import type { Scrape } from './scrape.ts';
import type { SeriesColumns } from './series-columns.ts';

/** Latency columns in the order in which they follow rate and error ratio. */
const serviceQuantiles = [0.5, 0.95, 0.99] as const;
const edgeQuantiles = [0.95] as const;

/** Calls, and what counts them besides their latencies. */
interface CountedCalls extends MeasuredCalls {
  readonly flow: MeasuredCalls['flow'] & {
    readonly requestsPerSec: number;
    readonly errorRatio: number;
  };
}

/** Writes rates, error ratios and latencies of services and edges, as processes count them. */
export class CallMetrics {
  readonly #columns: SeriesColumns;
  readonly #counting: CountingNoise;
  readonly #latencies: LatencyQuantiles;

  constructor(parts: {
    columns: SeriesColumns;
    counting: CountingNoise;
    latencies: LatencyQuantiles;
  }) {
    this.#columns = parts.columns;
    this.#counting = parts.counting;
    this.#latencies = parts.latencies;
  }

  write(scrape: Scrape): void {
    for (const flow of scrape.window.services) {
      const group = this.#columns.services.get(flow.service);
      if (!group) continue;
      this.#write(scrape, { flow, group, countedBy: flow.service, quantiles: serviceQuantiles });
    }
    for (const flow of scrape.window.edges) {
      const group = this.#columns.edges.get(flow.from)?.get(flow.to);
      // The caller's processes count these, so it is they who must be within reach.
      if (!group) continue;
      this.#write(scrape, { flow, group, countedBy: flow.from, quantiles: edgeQuantiles });
    }
  }

  #write(scrape: Scrape, calls: CountedCalls): void {
    const { values, number, seconds, visibleShares, reach } = scrape;
    const { group, flow, countedBy } = calls;
    const { first, entity } = group;
    const visible = visibleShares.get(countedBy);
    if (visible === undefined || !reach.hasTarget(entity)) return;
    const count = this.#counting.requests(flow.requestsPerSec * visible * seconds, entity, number);
    values[first] = count / seconds;
    if (count === 0) return;
    values[first + 1] = this.#counting.failures(count, flow.errorRatio, entity, number) / count;
    this.#latencies.write(scrape, calls, count);
  }
}
