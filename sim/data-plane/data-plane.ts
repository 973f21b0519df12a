import { RunningDigest } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView, PodVitals } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import { Arrivals } from './arrivals.ts';
import { type CallGraph, createCallGraph, type GraphCall } from './call-graph.ts';
import { type CallParts, type CallState, copyCallState, createCallState } from './call-state.ts';
import type { FlowWindow, ServiceTick, UserTick } from './flow-state.ts';
import { addOutcome, type FlowCounters } from './flow-sums.ts';
import {
  addPodFlows,
  clearWindow,
  closeFlowWindow,
  copyWindowSums,
  createWindowSums,
  followNodes,
  type WindowSums,
} from './flow-window.ts';
import { errorShareOf, meanMsOf, type Outcome } from './outcome.ts';
import { createPlacement, fillVitals, type Placement } from './placement.ts';
import { carryPods, copyPodState, createPodState, type PodState } from './pod-state.ts';
import { createReachTable, type ReachTable, reachSignature } from './reach-table.ts';
import {
  type AttemptListener,
  attemptOutcome,
  settlePods,
  settleResponses,
} from './settle-calls.ts';
import { openTick, spreadAttempts, spreadCalls } from './spread-calls.ts';
import { followProcesses, playStations, type StationParts } from './stations.ts';
import { TopologyIndex } from './topology-index.ts';
import { Users } from './users.ts';

export interface DataPlaneOptions {
  readonly spec: TwinSpec;
  readonly seed: number;
  readonly conditions: Conditions;
}

export interface DataPlaneTick {
  readonly user: UserTick;
  readonly service: ServiceTick;
  /** Valid until the next tick. */
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
  readonly #window: WindowSums;
  readonly #counters: FlowCounters;
  /** Attempts, failures and time per service in this tick, as callers see them. */
  readonly #clientAttempts: Float64Array;
  readonly #clientErrors: Float64Array;
  readonly #clientMs: Float64Array;
  readonly #lastLatencyMs: Float64Array;
  readonly #onAttempt: AttemptListener;
  #state: PodState;
  #placement: Placement | null = null;
  #reachable: ReachTable | null = null;
  #reachSignature = '';

  constructor(options: DataPlaneOptions, original?: DataPlane) {
    const { spec, seed } = options;
    this.#options = options;
    this.#graph = original ? original.#graph : createCallGraph(spec);
    this.#arrivals = new Arrivals({ seed, workload: spec.workload, journeys: spec.journeys });
    this.#users = new Users(spec.journeys);
    if (original) this.#users.copyFrom(original.#users);
    this.#digest = original ? original.#digest.copy() : new RunningDigest();
    this.#calls = original ? copyCallState(original.#calls) : createCallState(this.#graph);
    this.#window = original ? copyWindowSums(original.#window) : createWindowSums(this.#graph);
    this.#counters = original
      ? { ...original.#counters }
      : { arrived: 0, done: 0, failed: 0, rejected: 0, lost: 0 };
    const services = this.#graph.services.length;
    this.#clientAttempts = new Float64Array(services);
    this.#clientErrors = new Float64Array(services);
    this.#clientMs = new Float64Array(services);
    this.#lastLatencyMs = original ? original.#lastLatencyMs.slice() : new Float64Array(services);
    this.#state = original ? copyPodState(original.#state) : createPodState(0, 0);
    const placement = original ? original.#placement : null;
    if (original && placement) {
      this.#placement = createPlacement(placement.index);
      this.#reachable = original.#reachable;
      this.#reachSignature = original.#reachSignature;
    }
    this.#onAttempt = (call, cell, attempt) => this.#noteAttempt(call, cell, attempt);
  }

  /** An exact copy that lives on under `conditions`; costs well under a millisecond. */
  fork(conditions: Conditions): DataPlane {
    return new DataPlane({ ...this.#options, conditions }, this);
  }

  /** Plays the second that ends at `atMs`. The vitals are valid until the next tick. */
  tick(atMs: number, view: ClusterView): DataPlaneTick {
    const { conditions } = this.#options;
    const { index, responses, vitals, nodeDemand } = this.#follow(view);
    const parts: CallParts & StationParts = {
      graph: this.#graph,
      index,
      reachable: this.#reachable as ReachTable,
      state: this.#state,
      calls: this.#calls,
      responses,
      conditions,
      counters: this.#counters,
      nodeDemand,
    };
    if (Number.isNaN(this.#window.fromMs)) this.#window.fromMs = atMs - 1000;
    this.#arrivals.play(atMs, conditions.loadFactors);
    this.#digest.addValues(this.#arrivals.draws);
    followProcesses(parts);
    openTick(parts);
    this.#spreadUsers(parts);
    spreadCalls(parts);
    playStations(parts, atMs);
    this.#clientAttempts.fill(0);
    this.#clientErrors.fill(0);
    this.#clientMs.fill(0);
    settleResponses(parts, this.#onAttempt);
    this.#settleUsers(parts);
    settlePods(parts);
    addPodFlows(this.#window, parts);
    fillVitals(vitals, this.#state, parts.reachable);
    return {
      user: this.#users.tick(atMs, this.#arrivals.counts),
      service: this.#serviceTick(),
      vitals,
    };
  }

  /** The averages since the last call, and the start of the next window. */
  closeWindow(untilMs: number): FlowWindow {
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
      },
      untilMs,
    );
  }

  /** Starts the next window without looking at this one. */
  dropWindow(untilMs: number): void {
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
      placement = createPlacement(new TopologyIndex(this.#graph, view));
      const before = this.#placement?.index ?? null;
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

  #spreadUsers(parts: CallParts): void {
    const { journeys, journeyOperation, zones } = this.#graph;
    const { expected, counts } = this.#arrivals;
    for (let j = 0; j < journeys.length; j += 1) {
      const retries = this.#users.retriesOf(j);
      spreadAttempts(
        parts,
        { row: zones.length, operation: journeyOperation[j] as number },
        { expected: (expected[j] as number) + retries, observed: (counts[j] as number) + retries },
      );
    }
  }

  #settleUsers(parts: CallParts): void {
    const { journeys, journeyOperation, operationService, zones } = this.#graph;
    const { expected, counts } = this.#arrivals;
    for (let j = 0; j < journeys.length; j += 1) {
      const operation = journeyOperation[j] as number;
      const outcome = this.#users.outcomes[j] as Outcome;
      const timeoutMs = journeys[j]?.timeoutMs ?? 0;
      attemptOutcome(outcome, parts, { row: zones.length, operation, timeoutMs });
      const retries = this.#users.retriesOf(j);
      addOutcome(this.#window.journeys, j, (counts[j] as number) + retries, outcome);
      this.#window.offered[j] = (this.#window.offered[j] as number) + (counts[j] as number);
      this.#noteClient(
        operationService[operation] as number,
        (expected[j] as number) + retries,
        outcome,
      );
    }
    this.#users.settle(expected);
  }

  #noteAttempt(call: GraphCall, cell: number, attempt: Outcome): void {
    addOutcome(this.#window.edges, call.edge, this.#calls.observed[cell] as number, attempt);
    const s = this.#graph.operationService[call.callee] as number;
    this.#noteClient(s, this.#calls.expected[cell] as number, attempt);
  }

  #noteClient(s: number, attempts: number, outcome: Outcome): void {
    this.#clientAttempts[s] = (this.#clientAttempts[s] as number) + attempts;
    this.#clientErrors[s] = (this.#clientErrors[s] as number) + attempts * errorShareOf(outcome);
    this.#clientMs[s] = (this.#clientMs[s] as number) + attempts * meanMsOf(outcome);
  }

  /**
   * Services as their callers see them; without callers the last latency stands and errors are 0.
   */
  #serviceTick(): ServiceTick {
    const services = this.#graph.services.length;
    const errorRatio = new Float64Array(services);
    const latencyMsMean = new Float64Array(services);
    for (let s = 0; s < services; s += 1) {
      const attempts = this.#clientAttempts[s] as number;
      if (attempts > 0) {
        errorRatio[s] = (this.#clientErrors[s] as number) / attempts;
        this.#lastLatencyMs[s] = (this.#clientMs[s] as number) / attempts;
      }
      latencyMsMean[s] = this.#lastLatencyMs[s] as number;
    }
    return { errorRatio, latencyMsMean };
  }
}
