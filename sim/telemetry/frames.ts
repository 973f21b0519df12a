import type { MetricsFrame } from '../../core/observable/index.ts';
import type { JourneySpec, TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow, JourneyFlow, LatencyLaw, PodFlow } from '../data-plane/flow-state.ts';
import { gammaQuantile } from '../data-plane/gamma.ts';
import { gammaQuantileNear } from '../data-plane/gamma-table.ts';
import { isLarge } from '../data-plane/large-systems.ts';
import { type GammaQuantile, latencyQuantileMs } from '../data-plane/latency-law.ts';
import type { Gaps } from './gaps.ts';
import { bucketedQuantileMs } from './histogram-quantile.ts';
import { ItemCounters } from './item-counters.ts';
import { CountingNoise, heavyTail, latencyNoise, latencyTailIndex, NoiseBank } from './noise.ts';
import type { PodIdentities } from './pod-identity.ts';
import { PodSites } from './pod-sites.ts';
import type { PodTable } from './pod-table.ts';
import { ResourceMetrics } from './resource-metrics.ts';
import type { Scrape } from './scrape.ts';
import { beginScrape } from './scrape.ts';
import { SeriesColumns } from './series-columns.ts';
import { StoreMetrics } from './store-metrics.ts';
import type { TelemetryLoss } from './telemetry-loss.ts';

interface FrameOptions {
  readonly spec: TwinSpec;
  readonly seed: number;
  readonly scrapeIntervalMs: number;
  readonly identities: PodIdentities;
  readonly gaps: Gaps;
}

/** The pods that answer users in a window, by service. */
interface Served {
  readonly window: FlowWindow;
  readonly entries: ReadonlyMap<string, readonly PodFlow[]>;
}

/** What one frame shows. */
interface Scene {
  readonly window: FlowWindow;
  readonly view: ClusterView;
  readonly table: PodTable;
  readonly conditions: Conditions;
  readonly loss: TelemetryLoss;
}

/**
 * Writes one metrics frame per scrape window. Rates are between the last two samples, latency
 * quantiles come from the window's finite number of requests, through native histograms.
 */
export class FrameWriter {
  readonly #options: FrameOptions;
  readonly #columns: SeriesColumns;
  readonly #sites: PodSites;
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;
  readonly #items: ItemCounters;
  /** Journeys on which users order items, by name. */
  readonly #buying: ReadonlyMap<string, Purchase>;
  /** The last frame's values; what stands still repeats them. */
  #latest: Float64Array;
  #served: Served | null = null;
  readonly #resources: ResourceMetrics;
  readonly #stores: StoreMetrics;

  constructor(options: FrameOptions, source?: FrameWriter) {
    this.#options = options;
    this.#columns = new SeriesColumns(options.spec, source ? source.#columns : undefined);
    this.#sites = new PodSites(this.#columns, options.identities);
    this.#buying = source ? source.#buying : findPurchases(options.spec);
    this.#noise = source ? source.#noise.fork() : new NoiseBank(options.seed);
    this.#counting = source ? source.#counting : new CountingNoise(options.seed);
    this.#resources = new ResourceMetrics({
      seed: options.seed,
      columns: this.#columns,
      noise: this.#noise,
      counting: this.#counting,
    });
    this.#stores = new StoreMetrics(options.spec, this.#columns, this.#counting);
    this.#items = source ? source.#items.fork() : new ItemCounters();
    this.#latest = source ? source.#latest : new Float64Array(0);
  }

  write({ window, view, table, conditions, loss }: Scene): MetricsFrame {
    this.#sites.follow(table);
    const scrape = beginScrape({
      number: Math.round(window.untilMs / this.#options.scrapeIntervalMs),
      window,
      view,
      table,
      conditions,
      columnCount: this.#columns.size,
      gaps: this.#options.gaps,
      loss,
    });
    this.#writeUsers(scrape);
    this.#writeServices(scrape);
    this.#writeEdges(scrape);
    this.#stores.write(scrape);
    this.#resources.writePods(scrape, this.#sites);
    this.#resources.writeReplicas(scrape);
    this.#resources.writeNodes(scrape);
    if (scrape.reach.isBlind) scrape.values.fill(Number.NaN);
    if (loss.hasStale) this.#freeze(scrape.values, loss);
    this.#latest = scrape.values;
    // Of a window that is told of, nobody needs to keep thousands of objects.
    this.#served = null;
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
      const noise = this.#latencyLog(group.first + 2, journey.journey, number);
      if (!scrape.reach.hasOutsider(group.entity)) continue;
      values[group.first] = count / seconds;
      if (count === 0) continue;
      values[group.first + 1] = failures / count;
      const { latency } = journey;
      const error = this.#counting.quantileError(group.entity, number);
      const place = this.#counting.bucketPlace(group.entity, number);
      const sample = { count, error, noise, place, quantile: quantileFor(scrape) };
      values[group.first + 2] = sampledQuantile(latency, 0.95, sample);
      values[group.first + 3] = sampledQuantile(latency, 0.99, sample);
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
    const purchase = this.#buying.get(journey.journey);
    if (purchase === undefined) return;
    const { spec, position } = purchase;
    const { items } = this.#columns;
    const slot = items.findIndex(
      ({ itemType, service }) => itemType === spec.itemType && service === spec.service,
    );
    const entries = this.#entries(scrape).get(spec.service) ?? [];
    const flows = entries.map((entry) => entry.operationAt(position));
    for (const failures of [false, true]) {
      const weights = flows.map((flow) => {
        if (!flow) return 0;
        return flow.requestsPerSec * (failures ? flow.errorRatio : 1 - flow.errorRatio);
      });
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      if (total <= 0) continue;
      entries.forEach(({ pod }, i) => {
        const count = ((failures ? failed : ok) * (weights[i] as number)) / total;
        this.#items.add(pod, 2 * slot + (failures ? 1 : 0), 2 * items.length, count);
      });
    }
  }

  /** The pods of the services that users order items from, by service. */
  #entries({ window, table }: Scrape): ReadonlyMap<string, readonly PodFlow[]> {
    if (this.#served?.window === window) return this.#served.entries;
    const { items } = this.#columns;
    const entries = new Map(items.map(({ service }) => [service, [] as PodFlow[]]));
    const isEntry = table.services.map((service) => entries.has(service));
    window.pods.forEach((flow, i) => {
      const isKnown = flow.pod === table.pods[i];
      if (isKnown && !isEntry[table.service[i] as number]) return;
      entries.get(flow.pod.service)?.push(flow);
    });
    this.#served = { window, entries };
    return entries;
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
    const sample: QuantileSample = {
      count,
      error: this.#counting.quantileError(group.entity, number),
      noise: this.#latencyLog(group.first + 2, countedBy, number),
      place: this.#counting.bucketPlace(group.entity, number),
      quantile: quantileFor(scrape),
    };
    for (let i = 0; i < quantiles.length; i += 1) {
      values[group.first + 2 + i] = sampledQuantile(flow.latency, quantiles[i] as number, sample);
    }
  }

  #freeze(values: Float64Array, loss: TelemetryLoss): void {
    for (let column = 0; column < values.length; column += 1) {
      if (!loss.isStale(this.#columns.placeOf(column))) continue;
      values[column] = this.#latest[column] ?? Number.NaN;
    }
  }

  /** What delays requests beside the twin's laws, as a logarithm. */
  #latencyLog(column: number, component: string, scrape: number): number {
    const noise = this.#noise.at(column, this.#columns.entityOf(column), scrape);
    return this.#noise.sizeOf(column, component, latencyNoise) * noise;
  }

  fork(): FrameWriter {
    return new FrameWriter(this.#options, this);
  }
}

/** A journey on which users order items, and the place of its operation among its service's. */
interface Purchase {
  readonly spec: JourneySpec;
  readonly position: number;
}

function findPurchases({ journeys, services }: TwinSpec): Map<string, Purchase> {
  const found = new Map<string, Purchase>();
  for (const spec of journeys) {
    if (spec.itemType === null) continue;
    const { operations } = services.find(({ name }) => name === spec.service) ?? {};
    const position = operations?.findIndex(({ name }) => name === spec.operation) ?? -1;
    if (position >= 0) found.set(spec.name, { spec, position });
  }
  return found;
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

/** The requests behind a latency quantile, and the chance in it. */
interface QuantileSample {
  readonly count: number;
  /** Standard normal: by how much the sample's ranks are off. */
  readonly error: number;
  /** What delays requests beside the twin's laws, as a logarithm. */
  readonly noise: number;
  /** Uniform: where in a bucket the histogram puts it. */
  readonly place: number;
  readonly quantile: GammaQuantile;
}

/** A bucket is a thousand times as wide as what the table of a large system's laws is off. */
function quantileFor({ view }: Scrape): GammaQuantile {
  return isLarge(view.pods.length) ? gammaQuantileNear : gammaQuantile;
}

/**
 * The q-quantile as a histogram of `count` requests shows it: an order statistic, whose rank errs by
 * √(q(1 − q)/count), scattered as much as a heavy tail would.
 */
function sampledQuantile(law: LatencyLaw, q: number, sample: QuantileSample): number {
  const { count, error, noise, place, quantile } = sample;
  const rank = q + error * Math.sqrt((q * (1 - q)) / count);
  const edge = 1 / (2 * count + 2);
  const quantileMs = latencyQuantileMs(law, Math.min(Math.max(rank, edge), 1 - edge), quantile);
  const beyond = count * (1 - q);
  // The median needs no help: there the law's own density decides.
  const tail = (2 * q - 1) / (latencyTailIndex * Math.sqrt(beyond + 1));
  const log = Math.log(quantileMs) + noise + tail * heavyTail(error);
  return bucketedQuantileMs(log, beyond, place);
}
