import type { CallGraph } from './call-graph.ts';
import {
  type CallState,
  type Completions,
  copyCallState,
  createCallState,
  createCompletions,
} from './call-state.ts';
import { ClientSums } from './client-sums.ts';
import { addOutcome, createFlowCounters, type FlowCounters } from './flow-sums.ts';
import { copyWindowSums, createWindowSums, followNodes, type WindowSums } from './flow-window.ts';
import type { Outcome } from './outcome.ts';
import {
  carryPods,
  copyPodState,
  createPodState,
  type PodState,
  type Renumbering,
} from './pod-state.ts';
import type { SettledCall } from './settle-calls.ts';

/** What the flow model remembers from tick to tick, of pods, calls and the scrape window. */
export class FlowMemory {
  readonly calls: CallState;
  readonly completions: Completions;
  readonly window: WindowSums;
  readonly counters: FlowCounters;
  readonly clients: ClientSums;
  readonly #graph: CallGraph;
  #state: PodState;
  /** The one before the last renumbering, for its memory. */
  #unused: PodState | null = null;

  /** Nothing yet, or an independent copy. */
  constructor(graph: CallGraph, original: FlowMemory | null) {
    this.#graph = graph;
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
  carry(indexes: Renumbering): Int32Array | null {
    const before = this.#state;
    const { state, lost, slotsBefore } = carryPods(indexes, before, this.#unused);
    this.counters.lost += lost;
    this.#state = state;
    if (state !== before) this.#unused = before;
    followNodes(this.window, indexes.earlier?.index ?? null, indexes.now);
    return slotsBefore;
  }

  /** Counts a settled attempt for its edge and its callee. */
  noteAttempt({ c, cell, seconds }: SettledCall, attempt: Outcome): void {
    const { callee, callEdge, operationService } = this.#graph;
    const attempts = seconds * (this.calls.observed[cell] as number);
    addOutcome(this.window.edges, callEdge[c] as number, attempts, attempt);
    const s = operationService[callee[c] as number] as number;
    this.clients.add(s, this.calls.expected[cell] as number, attempt);
  }

  /** Expected requests at pods since the start, and those that wait now. */
  readCounters(): FlowCounters & { backlog: number } {
    let backlog = 0;
    for (const waiting of this.#state.slot.backlog) backlog += waiting;
    return { ...this.counters, backlog };
  }
}
