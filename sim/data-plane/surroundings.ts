import type { NetworkSpec } from '../../core/truth/index.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import type { CallGraph } from './call-graph.ts';
import type { RowRun } from './columns.ts';
import { ImpairTable } from './impair-table.ts';
import { createPlacement, type Placement } from './placement.ts';
import { matchPods } from './pod-match.ts';
import { createReachTable, type ReachTable, reachSignature } from './reach-table.ts';
import {
  copyResponses,
  createResponseTable,
  type ResponseTable,
  renumberResponses,
} from './response-table.ts';
import { type Earlier, TopologyIndex } from './topology-index.ts';

/** Moves what is numbered by pods; answers where slots have gone, null where all kept theirs. */
type Carry = (indexes: {
  readonly earlier: Earlier | null;
  readonly now: TopologyIndex;
}) => readonly RowRun[] | null;

const emptyView: ClusterView = {
  version: -1,
  pods: [],
  nodes: [],
  workloads: [],
  traffic: { rateLimits: new Map(), drainedZones: new Map() },
};

/** What the flow goes through: where pods are, who reaches whom, and what is wrong. */
export class Surroundings {
  readonly #graph: CallGraph;
  readonly #network: NetworkSpec;
  readonly #carry: Carry;
  /** The view that everything is numbered after. */
  view: ClusterView | null = null;
  placement: Placement | null = null;
  #reachable: ReachTable | null = null;
  #reachSignature = '';
  #impairs: ImpairTable | null = null;

  constructor(parts: {
    readonly graph: CallGraph;
    readonly network: NetworkSpec;
    readonly carry: Carry;
  }) {
    this.#graph = parts.graph;
    this.#network = parts.network;
    this.#carry = parts.carry;
  }

  get reachable(): ReachTable {
    return this.#reachable as ReachTable;
  }

  /** As of the last look; null while nothing is wrong. */
  get impairs(): ImpairTable | null {
    return this.#impairs;
  }

  /** Takes over from others of the same graph; how things respond only where somebody may ask. */
  copyFrom(other: Surroundings, keepsResponses: boolean): void {
    if (other.placement === null) return;
    const { index, responses } = other.placement;
    const copy = keepsResponses
      ? copyResponses(responses)
      : createResponseTable(this.#graph, index);
    this.placement = createPlacement(index, copy);
    this.view = other.view;
    this.#reachable = other.#reachable;
    this.#reachSignature = other.#reachSignature;
  }

  /** Renumbers after a new view, and looks whether conditions changed who reaches whom. */
  follow(view: ClusterView, conditions: Conditions): Placement {
    const isNew = this.placement?.index.version !== view.version;
    const placement = isNew || !this.placement ? this.#renumber(view) : this.placement;
    const signature = reachSignature(conditions);
    if (isNew || signature !== this.#reachSignature) {
      const parts = { graph: this.#graph, index: placement.index, network: this.#network };
      this.#reachable = createReachTable(parts, conditions);
      this.#reachSignature = signature;
    }
    return placement;
  }

  /** As long as there is no view. */
  followNothing(conditions: Conditions): Placement {
    return this.follow(emptyView, conditions);
  }

  #renumber(view: ClusterView): Placement {
    const before = this.placement;
    const match = before && matchPods(before.index.pods, view.pods);
    const earlier = match && { placement: before, index: before.index, match };
    const index = new TopologyIndex(this.#graph, view, earlier);
    const slotRuns = this.#carry({ earlier, now: index });
    const responses = this.#followAnswers(before, index, slotRuns);
    this.placement = createPlacement(index, responses, earlier);
    this.view = view;
    return this.placement;
  }

  #followAnswers(
    before: Placement | null,
    index: TopologyIndex,
    slotRuns: readonly RowRun[] | null,
  ): ResponseTable {
    if (before === null) return createResponseTable(this.#graph, index);
    if (slotRuns === null) return before.responses;
    return renumberResponses(before.responses, index.slotOperation.length, slotRuns);
  }

  /** Looks whether what is wrong, or where, has changed. */
  followImpairments({ impairments }: Conditions): ImpairTable | null {
    const index = this.placement?.index;
    if (impairments.length === 0 || !index) this.#impairs = null;
    else if (!this.#impairs?.fits(index, impairments)) {
      this.#impairs = new ImpairTable(this.#graph, index, impairments);
    }
    return this.#impairs;
  }
}
