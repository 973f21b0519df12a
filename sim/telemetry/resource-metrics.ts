import type { PodView } from '../cluster-view.ts';
import type { PodFlow } from '../data-plane/flow-state.ts';
import { flowAt } from './flows-by-pod.ts';
import type { CountingNoise, NoiseBank } from './noise.ts';
import { cpuNoise, daemonMemoryNoise, daemonMemoryShare, memoryNoise } from './noise.ts';
import { PacketDrops } from './packet-drops.ts';
import { PeriodicWork, podFactor } from './periodic-work.ts';
import type { PodSites } from './pod-sites.ts';
import type { Scrape } from './scrape.ts';
import type { ColumnGroup, SeriesColumns } from './series-columns.ts';
import { ServiceTraits, trait } from './service-traits.ts';
import { SidecarAgents, throttledBeside } from './sidecar-agents.ts';
import { atRestBytes, movedBytes } from './working-set.ts';

/** Share of the CPU noise's variance that all pods of a node have in common, as square roots. */
const commonPart: number = Math.sqrt(0.4);
const ownPart: number = Math.sqrt(0.6);
/** CPU throttling is counted in CFS periods of 100 ms. */
const cfsPeriodMs = 100;

/** The pod that is written: what its columns take is found step by step. */
interface PodAtHand {
  /** Its number in the scrape's table, and its first column. */
  i: number;
  first: number;
  /** Addresses its draws. */
  entity: number;
  /** Its service's name, and where in the rows of traits that is. */
  component: string;
  row: number;
  /** CFS periods in the window. */
  readonly periods: number;
  readonly sites: PodSites;
}

/** Writes what kubelets, node exporters and the API server's exporter tell of pods and nodes. */
export class ResourceMetrics {
  readonly #columns: SeriesColumns;
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;
  readonly #work: PeriodicWork;
  readonly #drops: PacketDrops;
  readonly #traits: ServiceTraits;

  constructor(parts: {
    seed: number;
    columns: SeriesColumns;
    noise: NoiseBank;
    counting: CountingNoise;
  }) {
    this.#columns = parts.columns;
    this.#noise = parts.noise;
    this.#counting = parts.counting;
    this.#work = new PeriodicWork(parts.seed);
    this.#drops = new PacketDrops(parts.seed);
    this.#traits = new ServiceTraits(this.#work, new SidecarAgents(parts.seed));
  }

  /** Writes the pods of the scrape's table at their sites. */
  writePods(scrape: Scrape, sites: PodSites): void {
    const { services, service } = scrape.table;
    this.#traits.follow(services, scrape.window.untilMs);
    const periods = Math.round((scrape.seconds * 1000) / cfsPeriodMs);
    // One object for all pods: an object each is a megabyte of garbage in a large system.
    const at: PodAtHand = {
      i: 0,
      first: -1,
      entity: 0,
      component: '',
      row: 0,
      periods,
      sites,
    };
    for (let i = 0; i < service.length; i += 1) {
      const first = sites.first[i] as number;
      if (first < 0) continue;
      at.i = i;
      at.first = first;
      at.entity = scrape.table.entity[i] as number;
      at.component = services[service[i] as number] as string;
      at.row = this.#traits.rowOf(service[i] as number);
      this.#writePod(scrape, at);
    }
  }

  /** Step by step, since numbers that are handed on are garbage. */
  #writePod(scrape: Scrape, at: PodAtHand): void {
    const { values, window, reach, table } = scrape;
    const { i, first, entity } = at;
    const pod = table.pods[i] as PodView;
    if (scrape.stateSeen) {
      values[first + 4] = table.restarts[i] as number;
      values[first + 5] = table.inEndpoints[i] as number;
    }
    const flow = flowAt(window, i, pod);
    if (!flow || !reach.hasPod(i) || !reach.hasTarget(entity)) return;
    if (!reach.isInTime(flow, entity)) return;
    if ((table.memoryLimitBytes[i] as number) > 0) this.#writeMemory(scrape, at, flow);
    if (table.isListening[i] === 1) this.#writeInFlight(scrape, at, flow);
    // A rate needs two samples of one process.
    const restarted = (table.startedUs[i] as number) > window.fromMs * 1000;
    if (restarted || !reach.hadTarget(entity, pod)) return;
    if ((table.cpuLimitCores[i] as number) > 0) this.#writeCpu(scrape, at, flow);
    this.#writeThrottling(scrape, at, flow);
  }

  #writeMemory({ values, number, table }: Scrape, at: PodAtHand, flow: PodFlow): void {
    const { i, first, sites, component, row } = at;
    const { rows } = this.#traits;
    const column = first + 2;
    const entity = sites.memoryEntity[i] as number;
    this.#noise.move(column, entity, Math.floor(number / (rows[row + trait.hold] as number)));
    const moves = this.#noise.sizeOf(column, component, memoryNoise) * this.#noise.latest(column);
    const hasPage = rows[row + trait.jitters] === 1;
    const page = hasPage ? Math.floor(3 * this.#counting.bucketPlace(entity, number)) - 1 : 0;
    const moved = movedBytes(moves, rows[row + trait.isSymmetric] === 1, page);
    const limitBytes = table.memoryLimitBytes[i] as number;
    values[column] = Math.min(atRestBytes(flow.memoryBytes) + moved, limitBytes) / limitBytes;
  }

  #writeInFlight({ values, number }: Scrape, at: PodAtHand, flow: PodFlow): void {
    values[at.first + 3] = this.#counting.count(flow.inFlight, at.entity, number);
  }

  #writeThrottling({ values, number }: Scrape, at: PodAtHand, flow: PodFlow): void {
    const { first, entity, periods, row } = at;
    const { rows } = this.#traits;
    const throttled = throttledBeside(
      rows[row + trait.agentPeriods] as number,
      rows[row + trait.agentThrottled] as number,
      flow.throttledRatio,
    );
    values[first + 1] = this.#counting.failures(periods, throttled, entity, number) / periods;
  }

  #writeCpu(scrape: Scrape, at: PodAtHand, flow: PodFlow): void {
    const { i, first, sites, component, row } = at;
    const { rows } = this.#traits;
    const { values, number, seconds, table, window } = scrape;
    this.#noise.move(first, sites.cpuEntity[i] as number, number);
    const common = sites.common[i] as number;
    if (common >= 0) this.#noise.move(common, sites.commonEntity[i] as number, number);
    const log =
      this.#counting.demandLog(flow.requestsPerSec * seconds, at.entity, number) +
      this.#cpuLog(first, common, component);
    const busy = flow.cpuCores + (rows[row + trait.idleCores] as number);
    const cores =
      busy *
      (Math.exp(log) *
        this.#counting.windowPart(at.entity, number) *
        podFactor(
          {
            scrapes: rows[row + trait.workScrapes] as number,
            share: rows[row + trait.workShare] as number,
          },
          // The phase is a remainder, which an address below 0 must not turn negative.
          at.entity >>> 0,
          window.untilMs,
        ));
    values[first] = Math.min(cores / (table.cpuLimitCores[i] as number), 1);
  }

  writeReplicas({ view, values, stateSeen }: Scrape): void {
    if (!stateSeen) return;
    for (const { service, ready, desired } of view.workloads) {
      const group = this.#columns.replicas.get(service);
      if (!group) continue;
      values[group.first] = ready;
      values[group.first + 1] = desired;
    }
  }

  writeNodes(scrape: Scrape): void {
    const { window, values, number, stateSeen, view, reach } = scrape;
    const lost = this.#drops.lost(scrape);
    for (const node of view.nodes) {
      const group = this.#columns.nodes.get(node.name);
      if (group && stateSeen) values[group.first] = node.ready ? 1 : 0;
    }
    for (const { node, cpuCores, memoryBytes } of window.nodes) {
      const group = this.#columns.nodes.get(node.name);
      if (!group || !reach.hasNode(node.name, node.zone) || !reach.hasTarget(group.entity))
        continue;
      const daemons = this.#daemonShare(group.first + 2, node.name, number);
      values[group.first + 2] = Math.min(memoryBytes / node.memoryBytes + daemons, 1);
      if (!reach.hadTarget(group.entity, node)) continue;
      const own = this.#work.nodeCores(node.name, window.untilMs);
      const column = group.first + 1;
      this.#noise.move(column, this.#columns.entityOf(column), number);
      this.#noise.move(group.first, this.#columns.entityOf(group.first), number);
      const noise = this.#cpuLog(column, group.first, node.name);
      const cores = cpuCores * Math.exp(noise) + own;
      values[group.first + 1] = Math.min(cores / node.cpuCores, 1);
      values[group.first + 3] = this.#packetDrops(scrape, group, lost.get(node.name) ?? 0);
    }
  }

  /** Packets per second, counted in whole packets. */
  #packetDrops(scrape: Scrape, group: ColumnGroup, lostPerSec: number): number {
    const { seconds, number } = scrape;
    const usual = this.#drops.usual(group.entity, scrape);
    const entity = this.#columns.entityOf(group.first + 3);
    return this.#counting.count((usual + lostPerSec) * seconds, entity, number) / seconds;
  }

  /** Share of a node's memory that its own daemons and the kernel hold. */
  #daemonShare(column: number, node: string, scrape: number): number {
    const noise = this.#noise.at(column, this.#columns.entityOf(column), scrape);
    return (
      daemonMemoryShare * Math.exp(this.#noise.sizeOf(column, node, daemonMemoryNoise) * noise)
    );
  }

  /**
   * A logarithm made of a column's own noise and what is common to its node (−1: nothing), both
   * taken to the scrape already; the component decides how noisy it is.
   */
  #cpuLog(column: number, common: number, component: string): number {
    const shared = common < 0 ? 0 : this.#noise.latest(common);
    const size = this.#noise.sizeOf(column, component, cpuNoise);
    return size * (ownPart * this.#noise.latest(column) + commonPart * shared);
  }
}
