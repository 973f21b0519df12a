import type { KindMap } from '../../core/observable/index.ts';
import { claimsOf, repels } from './pod-claims.ts';
import { PodLogReader } from './pod-log.ts';
import { PodOrder } from './pod-order.ts';
import { emptyLoad, type NodeLoad, type PodDemand } from './scheduler-filters.ts';
import { type Cluster, type ControlState, objectsOf } from './state.ts';

type Pod = KindMap['Pod'];
type Node = KindMap['Node'];

interface KnownNode {
  readonly object: Node;
  load: NodeLoad;
}

interface KnownPod {
  readonly pod: Pod;
  /** Number of the node it is bound to; 0: to none. */
  readonly node: number;
}

/**
 * What the scheduler keeps of pods and nodes from round to round, as the real one does: a round
 * looks at what has changed since the last. Stored objects never change, so comparing references
 * finds all of that. Not part of the state: a fork starts a new one.
 */
export class SchedulerCache {
  readonly #order = new PodOrder<KnownPod>();
  readonly #reader = new PodLogReader();
  readonly #numberOfNode = new Map<string, number>([['', 0]]);
  #nodesByNumber = new Map<number, KnownNode>();
  readonly #repelling = new Set<Pod>();
  /** Numbers of nodes whose loads are to be added up anew. */
  readonly #stale = new Set<number>();

  /** All pods, bound or not, in order of creation, as of the last round. */
  get pods(): readonly { readonly pod: Pod }[] {
    return this.#order.all;
  }

  /** Bound pods with rules about others on their node or in their zone. */
  get repelling(): ReadonlySet<Pod> {
    return this.#repelling;
  }

  /** Looks what has changed; answers the pods that are bound to no node, in order of creation. */
  follow(cluster: Cluster): Pod[] {
    this.#order.follow(cluster, this.#reader.changed(cluster), {
      keep: (pod, before) => this.#keep(pod, before),
      drop: (known) => this.#forget(known),
    });
    const unbound: Pod[] = [];
    for (const { pod, node } of this.#order.all) if (node === 0) unbound.push(pod);
    return unbound;
  }

  /** All nodes in name order, loaded with the pods bound to them as of the last look. */
  loads(cluster: Cluster): NodeLoad[] {
    const known = new Map<number, KnownNode>();
    for (const object of objectsOf(cluster, 'Node').values()) {
      const n = this.#numberOf(object.metadata?.name ?? '');
      const before = this.#nodesByNumber.get(n);
      const isSame = before?.object === object && !this.#stale.has(n);
      if (!isSame) this.#stale.add(n);
      known.set(n, isSame ? before : { object, load: emptyLoad(object) });
    }
    this.#nodesByNumber = known;
    if (this.#stale.size > 0) this.#addUp(cluster);
    return [...known.values()].map(({ load }) => load).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Reserves what a pod asks of a node; the next round adds the node's load up anew. */
  occupy(load: NodeLoad, { cpuCores, memoryBytes, workload, hostPorts }: PodDemand): void {
    load.cpuCores += cpuCores;
    load.memoryBytes += memoryBytes;
    load.pods += 1;
    for (const port of hostPorts) load.hostPorts.add(port);
    load.workloads.set(workload, (load.workloads.get(workload) ?? 0) + 1);
    this.#stale.add(this.#numberOf(load.name));
  }

  #numberOf(node: string): number {
    const known = this.#numberOfNode.get(node);
    if (known !== undefined) return known;
    this.#numberOfNode.set(node, this.#numberOfNode.size);
    return this.#numberOfNode.size - 1;
  }

  #addUp(cluster: Cluster): void {
    for (const { pod, node } of this.#order.all) {
      if (!this.#stale.has(node)) continue;
      const load = this.#nodesByNumber.get(node)?.load;
      if (load) addPod(cluster, load, pod);
    }
    this.#stale.clear();
  }

  #keep(pod: Pod, before: KnownPod | undefined): KnownPod {
    if (before?.pod === pod) return before;
    if (before) this.#forget(before);
    const node = this.#numberOf(pod.spec?.nodeName ?? '');
    this.#stale.add(node);
    if (node !== 0 && repels(pod)) this.#repelling.add(pod);
    return { pod, node };
  }

  #forget({ pod, node }: KnownPod): void {
    this.#stale.add(node);
    this.#repelling.delete(pod);
  }
}

function addPod(cluster: Cluster, load: NodeLoad, pod: Pod): void {
  const { isFinished, cpuCores, memoryBytes, hostPorts, workload } = claimsOf(cluster, pod);
  if (isFinished) return;
  load.cpuCores += cpuCores;
  load.memoryBytes += memoryBytes;
  load.pods += 1;
  for (const port of hostPorts) load.hostPorts.add(port);
  if (pod.metadata?.deletionTimestamp) return;
  load.workloads.set(workload, (load.workloads.get(workload) ?? 0) + 1);
}

const caches = new WeakMap<ControlState, SchedulerCache>();

/** The cache of a cluster's scheduler. */
export function schedulerCacheOf({ state }: Cluster): SchedulerCache {
  const known = caches.get(state);
  if (known) return known;
  const created = new SchedulerCache();
  caches.set(state, created);
  return created;
}
