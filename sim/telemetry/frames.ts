import type { MetricsFrame } from '../../core/observable/index.ts';
import type { JourneySpec, TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { FlowWindow, JourneyFlow, PodFlow } from '../data-plane/flow-state.ts';
import { CallMetrics } from './call-metrics.ts';
import type { Gaps } from './gaps.ts';
import { ItemCounters } from './item-counters.ts';
import { CountingNoise, NoiseBank } from './noise.ts';
import type { PodIdentities } from './pod-identity.ts';
import { PodSites } from './pod-sites.ts';
import type { PodTable } from './pod-table.ts';
import { ResourceMetrics } from './resource-metrics.ts';
import { LatencyQuantiles } from './sampled-quantile.ts';
import { beginScrape, type Scrape } from './scrape.ts';
import { SeriesColumns } from './series-columns.ts';
import { StoreMetrics } from './store-metrics.ts';
import type { TelemetryLoss } from './telemetry-loss.ts';

/** Latency columns of users, in the order in which they follow rate and error ratio. */
const userQuantiles = [0.95, 0.99] as const;

interface FrameOptions {
  readonly spec: TwinSpec;
  readonly seed: number;
  readonly scrapeIntervalMs: number;
  readonly identities: PodIdentities;
  readonly gaps: Gaps;
}

/** The pods of the services that users order items from, by service. */
type Entries = ReadonlyMap<string, readonly PodFlow[]>;

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
  readonly #latencies: LatencyQuantiles;
  readonly #calls: CallMetrics;
  readonly #resources: ResourceMetrics;
  readonly #stores: StoreMetrics;

  constructor(options: FrameOptions, source?: FrameWriter) {
    this.#options = options;
    this.#columns = new SeriesColumns(options.spec, source ? source.#columns : undefined);
    this.#sites = new PodSites(this.#columns, options.identities);
    this.#buying = source ? source.#buying : findPurchases(options.spec);
    this.#noise = source ? source.#noise.fork() : new NoiseBank(options.seed);
    this.#counting = source ? source.#counting : new CountingNoise(options.seed);
    const parts = { columns: this.#columns, noise: this.#noise, counting: this.#counting };
    this.#latencies = new LatencyQuantiles(parts);
    this.#calls = new CallMetrics({ ...parts, latencies: this.#latencies });
    this.#resources = new ResourceMetrics({ seed: options.seed, ...parts });
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
    this.#calls.write(scrape);
    this.#stores.write(scrape);
    this.#resources.writePods(scrape, this.#sites);
    this.#resources.writeReplicas(scrape);
    this.#resources.writeNodes(scrape);
    if (scrape.reach.isBlind) scrape.values.fill(Number.NaN);
    if (loss.hasStale) this.#freeze(scrape.values, loss);
    this.#latest = scrape.values;
    return { atMs: window.untilMs, index: this.#columns.index, values: scrape.values };
  }

  #writeUsers(scrape: Scrape): void {
    const { window, values, number, seconds } = scrape;
    this.#items.prune(scrape.view.pods);
    const entries = this.#entriesOf(scrape);
    for (const journey of window.journeys) {
      const group = this.#columns.users.get(journey.journey);
      if (!group) continue;
      // The data plane counts users in whole numbers; nothing is left to chance here.
      const count = Math.round(journey.offeredPerSec * seconds);
      const failures = this.#counting.failures(count, journey.errorRatio, group.entity, number);
      this.#countItems(entries, journey, count - failures, failures);
      if (!scrape.reach.hasOutsider(group.entity)) continue;
      values[group.first] = count / seconds;
      if (count === 0) continue;
      values[group.first + 1] = failures / count;
      const calls = { flow: journey, group, countedBy: journey.journey, quantiles: userQuantiles };
      this.#latencies.write(scrape, calls, count);
    }
    const { items } = this.#columns;
    for (let i = 0; i < items.length; i += 1) {
      const { first } = items[i] as { first: number };
      values[first] = this.#items.total(2 * i);
      values[first + 1] = this.#items.total(2 * i + 1);
    }
  }

  /** Books a journey's outcomes on the processes that produced them. */
  #countItems(served: Entries, journey: JourneyFlow, ok: number, failed: number): void {
    const purchase = this.#buying.get(journey.journey);
    if (purchase === undefined) return;
    const { spec, position } = purchase;
    const { items } = this.#columns;
    const slot = items.findIndex(
      ({ itemType, service }) => itemType === spec.itemType && service === spec.service,
    );
    const entries = served.get(spec.service) ?? [];
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

  #entriesOf({ window, table }: Scrape): Entries {
    const { items } = this.#columns;
    const entries = new Map(items.map(({ service }) => [service, [] as PodFlow[]]));
    const isEntry = table.services.map((service) => entries.has(service));
    window.pods.forEach((flow, i) => {
      const isKnown = flow.pod === table.pods[i];
      if (isKnown && !isEntry[table.service[i] as number]) return;
      entries.get(flow.pod.service)?.push(flow);
    });
    return entries;
  }

  #freeze(values: Float64Array, loss: TelemetryLoss): void {
    for (let column = 0; column < values.length; column += 1) {
      if (!loss.isStale(this.#columns.placeOf(column))) continue;
      values[column] = this.#latest[column] ?? Number.NaN;
    }
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
