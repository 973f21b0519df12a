import type { KindMap } from '../../core/observable/index.ts';
import { claimsOf, repels } from './pod-claims.ts';
import { podLogOf } from './pod-log.ts';
import { emptyLoad, type NodeLoad, type PodDemand } from './scheduler-filters.ts';
import { type Cluster, type ControlState, objectsOf } from './state.ts';
import { keyOf } from './store.ts';

type Pod = KindMap['Pod'];
type Node = KindMap['Node'];

/** When more pods than this have changed, all of them are gone through. */
const fewPods = 64;

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
  /** By key; null until somebody asks again. */
  #known: Map<string, Pod> | null = null;
  /** Where in the log of pods the last look ended. */
  #mark = -1;
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
    const log = podLogOf(cluster);
    const noted = log.since(this.#mark);
    this.#mark = log.mark;
    if (noted !== null && noted.size <= fewPods) this.#followNoted(cluster, noted);
    else this.#followAll(cluster);
    const unbound: Pod[] = [];
    const nodes = this.#nodeOfPod;
    for (let k = nodes.indexOf(0); k >= 0; k = nodes.indexOf(0, k + 1)) {
      unbound.push(this.#pods[k] as Pod);
    }
    return unbound;
  }

  #followNoted(cluster: Cluster, noted: ReadonlySet<string>): void {
    const stored = objectsOf(cluster, 'Pod');
    this.#known ??= new Map(this.#pods.map((pod) => [keyOf(pod), pod]));
    for (const key of noted) {
      const pod = stored.get(key);
      const known: Pod | undefined = this.#known.get(key);
      if (pod === known) continue;
      const at = known ? this.#pods.indexOf(known) : this.#pods.length;
      if (known) this.#forget(at);
      if (pod === undefined) {
        this.#known.delete(key);
        this.#pods.splice(at, 1);
        this.#nodeOfPod.splice(at, 1);
        continue;
      }
      this.#known.set(key, pod);
      this.#pods[at] = pod;
      this.#nodeOfPod[at] = this.#note(pod);
    }
  }

  #followAll(cluster: Cluster): void {
    const pods: Pod[] = [];
    const nodes: number[] = [];
    let k = 0;
    for (const pod of objectsOf(cluster, 'Pod').values()) {
      const isKnown = k < this.#pods.length && this.#pods[k] === pod;
      pods.push(pod);
      if (isKnown) nodes.push(this.#nodeOfPod[k] as number);
      else {
        for (const until = this.#placeOf(pod, k); k < until; k += 1) this.#forget(k);
        if (k < this.#pods.length && isSamePod(this.#pods[k], pod)) this.#forget(k);
        else k -= 1;
        nodes.push(this.#note(pod));
      }
      k += 1;
    }
    for (; k < this.#pods.length; k += 1) this.#forget(k);
    this.#pods = pods;
    this.#nodeOfPod = nodes;
    this.#known = null;
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
  #placeOf(pod: Pod, from: number): number {
    const known = this.#pods;
    for (let k = from; k < known.length; k += 1) if (isSamePod(known[k], pod)) return k;
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

/** Whether one is another version of the other. */
function isSamePod(one: Pod | undefined, other: Pod): boolean {
  return one?.metadata?.uid === other.metadata?.uid;
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
