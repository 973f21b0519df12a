import { hashText } from '../../core/tools/index.ts';
import type { ClusterView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { Gaps } from './gaps.ts';
import { isCollectable } from './pod-identity.ts';
import type { PodTable } from './pod-table.ts';
import type { Place, TelemetryLoss } from './telemetry-loss.ts';

/** What the scraper got hold of at one scrape. */
export class MetricsReach {
  readonly #table: PodTable;
  readonly #conditions: Conditions;
  readonly #gaps: Gaps;
  readonly #loss: TelemetryLoss;
  readonly #scrape: number;
  /** Zones of which nothing was scraped this time, and of which nothing was the time before. */
  readonly #darkZones: ReadonlySet<string>;
  readonly #darkZonesBefore: ReadonlySet<string>;
  /** Nothing at all was scraped. */
  readonly isBlind: boolean;
  readonly #wasBlind: boolean;
  /** Nothing keeps any process that runs out of reach. */
  readonly #isClear: boolean;

  constructor(options: {
    view: ClusterView;
    table: PodTable;
    conditions: Conditions;
    gaps: Gaps;
    loss: TelemetryLoss;
    scrape: number;
  }) {
    const { view, table, conditions, gaps, loss, scrape } = options;
    this.#table = table;
    this.#conditions = conditions;
    this.#gaps = gaps;
    this.#loss = loss;
    this.#scrape = scrape;
    const zones = new Set(view.nodes.map(({ zone }) => zone));
    const darkAt = (at: number): Set<string> =>
      new Set([...zones].filter((zone) => gaps.isZoneMissed(zone, at)));
    this.#darkZones = darkAt(scrape);
    this.#darkZonesBefore = darkAt(scrape - 1);
    this.isBlind = gaps.isAllMissed(scrape);
    this.#wasBlind = gaps.isAllMissed(scrape - 1);
    const { unpoweredNodes, isolatedZones } = conditions;
    const away = unpoweredNodes.size + isolatedZones.size + this.#darkZones.size;
    this.#isClear = loss.isNone && away === 0;
  }

  /** Whether the processes of pod number `i` are within reach; a single target may be missed. */
  hasPod(i: number): boolean {
    if (this.#isClear) return this.#table.isRunning[i] === 1;
    const pod = this.#table.pods[i] as PodView;
    if (!isCollectable(pod, this.#conditions)) return false;
    if (this.#darkZones.size > 0 && this.#darkZones.has(pod.zone)) return false;
    return this.#loss.isNone || !this.#isLost(pod, `${pod.workload}/${pod.ordinal}`);
  }

  /** Whether the node's exporter is within reach. */
  hasNode(node: string, zone: string): boolean {
    const { unpoweredNodes, rebootingNodes, isolatedZones } = this.#conditions;
    if (unpoweredNodes.has(node) || rebootingNodes.has(node)) return false;
    if (isolatedZones.has(zone)) return false;
    if (this.#darkZones.has(zone)) return false;
    return this.#loss.isNone || !this.#isLost({ service: '', node, zone }, node);
  }

  /** Whether the target was scraped, given that it is within reach. */
  hasTarget(entity: number): boolean {
    return !this.#gaps.isMissed(entity, this.#scrape);
  }

  /** The same of a target outside zones and nodes: the load balancer, the API server's exporter. */
  hasOutsider(entity: number): boolean {
    return this.hasTarget(entity) && !this.#loss.isLost('metrics', null, entity, this.#scrape);
  }

  /** Whether it was scraped the time before too, as a rate needs. */
  hadTarget(entity: number, place: { readonly zone: string }): boolean {
    if (this.#wasBlind) return false;
    if (this.#darkZonesBefore.size > 0 && this.#darkZonesBefore.has(place.zone)) return false;
    return !this.#gaps.isMissed(entity, this.#scrape - 1);
  }

  /** Whether a process short of CPU answered its scraper in time. */
  isInTime(pod: { readonly throttledRatio: number }, entity: number): boolean {
    return !this.#gaps.isLate(pod.throttledRatio, entity, this.#scrape);
  }

  #isLost(place: Place, name: string): boolean {
    return this.#loss.isLost('metrics', place, hashText(name), this.#scrape);
  }
}
