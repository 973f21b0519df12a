import type { MetricsFrame } from '../../core/observable/index.ts';
import type { JourneySpec, TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow, JourneyFlow, LatencyLaw, PodFlow } from '../data-plane/flow-state.ts';
import { latencyQuantileMs } from '../data-plane/latency-law.ts';
import { ItemCounters } from './item-counters.ts';
import { CountingNoise, NoiseBank } from './noise.ts';
import type { PodIdentities } from './pod-identity.ts';
import { ResourceMetrics } from './resource-metrics.ts';
import type { Scrape } from './scrape.ts';
import { beginScrape } from './scrape.ts';
import type { ColumnGroup } from './series-columns.ts';
import { SeriesColumns } from './series-columns.ts';

/** Relative standard deviation of the noise of latency quantiles. */
const latencyNoise = 0.02;

interface FrameOptions {
  readonly spec: TwinSpec;
  readonly seed: number;
  readonly scrapeIntervalMs: number;
  readonly identities: PodIdentities;
}

/**
 * Writes one metrics frame per scrape window. Rates are between the last two samples, latency
 * quantiles come from the window's finite number of requests (native histograms, no bucket error).
 */
export class FrameWriter {
  readonly #options: FrameOptions;
  readonly #columns: SeriesColumns;
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;
  readonly #items: ItemCounters;
  readonly #resources: ResourceMetrics;

  constructor(options: FrameOptions, source?: FrameWriter) {
    this.#options = options;
    this.#columns = new SeriesColumns(options.spec, source ? source.#columns : undefined);
    this.#noise = source ? source.#noise.fork() : new NoiseBank(options.seed);
    this.#counting = source ? source.#counting : new CountingNoise(options.seed);
    this.#resources = new ResourceMetrics({
      columns: this.#columns,
      noise: this.#noise,
      counting: this.#counting,
    });
    this.#items = source ? source.#items.fork() : new ItemCounters();
  }

  write(window: FlowWindow, view: ClusterView, conditions: Conditions): MetricsFrame {
    // A pod without a node has no place to be told of yet; its labels must not change later.
    const pods = view.pods.filter((pod) => pod.node !== '');
    const groups = pods.map((pod) =>
      this.#columns.pod(pod.namespace, this.#options.identities.of(pod)),
    );
    const scrape = beginScrape({
      number: Math.round(window.untilMs / this.#options.scrapeIntervalMs),
      window,
      view,
      conditions,
      columnCount: this.#columns.size,
      counting: this.#counting,
    });
    this.#writeUsers(scrape);
    this.#writeServices(scrape);
    this.#writeEdges(scrape);
    for (let i = 0; i < groups.length; i += 1) {
      this.#resources.writePod(scrape, pods[i] as PodView, groups[i] as ColumnGroup);
    }
    this.#resources.writeReplicas(scrape);
    this.#resources.writeNodes(scrape);
    return { atMs: window.untilMs, index: this.#columns.index, values: scrape.values };
  }

  #writeUsers(scrape: Scrape): void {
    const { window, values, number, seconds } = scrape;
    this.#items.prune(scrape.view.pods);
    for (const journey of window.journeys) {
      const group = this.#columns.users.get(journey.journey);
      if (!group) continue;
      // The data plane counts users in whole numbers; nothing is left to chance here.
      const count = Math.round(journey.offeredPerSec * seconds);
      const failures = this.#counting.failures(count, journey.errorRatio, group.entity, number);
      this.#countItems(scrape, journey, count - failures, failures);
      const noise = this.#latencyFactor(group.first + 2, number);
      if (this.#counting.isGap(group.entity, number)) continue;
      values[group.first] = count / seconds;
      if (count === 0) continue;
      values[group.first + 1] = failures / count;
      const { latency } = journey;
      const error = this.#counting.quantileError(group.entity, number);
      values[group.first + 2] = noise * sampledQuantile(latency, 0.95, count, error);
      values[group.first + 3] = noise * sampledQuantile(latency, 0.99, count, error);
    }
    const { items } = this.#columns;
    for (let i = 0; i < items.length; i += 1) {
      const { first } = items[i] as { first: number };
      values[first] = this.#items.total(2 * i);
      values[first + 1] = this.#items.total(2 * i + 1);
    }
  }

  /** Books a journey's outcomes on the processes that produced them. */
  #countItems(scrape: Scrape, journey: JourneyFlow, ok: number, failed: number): void {
    const spec = this.#options.spec.journeys.find(
      ({ name }) => name === journey.journey,
    ) as JourneySpec;
    if (spec.itemType === null) return;
    const { items } = this.#columns;
    const slot = items.findIndex(
      ({ itemType, service }) => itemType === spec.itemType && service === spec.service,
    );
    const entries = scrape.window.pods.filter(({ pod }) => pod.service === spec.service);
    const weigh = ({ operations }: PodFlow, failures: boolean): number => {
      const flow = operations.find(({ operation }) => operation === spec.operation);
      if (!flow) return 0;
      return flow.requestsPerSec * (failures ? flow.errorRatio : 1 - flow.errorRatio);
    };
    for (const failures of [false, true]) {
      const total = entries.reduce((sum, flow) => sum + weigh(flow, failures), 0);
      if (total <= 0) continue;
      for (const flow of entries) {
        const count = ((failures ? failed : ok) * weigh(flow, failures)) / total;
        this.#items.add(flow.pod, 2 * slot + (failures ? 1 : 0), 2 * items.length, count);
      }
    }
  }

  #writeServices(scrape: Scrape): void {
    for (const flow of scrape.window.services) {
      const group = this.#columns.services.get(flow.service);
      if (group)
        this.#writeCalls(scrape, { group, flow, countedBy: flow.service }, serviceQuantiles);
    }
  }

  #writeEdges(scrape: Scrape): void {
    for (const flow of scrape.window.edges) {
      const group = this.#columns.edges.get(flow.from)?.get(flow.to);
      // The caller's processes count these, so it is they who must be within reach.
      if (group) this.#writeCalls(scrape, { group, flow, countedBy: flow.from }, edgeQuantiles);
    }
  }

  /** Rate, error ratio and latency quantiles of calls, as the processes of one service count them. */
  #writeCalls(scrape: Scrape, calls: CountedCalls, quantiles: readonly number[]): void {
    const { values, number, seconds, visibleShares } = scrape;
    const { group, flow, countedBy } = calls;
    // Drawn before anything can be missing, so that no outage shifts later noise.
    const noise = this.#latencyFactor(group.first + 2, number);
    const visible = visibleShares.get(countedBy);
    if (visible === undefined || this.#counting.isGap(group.entity, number)) return;
    const mean = flow.requestsPerSec * visible * seconds;
    const count = this.#counting.requests(mean, group.entity, number);
    values[group.first] = count / seconds;
    if (count === 0) return;
    values[group.first + 1] =
      this.#counting.failures(count, flow.errorRatio, group.entity, number) / count;
    const error = this.#counting.quantileError(group.entity, number);
    for (let i = 0; i < quantiles.length; i += 1) {
      const quantile = sampledQuantile(flow.latency, quantiles[i] as number, count, error);
      values[group.first + 2 + i] = noise * quantile;
    }
  }

  #latencyFactor(column: number, scrape: number): number {
    const noise = this.#noise.at(column, this.#columns.entityOf(column), scrape);
    return Math.exp(latencyNoise * noise);
  }

  fork(): FrameWriter {
    return new FrameWriter(this.#options, this);
  }
}

/** Latency columns in the order in which they follow rate and error ratio. */
const serviceQuantiles = [0.5, 0.95, 0.99] as const;
const edgeQuantiles = [0.95] as const;

/** Calls, the columns they are written to, and the service whose processes count them. */
interface CountedCalls {
  readonly group: { readonly first: number; readonly entity: number };
  readonly flow: {
    readonly requestsPerSec: number;
    readonly errorRatio: number;
    readonly latency: LatencyLaw;
  };
  readonly countedBy: string;
}

/**
 * The q-quantile as `count` requests show it: an order statistic, whose rank errs by
 * √(q(1 − q)/count). `error` is standard normal.
 */
function sampledQuantile(law: LatencyLaw, q: number, count: number, error: number): number {
  const rank = q + error * Math.sqrt((q * (1 - q)) / count);
  const edge = 1 / (2 * count + 2);
  return latencyQuantileMs(law, Math.min(Math.max(rank, edge), 1 - edge));
}
