import type { PodView } from '../cluster-view.ts';
import type { CountingNoise, NoiseBank } from './noise.ts';
import { isCollectable } from './pod-identity.ts';
import type { Scrape } from './scrape.ts';
import type { ColumnGroup, SeriesColumns } from './series-columns.ts';

/** Relative standard deviations of measurement noise. */
const cpuNoise = 0.04;
const memoryNoise = 0.005;
/** Share of a resource's noise variance that all pods of a node have in common, as square roots. */
const commonPart: number = Math.sqrt(0.4);
const ownPart: number = Math.sqrt(0.6);
/** Memory is counted in pages, CPU throttling in CFS periods of 100 ms. */
const pageBytes = 4096;
const cfsPeriodMs = 100;

/** Writes what kubelets, node exporters and the API server's exporter tell of pods and nodes. */
export class ResourceMetrics {
  readonly #columns: SeriesColumns;
  readonly #noise: NoiseBank;
  readonly #counting: CountingNoise;

  constructor(parts: { columns: SeriesColumns; noise: NoiseBank; counting: CountingNoise }) {
    this.#columns = parts.columns;
    this.#noise = parts.noise;
    this.#counting = parts.counting;
  }

  writePod(scrape: Scrape, pod: PodView, group: ColumnGroup): void {
    const { values, number, conditions, window } = scrape;
    const { first } = group;
    if (scrape.stateSeen) {
      values[first + 4] = pod.restartCount;
      values[first + 5] = pod.inEndpoints ? 1 : 0;
    }
    const cpu = this.#resourceFactor(first, pod.node, cpuNoise, number);
    const memory = this.#resourceFactor(first + 2, pod.node, memoryNoise, number);
    const flow = scrape.flows.get(pod.uid);
    if (!flow || !isCollectable(pod, conditions)) return;
    if (this.#counting.isGap(group.entity, number)) return;
    if (pod.memoryLimitBytes > 0) {
      const bytes = Math.round((flow.memoryBytes * memory) / pageBytes) * pageBytes;
      values[first + 2] = Math.min(bytes, pod.memoryLimitBytes) / pod.memoryLimitBytes;
    }
    if (pod.listening) {
      values[first + 3] = this.#counting.count(flow.inFlight, group.entity, number);
    }
    // A rate needs two samples of one process.
    const restarted = pod.processStartedUs > window.fromMs * 1000;
    if (restarted || this.#counting.isGap(group.entity, number - 1)) return;
    if (pod.cpuLimitCores > 0) {
      values[first] = Math.min((flow.cpuCores * cpu) / pod.cpuLimitCores, 1);
    }
    const periods = Math.round((scrape.seconds * 1000) / cfsPeriodMs);
    values[first + 1] =
      this.#counting.failures(periods, flow.throttledRatio, group.entity, number) / periods;
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

  writeNodes({ window, values, number, conditions, stateSeen, view }: Scrape): void {
    for (const node of view.nodes) {
      const group = this.#columns.nodes.get(node.name);
      if (group && stateSeen) values[group.first] = node.ready ? 1 : 0;
    }
    for (const { node, cpuCores, memoryBytes } of window.nodes) {
      const group = this.#columns.nodes.get(node.name);
      if (!group) continue;
      const cpu = this.#resourceFactor(group.first + 1, node.name, cpuNoise, number);
      const memory = this.#resourceFactor(group.first + 2, node.name, memoryNoise, number);
      if (conditions.unpoweredNodes.has(node.name) || conditions.isolatedZones.has(node.zone)) {
        continue;
      }
      if (this.#counting.isGap(group.entity, number)) continue;
      const bytes = Math.round((memoryBytes * memory) / pageBytes) * pageBytes;
      values[group.first + 2] = Math.min(bytes / node.memoryBytes, 1);
      if (this.#counting.isGap(group.entity, number - 1)) continue;
      values[group.first + 1] = Math.min((cpuCores * cpu) / node.cpuCores, 1);
    }
  }

  /** A factor around 1 made of the column's own noise and what is common to its node. */
  #resourceFactor(column: number, node: string, size: number, scrape: number): number {
    const own = this.#noise.at(column, this.#columns.entityOf(column), scrape);
    // `node_ready` has no noise of its own: its channel carries the node's common factor.
    const common = this.#columns.nodes.get(node)?.first;
    const shared =
      common === undefined ? 0 : this.#noise.at(common, this.#columns.entityOf(common), scrape);
    return Math.exp(size * (ownPart * own + commonPart * shared));
  }
}
