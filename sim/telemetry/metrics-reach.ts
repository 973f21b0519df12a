import { hashText } from '../../core/tools/index.ts';
import type { ClusterView, PodView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { Gaps } from './gaps.ts';
import { isCollectable } from './pod-identity.ts';
import type { Place, TelemetryLoss } from './telemetry-loss.ts';

/** What the scraper got hold of at one scrape. */
export class MetricsReach {
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

  constructor(options: {
    view: ClusterView;
    conditions: Conditions;
    gaps: Gaps;
    loss: TelemetryLoss;
    scrape: number;
  }) {
    const { view, conditions, gaps, loss, scrape } = options;
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
  }

  /** Whether the pod's processes are within reach; a single target may still be missed. */
  hasPod(pod: PodView): boolean {
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
  hadTarget(entity: number, zone: string): boolean {
    if (this.#wasBlind) return false;
    if (this.#darkZonesBefore.size > 0 && this.#darkZonesBefore.has(zone)) return false;
    return !this.#gaps.isMissed(entity, this.#scrape - 1);
  }

  /** Whether a process short of CPU answered its scraper in time. */
  isInTime(throttledRatio: number, entity: number): boolean {
    return !this.#gaps.isLate(throttledRatio, entity, this.#scrape);
  }

  #isLost(place: Place, name: string): boolean {
    return this.#loss.isLost('metrics', place, hashText(name), this.#scrape);
  }
}
