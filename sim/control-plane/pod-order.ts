import type { KindMap } from '../../core/observable/index.ts';
import { type Cluster, objectsOf } from './state.ts';
import { keyOf } from './store.ts';

type Pod = KindMap['Pod'];

/** What somebody keeps of a pod. */
interface KeptPod {
  readonly pod: Pod;
}

/** Says what is kept. */
interface PodKeeper<Kept extends KeptPod> {
  /** Of a pod, in place of what was kept of it before, which may be kept on. */
  keep(pod: Pod, before: Kept | undefined): Kept;
  /** Of a pod that is gone. */
  drop?(kept: Kept): void;
}

/** What somebody keeps of each pod, in order of creation. */
export class PodOrder<Kept extends KeptPod> {
  #all: Kept[] = [];
  /** By key; null until somebody asks again. */
  #known: Map<string, Kept> | null = null;

  get all(): readonly Kept[] {
    return this.#all;
  }

  /** Looks at the pods with these keys, new ones in order of creation; at all pods for null. */
  follow(cluster: Cluster, keys: ReadonlySet<string> | null, keeper: PodKeeper<Kept>): void {
    if (keys === null) this.#followAll(cluster, keeper);
    else this.#followSome(cluster, keys, keeper);
  }

  #followSome(cluster: Cluster, keys: ReadonlySet<string>, keeper: PodKeeper<Kept>): void {
    const stored = objectsOf(cluster, 'Pod');
    this.#known ??= new Map(this.#all.map((kept) => [keyOf(kept.pod), kept]));
    for (const key of keys) {
      const pod = stored.get(key);
      const known: Kept | undefined = this.#known.get(key);
      if (pod === undefined) {
        if (known === undefined) continue;
        keeper.drop?.(known);
        this.#known.delete(key);
        this.#all.splice(this.#all.indexOf(known), 1);
        continue;
      }
      const kept = keeper.keep(pod, known);
      if (kept === known) continue;
      this.#known.set(key, kept);
      this.#all[known ? this.#all.indexOf(known) : this.#all.length] = kept;
    }
  }

  #followAll(cluster: Cluster, keeper: PodKeeper<Kept>): void {
    const before = this.#all;
    this.#all = [];
    this.#known = null;
    let k = 0;
    for (const pod of objectsOf(cluster, 'Pod').values()) {
      const at = placeOf(before, k, pod);
      if (at < 0) {
        this.#all.push(keeper.keep(pod, undefined));
        continue;
      }
      // Pods keep their order, so that those passed over are gone.
      for (; k < at; k += 1) keeper.drop?.(before[k] as Kept);
      this.#all.push(keeper.keep(pod, before[at]));
      k = at + 1;
    }
    for (; k < before.length; k += 1) keeper.drop?.(before[k] as Kept);
  }
}

/** Where something is kept of a pod from number `from` on; −1: nowhere. */
function placeOf(kept: readonly KeptPod[], from: number, pod: Pod): number {
  if (from < kept.length && kept[from]?.pod === pod) return from;
  const uid = pod.metadata?.uid;
  for (let k = from; k < kept.length; k += 1) if (kept[k]?.pod.metadata?.uid === uid) return k;
  return -1;
}
