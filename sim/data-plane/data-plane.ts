import { RunningDigest } from '../../core/tools/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import type { ClusterView, PodVitals } from '../cluster-view.ts';
import type { Conditions } from '../conditions.ts';
import { Arrivals } from './arrivals.ts';
import { addBatchCalls } from './batch-calls.ts';
import { type CallGraph, createCallGraph } from './call-graph.ts';
import {
  addSecond,
  type CalmFlow,
  calmStepSec,
  clearSeconds,
  copyCalmFlow,
  copyWaiting,
  createCalmFlow,
  hasDrifted,
  keepConditions,
  regroup,
  stirredStepSec,
} from './calm-flow.ts';
import { createDisturbance, type Disturbance, findDisturbance } from './disturbances.ts';
import { FlowMemory } from './flow-memory.ts';
import { addCallers, type FlowGroups, groupFlow, partOf } from './flow-part.ts';
import type { FlowWindow, ServiceTick, UserTick } from './flow-state.ts';
import type { FlowCounters } from './flow-sums.ts';
import { clearWindow, closeFlowWindow, countSecond } from './flow-window.ts';
import { quantileFor } from './gamma-table.ts';
import type { Placement } from './placement.ts';
import { type FlowStep, isNothing, playSteps } from './play-steps.ts';
import { Surroundings } from './surroundings.ts';
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
  readonly #memory: FlowMemory;
  readonly #calm: CalmFlow;
  /** Of the last second that was played; never written to again. */
  #serviceTick: ServiceTick | null = null;
  readonly #around: Surroundings;
  #groups: FlowGroups | null = null;
  readonly #disturbance: Disturbance;

  constructor(options: DataPlaneOptions, original?: DataPlane) {
    const { spec, seed } = options;
    this.#options = options;
    this.#graph = original ? original.#graph : createCallGraph(spec);
    this.#arrivals = new Arrivals({ seed, workload: spec.workload, journeys: spec.journeys });
    this.#users = new Users(spec.journeys);
    if (original) this.#users.copyFrom(original.#users);
    this.#digest = original ? original.#digest.copy() : new RunningDigest();
    this.#memory = new FlowMemory(this.#graph, original ? original.#memory : null);
    this.#around = new Surroundings({
      graph: this.#graph,
      network: spec.network,
      carry: (indexes) => this.#memory.carry(indexes),
    });
    if (original) this.#around.copyFrom(original.#around, original.#stepSec() > 1);
    this.#calm = original ? copyCalmFlow(original.#calm) : createCalmFlow(this.#graph);
    this.#disturbance = createDisturbance(this.#graph.services.length);
    this.#serviceTick = original ? original.#serviceTick : null;
  }

  /** An exact copy that lives on under `conditions`; costs well under a millisecond. */
  fork(conditions: Conditions): DataPlane {
    return new DataPlane({ ...this.#options, conditions }, this);
  }

  /** Plays the second that ends at `atMs`. The vitals are valid until the next tick. */
  tick(atMs: number, view: ClusterView): DataPlaneTick {
    const calm = this.#calm;
    this.#arrivals.play(atMs, this.#options.conditions.loadFactors);
    this.#digest.addValues(this.#arrivals.draws);
    this.#countBatchCalls();
    countSecond(this.#memory.window, atMs);
    const stepSec = this.#stepSec();
    const { isEverywhere, movesPods } = this.#lookAround(stepSec, view);
    const isDrifting = !isEverywhere && hasDrifted(calm, this.#arrivals);
    if (isEverywhere || isDrifting) this.#playWaiting(atMs - 1000);
    this.#stir(atMs - 1000);
    addSecond(calm.stirred, this.#arrivals);
    addSecond(calm.rest, this.#arrivals);
    const isOver = isDrifting || atMs % (1000 * stepSec) === 0;
    const isDue = isOver || isEverywhere || calm.stirred.seconds >= stirredStepSec(calm);
    if (!isDue && this.#serviceTick) {
      const user = this.#users.hold(atMs, this.#arrivals.counts);
      return { user, service: this.#serviceTick, vitals: [] };
    }
    if (isOver || isEverywhere || movesPods) {
      this.#around.follow(view, this.#options.conditions);
    }
    return this.#playSecond(atMs, isOver);
  }

  #countBatchCalls(): void {
    const { batchClients } = this.#options.conditions;
    if (batchClients.length === 0) return;
    const index = this.#around.placement?.index ?? null;
    addBatchCalls(
      { graph: this.#graph, index, state: this.#memory.state, sums: this.#memory.window },
      batchClients,
    );
  }

  /** How many seconds make one step as long as the flow is calm. */
  #stepSec(): number {
    const index = this.#around.placement?.index;
    if (!index) return 1;
    return this.#options.calmStepSec ?? calmStepSec(index.pods.length);
  }

  /** Looks what has happened; in small systems everything is always played. */
  #lookAround(stepSec: number, view: ClusterView): Disturbance {
    const found = this.#disturbance;
    const index = this.#around.placement?.index;
    const before = this.#around.view;
    found.isEverywhere = true;
    if (stepSec === 1 || !index || !before) return found;
    const { conditions } = this.#options;
    const impairs = this.#around.followImpairments(this.#calm.conditions);
    const world = { graph: this.#graph, index, before, view, conditions, impairs };
    findDisturbance(found, world, this.#calm);
    return found;
  }

  /**
   * Has what something happened to, and its callers, played second by second from now on; what of
   * it waited is played up to `atMs`, under the conditions that let it wait.
   */
  #stir(atMs: number): void {
    const { isEverywhere, services } = this.#disturbance;
    const { isStirred, calmSec, stirred, rest } = this.#calm;
    if (isEverywhere) {
      calmSec.fill(-1);
      if (!isStirred.includes(0)) return;
      isStirred.fill(1);
      this.#groups = null;
      return;
    }
    if (!services.includes(1)) return;
    const marks = isStirred.map((one, s) => one | (services[s] as number));
    addCallers(this.#graph, marks);
    const joining = marks.map((one, s) => one & ~(isStirred[s] as number));
    if (joining.includes(1)) {
      const placement = this.#around.placement as Placement;
      const callers = this.#groupsOf(placement).stirred;
      const part = partOf(this.#graph, placement.index, joining);
      const steps = [
        { part: callers, waiting: stirred, callers: null },
        { part, waiting: copyWaiting(rest), callers },
      ];
      this.#play(atMs, { placement, conditions: this.#calm.conditions, steps });
      isStirred.set(marks);
      this.#groups = null;
    }
    for (let s = 0; s < services.length; s += 1) if (services[s] === 1) calmSec[s] = -1;
  }

  /** Plays the seconds that wait, up to `atMs`, under the conditions that let them wait. */
  #playWaiting(atMs: number): void {
    const { placement } = this.#around;
    if (!placement) return;
    const { stirred, rest, conditions } = this.#calm;
    const groups = this.#groupsOf(placement);
    const steps = [
      { part: groups.stirred, waiting: stirred, callers: null },
      { part: groups.rest, waiting: rest, callers: groups.stirred },
    ];
    this.#play(atMs, { placement, conditions, steps });
  }

  /** Plays the stirred part up to `atMs`, and the rest as well when its step is over. */
  #playSecond(atMs: number, isOver: boolean): DataPlaneTick {
    const placement = this.#around.placement as Placement;
    const { conditions } = this.#options;
    const calm = this.#calm;
    const { stirred, rest, vitals } = this.#groupsOf(placement);
    const isWhole = isOver || stirred.isAll;
    const steps: FlowStep[] = [{ part: stirred, waiting: calm.stirred, callers: null }];
    if (isOver) steps.push({ part: rest, waiting: calm.rest, callers: stirred });
    this.#play(atMs, { placement, conditions, steps });
    const told = isWhole ? null : stirred;
    this.#serviceTick = this.#memory.clients.tick(told?.services ?? null, this.#serviceTick);
    const quantile = quantileFor(placement.index.pods.length);
    const user = this.#users.tick(atMs, this.#arrivals.counts, told?.journeys ?? null, quantile);
    if (this.#stepSec() > 1) {
      keepConditions(calm, conditions);
      if (isWhole && regroup(calm, this.#graph)) this.#groups = null;
    }
    if (isWhole) clearSeconds(calm.rest);
    return { user, service: this.#serviceTick, vitals: isWhole ? placement.vitals : vitals };
  }

  #groupsOf(placement: Placement): FlowGroups {
    if (this.#groups?.index !== placement.index) {
      this.#groups = groupFlow(this.#graph, placement, this.#calm.isStirred);
    }
    return this.#groups;
  }

  /** Plays steps that end at `atMs`. */
  #play(
    atMs: number,
    {
      placement,
      conditions,
      steps,
    }: { placement: Placement; conditions: Conditions; steps: readonly FlowStep[] },
  ): void {
    const { index, responses, vitals, nodeDemand, likePods } = placement;
    const waiting = steps.filter((step) => !isNothing(step));
    if (waiting.length === 0) return;
    const memory = this.#memory;
    const shared = {
      graph: this.#graph,
      index,
      reachable: this.#around.reachable,
      state: memory.state,
      calls: memory.calls,
      completions: memory.completions,
      responses,
      conditions,
      nodeDemand,
      likePods,
      impairs: this.#around.followImpairments(conditions),
    };
    shared.impairs?.follow(atMs, shared);
    playSteps(shared, waiting, atMs, {
      vitals,
      users: { users: this.#users, window: memory.window, clients: memory.clients },
      counters: memory.counters,
      calm: this.#stepSec() > 1 ? this.#calm : null,
    });
  }

  /** The averages since the last call, and the start of the next window. */
  closeWindow(untilMs: number): FlowWindow {
    this.#playWaiting(untilMs);
    const around = this.#around;
    const { index } = around.placement ?? around.followNothing(this.#options.conditions);
    return closeFlowWindow(
      {
        graph: this.#graph,
        index,
        reachable: around.reachable,
        state: this.#memory.state,
        calls: this.#memory.calls,
        sums: this.#memory.window,
        impairs: around.impairs,
      },
      untilMs,
    );
  }

  /** Starts the next window without looking at this one. */
  dropWindow(untilMs: number): void {
    this.#playWaiting(untilMs);
    clearWindow(this.#memory.state, this.#memory.window, untilMs);
  }

  /** SHA-256 over every exogenous draw so far; the same whatever healers and faults do. */
  exogenousDigest(): string {
    return this.#digest.hex();
  }

  /** Expected requests at pods since the start, and those that wait now. */
  counters(): FlowCounters & { backlog: number } {
    return this.#memory.readCounters();
  }
}
