import type { PodView } from '../cluster-view.ts';
import { flowAt } from './flows-by-pod.ts';
import type { CountingNoise, NoiseBank } from './noise.ts';
import { cpuNoise, daemonMemoryNoise, daemonMemoryShare } from './noise.ts';
import { type Housekeeping, PeriodicWork, podFactor } from './periodic-work.ts';
import type { PodSites } from './pod-sites.ts';
import type { Scrape } from './scrape.ts';
import type { SeriesColumns } from './series-columns.ts';
import { type Agents, SidecarAgents } from './sidecar-agents.ts';
import { type Habit, WorkingSets } from './working-set.ts';

/** Share of the CPU noise's variance that all pods of a node have in common, as square roots. */
const commonPart: number = Math.sqrt(0.4);
const ownPart: number = Math.sqrt(0.6);
/** CPU throttling is counted in CFS periods of 100 ms. */
const cfsPeriodMs = 100;

/** What a service's pods have in common. */
interface ServiceTraits {
  readonly component: string;
  readonly habit: Habit;
  readonly work: Housekeeping;
  readonly agents: Agents;
}

/** A pod's number in the scrape's table, its first column, and CFS periods in the window. */
interface PodPlace {
  readonly i: number;
  readonly first: number;
  readonly periods: number;
  readonly sites: PodSites;
  readonly traits: ServiceTraits;
}

/** Writes what kubelets, node exporters and the API server's exporter tell of pods and nodes. */
export class ResourceMetrics {
  readonly #columns: SeriesColumns;
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;
  readonly #work: PeriodicWork;
  readonly #agents: SidecarAgents;
  readonly #workingSets: WorkingSets;
  /** By the numbers that tables give to services. */
  readonly #traits: ServiceTraits[] = [];

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
    this.#agents = new SidecarAgents(parts.seed);
    this.#workingSets = new WorkingSets(parts.noise, parts.counting);
  }

  /** Writes the pods of the scrape's table at their sites. */
  writePods(scrape: Scrape, sites: PodSites): void {
    const { services, service } = scrape.table;
    for (let s = this.#traits.length; s < services.length; s += 1) {
      this.#traits.push(this.#traitsOf(services[s] as string));
    }
    const periods = Math.round((scrape.seconds * 1000) / cfsPeriodMs);
    // One object for all pods: an object each is a megabyte of garbage in a large system.
    const at = { i: 0, first: -1, periods, sites, traits: this.#traits[0] as ServiceTraits };
    for (let i = 0; i < service.length; i += 1) {
      const first = sites.first[i] as number;
      if (first < 0) continue;
      at.i = i;
      at.first = first;
      at.traits = this.#traits[service[i] as number] as ServiceTraits;
      this.#writePod(scrape, at);
    }
  }

  #traitsOf(component: string): ServiceTraits {
    return {
      component,
      habit: this.#workingSets.habitOf(component),
      work: this.#work.housekeepingOf(component),
      agents: this.#agents.agentsOf(component),
    };
  }

  #writePod(scrape: Scrape, at: PodPlace): void {
    const { values, number, window, reach, table } = scrape;
    const { i, first, periods, sites, traits } = at;
    const pod = table.pods[i] as PodView;
    const entity = table.entity[i] as number;
    if (scrape.stateSeen) {
      values[first + 4] = table.restarts[i] as number;
      values[first + 5] = table.inEndpoints[i] as number;
    }
    const flow = flowAt(window, i, pod);
    if (!flow || !reach.hasPod(i) || !reach.hasTarget(entity)) return;
    if (!reach.isInTime(flow.throttledRatio, entity)) return;
    const memoryLimitBytes = table.memoryLimitBytes[i] as number;
    if (memoryLimitBytes > 0) {
      const memoryEntity = sites.memoryEntity[i] as number;
      const column = { channel: first + 2, entity: memoryEntity, scrape: number };
      const bytes = this.#workingSets.measured(flow.memoryBytes, traits, column);
      values[first + 2] = Math.min(bytes, memoryLimitBytes) / memoryLimitBytes;
    }
    if (table.isListening[i] === 1) {
      values[first + 3] = this.#counting.count(flow.inFlight, entity, number);
    }
    // A rate needs two samples of one process.
    const restarted = (table.startedUs[i] as number) > window.fromMs * 1000;
    if (restarted || !reach.hadTarget(entity, pod)) return;
    const cpuLimitCores = table.cpuLimitCores[i] as number;
    if (cpuLimitCores > 0) {
      const busy = flow.cpuCores + traits.work.idleCores;
      const cores = busy * this.#podCpuFactor(scrape, at, flow.requestsPerSec);
      values[first] = Math.min(cores / cpuLimitCores, 1);
    }
    const own = flow.throttledRatio;
    const throttled = this.#agents.throttledRatio(traits.agents, own, window.untilMs);
    values[first + 1] = this.#counting.failures(periods, throttled, entity, number) / periods;
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

  writeNodes({ window, values, number, stateSeen, view, reach }: Scrape): void {
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
    }
  }

  /** Share of a node's memory that its own daemons and the kernel hold. */
  #daemonShare(column: number, node: string, scrape: number): number {
    const noise = this.#noise.at(column, this.#columns.entityOf(column), scrape);
    return (
      daemonMemoryShare * Math.exp(this.#noise.sizeOf(column, node, daemonMemoryNoise) * noise)
    );
  }

  /** A pod's CPU over what its flow says: its requests' chance, its own timers, and noise. */
  #podCpuFactor(scrape: Scrape, at: PodPlace, requestsPerSec: number): number {
    const { number, seconds, window, table } = scrape;
    const { i, first, sites, traits } = at;
    const entity = table.entity[i] as number;
    const cpuEntity = sites.cpuEntity[i] as number;
    this.#noise.move(first, cpuEntity, number);
    const common = sites.common[i] as number;
    if (common >= 0) this.#noise.move(common, sites.commonEntity[i] as number, number);
    const log =
      this.#counting.demandLog(requestsPerSec * seconds, entity, number) +
      this.#cpuLog(first, common, traits.component);
    return (
      Math.exp(log) *
      this.#counting.windowPart(entity, number) *
      podFactor(traits.work, entity, window.untilMs)
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
