import type { PodView } from '../cluster-view.ts';
import { eachRun } from '../data-plane/pod-match.ts';
import type { PodIdentities } from './pod-identity.ts';
import type { PodTable } from './pod-table.ts';
import type { SeriesColumns } from './series-columns.ts';

/** Where the figures of a table's pods are written, and what addresses their noise. */
export class PodSites {
  readonly #columns: SeriesColumns;
  readonly #identities: PodIdentities;
  #table: PodTable | null = null;
  /** The first of the pod's columns; −1: it has none. */
  first: Int32Array = new Int32Array(0);
  /** The channel that carries what CPUs of its node have in common; −1: none. */
  common: Int32Array = new Int32Array(0);
  cpuEntity: Int32Array = new Int32Array(0);
  memoryEntity: Int32Array = new Int32Array(0);
  commonEntity: Int32Array = new Int32Array(0);

  constructor(columns: SeriesColumns, identities: PodIdentities) {
    this.#columns = columns;
    this.#identities = identities;
  }

  /** Takes over what is known of the pods of the table before, and places the others. */
  follow(table: PodTable): void {
    if (table === this.#table) return;
    const { pods, match } = table;
    const isNext = match !== null && this.#table !== null && match.earlier === this.#table.pods;
    this.#table = table;
    const { first, common, cpuEntity, memoryEntity, commonEntity } = this;
    this.first = new Int32Array(pods.length).fill(-1);
    this.common = new Int32Array(pods.length);
    this.cpuEntity = new Int32Array(pods.length);
    this.memoryEntity = new Int32Array(pods.length);
    this.commonEntity = new Int32Array(pods.length);
    if (isNext) {
      eachRun(match.before, ({ first: from, to, count }) => {
        if (from < 0) return;
        const until = from + count;
        this.first.set(first.subarray(from, until), to);
        this.common.set(common.subarray(from, until), to);
        this.cpuEntity.set(cpuEntity.subarray(from, until), to);
        this.memoryEntity.set(memoryEntity.subarray(from, until), to);
        this.commonEntity.set(commonEntity.subarray(from, until), to);
      });
    }
    for (const i of isNext ? match.changed : pods.keys()) this.#place(i, pods[i] as PodView);
  }

  /** A pod without a node has no place to be told of yet; its labels must not change later. */
  #place(i: number, pod: PodView): void {
    this.first[i] = -1;
    if (pod.node === '') return;
    const { first } = this.#columns.pod(pod.namespace, this.#identities.of(pod));
    // `node_ready` has no noise of its own: its channel carries the node's common factor.
    const common = this.#columns.nodes.get(pod.node)?.first ?? -1;
    this.first[i] = first;
    this.common[i] = common;
    this.cpuEntity[i] = this.#columns.entityOf(first);
    this.memoryEntity[i] = this.#columns.entityOf(first + 2);
    this.commonEntity[i] = common < 0 ? 0 : this.#columns.entityOf(common);
  }
}
