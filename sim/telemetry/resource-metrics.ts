import type { PodView } from '../cluster-view.ts';
import type { PodFlow } from '../data-plane/flow-state.ts';
import { flowAt } from './flows-by-pod.ts';
import type { CountingNoise, NoiseBank } from './noise.ts';
import { cpuNoise, daemonMemoryNoise, daemonMemoryShare } from './noise.ts';
import { PeriodicWork } from './periodic-work.ts';
import type { Scrape } from './scrape.ts';
import type { ColumnGroup, SeriesColumns } from './series-columns.ts';
import { SidecarAgents } from './sidecar-agents.ts';
import { WorkingSets } from './working-set.ts';

/** Share of the CPU noise's variance that all pods of a node have in common, as square roots. */
const commonPart: number = Math.sqrt(0.4);
const ownPart: number = Math.sqrt(0.6);
/** CPU throttling is counted in CFS periods of 100 ms. */
const cfsPeriodMs = 100;

/** Writes what kubelets, node exporters and the API server's exporter tell of pods and nodes. */
export class ResourceMetrics {
  readonly #columns: SeriesColumns;
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;
  readonly #work: PeriodicWork;
  readonly #agents: SidecarAgents;
  readonly #workingSets: WorkingSets;

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

  /** Writes the view's pod number `i`. */
  writePod(scrape: Scrape, i: number, group: ColumnGroup): void {
    const { values, number, window, reach } = scrape;
    const pod = scrape.view.pods[i] as PodView;
    const { first, entity } = group;
    if (scrape.stateSeen) {
      values[first + 4] = pod.restartCount;
      values[first + 5] = pod.inEndpoints ? 1 : 0;
    }
    const flow = flowAt(window, i, pod);
    if (!flow || !reach.hasPod(pod) || !reach.hasTarget(entity)) return;
    if (!reach.isInTime(flow.throttledRatio, entity)) return;
    if (pod.memoryLimitBytes > 0) {
      const bytes = this.#measuredBytes(flow.memoryBytes, first + 2, pod.service, number);
      values[first + 2] = Math.min(bytes, pod.memoryLimitBytes) / pod.memoryLimitBytes;
    }
    if (pod.listening) {
      values[first + 3] = this.#counting.count(flow.inFlight, entity, number);
    }
    // A rate needs two samples of one process.
    const restarted = pod.processStartedUs > window.fromMs * 1000;
    if (restarted || !reach.hadTarget(entity, pod.zone)) return;
    if (pod.cpuLimitCores > 0) {
      const busy = flow.cpuCores + this.#work.idleCores(pod.service);
      const cores = busy * this.#podCpuFactor(scrape, flow, group);
      values[first] = Math.min(cores / pod.cpuLimitCores, 1);
    }
    const periods = Math.round((scrape.seconds * 1000) / cfsPeriodMs);
    const throttled = this.#agents.throttledRatio(pod.service, flow.throttledRatio, window.untilMs);
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
      if (!reach.hadTarget(group.entity, node.zone)) continue;
      const own = this.#work.nodeCores(node.name, window.untilMs);
      const noise = this.#cpuLog(group.first + 1, node.name, node.name, number);
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

  #measuredBytes(bytes: number, channel: number, component: string, scrape: number): number {
    const entity = this.#columns.entityOf(channel);
    return this.#workingSets.measured(bytes, component, { channel, entity, scrape });
  }

  /** A pod's CPU over what its flow says: its requests' chance, its own timers, and noise. */
  #podCpuFactor(scrape: Scrape, { pod, requestsPerSec }: PodFlow, group: ColumnGroup): number {
    const { number, seconds, window } = scrape;
    const log =
      this.#counting.demandLog(requestsPerSec * seconds, group.entity, number) +
      this.#cpuLog(group.first, pod.node, pod.service, number);
    return (
      Math.exp(log) *
      this.#counting.windowPart(group.entity, number) *
      this.#work.podFactor(pod.service, group.entity, window.untilMs)
    );
  }

  /** A logarithm made of the column's own noise and what is common to its node. */
  #cpuLog(column: number, node: string, component: string, scrape: number): number {
    const own = this.#noise.at(column, this.#columns.entityOf(column), scrape);
    // `node_ready` has no noise of its own: its channel carries the node's common factor.
    const common = this.#columns.nodes.get(node)?.first;
    const shared =
      common === undefined ? 0 : this.#noise.at(common, this.#columns.entityOf(common), scrape);
    const size = this.#noise.sizeOf(column, component, cpuNoise);
    return size * (ownPart * own + commonPart * shared);
  }
}
