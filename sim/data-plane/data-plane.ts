import { RunningDigest } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView, PodVitals } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import { foreseeAdmission } from './admission.ts';
import { Arrivals } from './arrivals.ts';
import { addBatchCalls } from './batch-calls.ts';
import { type CallGraph, createCallGraph, type GraphCall } from './call-graph.ts';
import {
  type CallParts,
  type CallState,
  type Completions,
  copyCallState,
  createCallState,
  createCompletions,
} from './call-state.ts';
import {
  addSecond,
  type CalmFlow,
  calmStepSec,
  clearSeconds,
  closeSeconds,
  copyCalmFlow,
  createCalmFlow,
  isQuiet,
  maySecondWait,
  steadySecondsOf,
} from './calm-flow.ts';
import { ClientSums } from './client-sums.ts';
import type { FlowWindow, ServiceTick, UserTick } from './flow-state.ts';
import { addCounters, addOutcome, createFlowCounters, type FlowCounters } from './flow-sums.ts';
import {
  addPodFlows,
  clearWindow,
  closeFlowWindow,
  copyWindowSums,
  createWindowSums,
  followNodes,
  type TickParts,
  type WindowSums,
} from './flow-window.ts';
import { ImpairTable } from './impair-table.ts';
import type { Outcome } from './outcome.ts';
import { createPlacement, fillVitals, type Placement } from './placement.ts';
import { carryPods, copyPodState, createPodState, type PodState } from './pod-state.ts';
import { createReachTable, type ReachTable, reachSignature } from './reach-table.ts';
import { type AttemptListener, settlePods, settleResponses } from './settle-calls.ts';
import { openTick, spreadCalls } from './spread-calls.ts';
import type { StationParts } from './station-parts.ts';
import { followProcesses, playStations } from './stations.ts';
import { TopologyIndex } from './topology-index.ts';
import { settleUsers, spreadUsers, type UserParts } from './user-calls.ts';
import { Users } from './users.ts';

export interface DataPlaneOptions {
  readonly spec: TwinSpec;
  readonly seed: number;
  readonly conditions: Conditions;
  /** Seconds of a calm flow that are played as one; unless given, by the number of pods. */
  readonly calmStepSec?: number;
}

export interface DataPlaneTick {
  readonly user: UserTick;
  readonly service: ServiceTick;
  /** Valid until the next tick; empty when nothing was measured. */
  readonly vitals: readonly PodVitals[];
}

/**
 * The flow model: per second and (pod, operation), arrivals, queueing, service, time-outs and
 * retries as expected values, so that queueing theory holds without sampling noise. Whole-number
 * user counts ride along for what is observed. Failures reach callers in the same second, retries
 * in the next.
 */
export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #graph: CallGraph;
  readonly #arrivals: Arrivals;
  readonly #users: Users;
  readonly #digest: RunningDigest;
  readonly #calls: CallState;
  readonly #completions: Completions;
  readonly #window: WindowSums;
  readonly #counters: FlowCounters;
  readonly #clients: ClientSums;
  readonly #onAttempt: AttemptListener;
  readonly #calm: CalmFlow;
  /** Of the last second that was played; never written to again. */
  #serviceTick: ServiceTick | null = null;
  #state: PodState;
  #placement: Placement | null = null;
  #reachable: ReachTable | null = null;
  #reachSignature = '';
  #impairs: ImpairTable | null = null;

  constructor(options: DataPlaneOptions, original?: DataPlane) {
    const { spec, seed } = options;
    this.#options = options;
    this.#graph = original ? original.#graph : createCallGraph(spec);
    this.#arrivals = new Arrivals({ seed, workload: spec.workload, journeys: spec.journeys });
    this.#users = new Users(spec.journeys);
    if (original) this.#users.copyFrom(original.#users);
    this.#digest = original ? original.#digest.copy() : new RunningDigest();
    this.#calls = original ? copyCallState(original.#calls) : createCallState(this.#graph);
    this.#completions = createCompletions(this.#graph.operations.length);
    this.#window = original ? copyWindowSums(original.#window) : createWindowSums(this.#graph);
    this.#counters = original ? { ...original.#counters } : createFlowCounters();
    const services = this.#graph.services.length;
    this.#clients = new ClientSums(services, original ? original.#clients : undefined);
    this.#state = original ? copyPodState(original.#state) : createPodState(0, 0);
    const placement = original ? original.#placement : null;
    if (original && placement) {
      this.#placement = createPlacement(this.#graph, placement.index, null);
      this.#reachable = original.#reachable;
      this.#reachSignature = original.#reachSignature;
    }
    const journeys = this.#graph.journeys.length;
    this.#calm = original ? copyCalmFlow(original.#calm) : createCalmFlow(journeys);
    this.#serviceTick = original ? original.#serviceTick : null;
    this.#onAttempt = (call, cell, attempt) => this.#noteAttempt(call, cell, attempt);
  }

  /** An exact copy that lives on under `conditions`; costs well under a millisecond. */
  fork(conditions: Conditions): DataPlane {
    return new DataPlane({ ...this.#options, conditions }, this);
  }

  /** Plays the second that ends at `atMs`. The vitals are valid until the next tick. */
  tick(atMs: number, view: ClusterView): DataPlaneTick {
    const { conditions } = this.#options;
    this.#arrivals.play(atMs, conditions.loadFactors);
    this.#digest.addValues(this.#arrivals.draws);
    this.#countBatchCalls();
    const stepSec = this.#stepSec(view);
    const mayWait = stepSec > 1 && maySecondWait(this.#calm, this.#arrivals);
    if (!mayWait) this.#playWaiting(atMs - 1000);
    addSecond(this.#calm, this.#arrivals);
    const isOver = atMs % (1000 * stepSec) === 0 || this.#calm.seconds >= this.#calm.steadySec;
    if (mayWait && this.#serviceTick && !isOver) {
      const user = this.#users.hold(atMs, this.#arrivals.counts);
      return { user, service: this.#serviceTick, vitals: [] };
    }
    const placement = this.#follow(view);
    this.#play(atMs, placement, conditions);
    this.#serviceTick = this.#clients.tick();
    return {
      user: this.#users.tick(atMs, this.#arrivals.counts),
      service: this.#serviceTick,
      vitals: placement.vitals,
    };
  }

  #countBatchCalls(): void {
    const { batchClients } = this.#options.conditions;
    if (batchClients.length === 0) return;
    const index = this.#placement?.index ?? null;
    addBatchCalls(
      { graph: this.#graph, index, state: this.#state, sums: this.#window },
      batchClients,
    );
  }

  /** How many seconds make one step as long as the flow is calm: one when anything changed. */
  #stepSec({ version }: ClusterView): number {
    const { conditions, calmStepSec: wanted } = this.#options;
    const index = this.#placement?.index;
    if (index?.version !== version || !isQuiet(conditions, this.#calm)) return 1;
    return wanted ?? calmStepSec(index.pods.length);
  }

  /** Plays the seconds that wait, up to `atMs`, under the conditions that let them wait. */
  #playWaiting(atMs: number): void {
    const placement = this.#placement;
    if (this.#calm.seconds > 0 && placement) this.#play(atMs, placement, this.#calm.conditions);
  }

  /** Plays the seconds that wait as one step that ends at `atMs`. */
  #play(atMs: number, placement: Placement, conditions: Conditions): void {
    const { index, responses, vitals, nodeDemand } = placement;
    const seconds = closeSeconds(this.#calm);
    const counters = createFlowCounters();
    const parts: TickParts & CallParts & StationParts = {
      graph: this.#graph,
      index,
      reachable: this.#reachable as ReachTable,
      state: this.#state,
      calls: this.#calls,
      completions: this.#completions,
      responses,
      conditions,
      counters,
      nodeDemand,
      seconds,
      impairs: this.#followImpairments(index, conditions),
    };
    const users: UserParts = {
      users: this.#users,
      arrivals: this.#calm,
      window: this.#window,
      clients: this.#clients,
    };
    parts.impairs?.follow(atMs, parts);
    if (Number.isNaN(this.#window.fromMs)) this.#window.fromMs = atMs - 1000 * seconds;
    followProcesses(parts);
    openTick(parts);
    spreadUsers(parts, users);
    spreadCalls(parts);
    playStations(parts, atMs);
    this.#clients.clear();
    settleResponses(parts, this.#onAttempt);
    settleUsers(parts, users);
    settlePods(parts);
    addPodFlows(this.#window, parts);
    fillVitals(vitals, this.#state, parts.reachable);
    foreseeAdmission(parts);
    addCounters(this.#counters, counters, seconds);
    const journeys = this.#users.outcomes;
    clearSeconds(this.#calm, steadySecondsOf(parts, journeys, this.#calm, atMs), {
      conditions,
      journeys,
    });
  }

  /** Looks whether what is wrong, or where, has changed. */
  #followImpairments(index: TopologyIndex, { impairments }: Conditions): ImpairTable | null {
    if (impairments.length === 0) this.#impairs = null;
    else if (!this.#impairs?.fits(index, impairments)) {
      this.#impairs = new ImpairTable(this.#graph, index, impairments);
    }
    return this.#impairs;
  }

  /** The averages since the last call, and the start of the next window. */
  closeWindow(untilMs: number): FlowWindow {
    this.#playWaiting(untilMs);
    const placement =
      this.#placement ??
      this.#follow({
        version: -1,
        pods: [],
        nodes: [],
        workloads: [],
        traffic: { rateLimits: new Map(), drainedZones: new Map() },
      });
    return closeFlowWindow(
      {
        graph: this.#graph,
        index: placement.index,
        reachable: this.#reachable as ReachTable,
        state: this.#state,
        calls: this.#calls,
        sums: this.#window,
        impairs: this.#impairs,
      },
      untilMs,
    );
  }

  /** Starts the next window without looking at this one. */
  dropWindow(untilMs: number): void {
    this.#playWaiting(untilMs);
    clearWindow(this.#state, this.#window, untilMs);
  }

  /** SHA-256 over every exogenous draw so far; the same whatever healers and faults do. */
  exogenousDigest(): string {
    return this.#digest.hex();
  }

  /** Expected requests at pods since the start, and those that wait now. */
  counters(): FlowCounters & { backlog: number } {
    let backlog = 0;
    for (const waiting of this.#state.slot.backlog) backlog += waiting;
    return { ...this.#counters, backlog };
  }

  /** Renumbers after a new view, and looks whether conditions changed who reaches whom. */
  #follow(view: ClusterView): Placement {
    const { conditions, spec } = this.#options;
    let placement = this.#placement;
    const isNew = placement === null || placement.index.version !== view.version;
    if (placement === null || isNew) {
      const before = this.#placement?.index ?? null;
      const index = new TopologyIndex(this.#graph, view, before);
      placement = createPlacement(this.#graph, index, this.#placement);
      const kept = carryPods({ before, now: placement.index }, this.#state);
      this.#counters.lost += kept.lost;
      this.#state = kept.state;
      followNodes(this.#window, before, placement.index);
      this.#placement = placement;
    }
    const signature = reachSignature(conditions);
    if (isNew || signature !== this.#reachSignature) {
      const parts = { graph: this.#graph, index: placement.index, network: spec.network };
      this.#reachable = createReachTable(parts, conditions);
      this.#reachSignature = signature;
    }
    return placement;
  }

  #noteAttempt(call: GraphCall, cell: number, attempt: Outcome): void {
    const attempts = this.#calm.seconds * (this.#calls.observed[cell] as number);
    addOutcome(this.#window.edges, call.edge, attempts, attempt);
    const s = this.#graph.operationService[call.callee] as number;
    this.#clients.add(s, this.#calls.expected[cell] as number, attempt);
  }
}
