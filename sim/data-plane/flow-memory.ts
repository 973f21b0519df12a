import type { CallGraph } from './call-graph.ts';
import {
  type CallState,
  type Completions,
  copyCallState,
  createCallState,
  createCompletions,
} from './call-state.ts';
import { ClientSums } from './client-sums.ts';
import type { RowRun } from './columns.ts';
import { createFlowCounters, type FlowCounters } from './flow-sums.ts';
import { copyWindowSums, createWindowSums, followNodes, type WindowSums } from './flow-window.ts';
import {
  carryPods,
  copyPodState,
  createPodState,
  type PodState,
  type Renumbering,
} from './pod-state.ts';

/** What the flow model remembers from tick to tick, of pods, calls and the scrape window. */
export class FlowMemory {
  readonly calls: CallState;
  readonly completions: Completions;
  readonly window: WindowSums;
  readonly counters: FlowCounters;
  readonly clients: ClientSums;
  #state: PodState;

  /** Nothing yet, or an independent copy. */
  constructor(graph: CallGraph, original: FlowMemory | null) {
    this.calls = original ? copyCallState(original.calls) : createCallState(graph);
    this.completions = createCompletions(graph.operations.length);
    this.window = original ? copyWindowSums(original.window) : createWindowSums(graph);
    this.counters = original ? { ...original.counters } : createFlowCounters();
    this.clients = new ClientSums(graph.services.length, original?.clients);
    this.#state = original ? copyPodState(original.#state) : createPodState(0, 0);
  }

  /** By the pods' present numbers. */
  get state(): PodState {
    return this.#state;
  }

  /** Has what is remembered of pods go with them to their new numbers. */
  carry(indexes: Renumbering): readonly RowRun[] | null {
    const { state, lost, slotRuns } = carryPods(indexes, this.#state);
    this.counters.lost += lost;
    this.#state = state;
    followNodes(this.window, indexes.earlier?.index ?? null, indexes.now);
    return slotRuns;
  }

  /** Expected requests at pods since the start, and those that wait now. */
  readCounters(): FlowCounters & { backlog: number } {
    let backlog = 0;
    for (const waiting of this.#state.slot.backlog) backlog += waiting;
    return { ...this.counters, backlog };
  }
}
