import type { KindMap } from '../../core/observable/index.ts';
import { claimsOf, repels } from './pod-claims.ts';
import { emptyLoad, type NodeLoad, type PodDemand } from './scheduler-filters.ts';
import { type Cluster, type ControlState, objectsOf } from './state.ts';

type Pod = KindMap['Pod'];
type Node = KindMap['Node'];

interface KnownNode {
  readonly object: Node;
  load: NodeLoad;
}

/**
 * What the scheduler keeps of pods and nodes from round to round, as the real one does: a round
 * looks at what has changed since the last. Stored objects never change, so comparing references
 * finds all of that. Not part of the state: a fork starts a new one.
 */
export class SchedulerCache {
  /** All pods in order of creation, and the numbers of the nodes they are bound to; 0: to none. */
  #pods: Pod[] = [];
  #nodeOfPod: number[] = [];
  readonly #numberOfNode = new Map<string, number>([['', 0]]);
  #nodesByNumber = new Map<number, KnownNode>();
  readonly #repelling = new Set<Pod>();
  /** Numbers of nodes whose loads are to be added up anew. */
  readonly #stale = new Set<number>();

  /** All pods, bound or not, as of the last round. */
  get pods(): readonly Pod[] {
    return this.#pods;
  }

  /** Bound pods with rules about others on their node or in their zone. */
  get repelling(): ReadonlySet<Pod> {
    return this.#repelling;
  }

  /** Looks what has changed; answers the pods that are bound to no node, in order of creation. */
  follow(cluster: Cluster): Pod[] {
    const pods: Pod[] = [];
    const nodes: number[] = [];
    const unbound: Pod[] = [];
    let k = 0;
    for (const pod of objectsOf(cluster, 'Pod').values()) {
      let node = this.#nodeOfPod[k];
      if (this.#pods[k] !== pod) {
        for (const until = this.#placeOf(pod, k); k < until; k += 1) this.#forget(k);
        if (this.#pods[k]?.metadata?.uid === pod.metadata?.uid) this.#forget(k);
        else k -= 1;
        node = this.#note(pod);
      }
      k += 1;
      pods.push(pod);
      nodes.push(node as number);
      if (node === 0) unbound.push(pod);
    }
    for (; k < this.#pods.length; k += 1) this.#forget(k);
    this.#pods = pods;
    this.#nodeOfPod = nodes;
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
    for (let k = 0; k < this.#pods.length; k += 1) {
      const node = this.#nodeOfPod[k] as number;
      if (!this.#stale.has(node)) continue;
      const load = this.#nodesByNumber.get(node)?.load;
      if (load) addPod(cluster, load, this.#pods[k] as Pod);
    }
    this.#stale.clear();
  }

  /** Where a pod is known from number `from` on; there as well where it is not known. */
  #placeOf({ metadata }: Pod, from: number): number {
    const known = this.#pods;
    for (let k = from; k < known.length; k += 1) {
      if (known[k]?.metadata?.uid === metadata?.uid) return k;
    }
    return from;
  }

  #forget(k: number): void {
    this.#stale.add(this.#nodeOfPod[k] as number);
    this.#repelling.delete(this.#pods[k] as Pod);
  }

  #note(pod: Pod): number {
    const node = this.#numberOf(pod.spec?.nodeName ?? '');
    this.#stale.add(node);
    if (node !== 0 && repels(pod)) this.#repelling.add(pod);
    return node;
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
