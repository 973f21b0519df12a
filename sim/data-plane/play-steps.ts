import type { Conditions } from '../conditions.ts';
import { foreseeAdmission } from './admission.ts';
import type { CallParts } from './call-state.ts';
import {
  type CalmFlow,
  clearSeconds,
  closeSeconds,
  noteCalm,
  type WaitingSeconds,
} from './calm-flow.ts';
import type { FlowPart } from './flow-part.ts';
import { addCounters, createFlowCounters, type FlowCounters } from './flow-sums.ts';
import type { Placement } from './placement.ts';
import { fillVitals } from './placement.ts';
import { addPodFlows, type TickParts } from './pod-sums.ts';
import { settleResponses } from './settle-calls.ts';
import { settlePods } from './settle-pods.ts';
import { openTick, spreadCalls, spreadInflow } from './spread-calls.ts';
import type { StationParts } from './station-parts.ts';
import { followProcesses, playStations } from './stations.ts';
import { settleUsers, spreadUsers, type UserParts } from './user-calls.ts';

/** Seconds of a part of the flow that are played as one. */
export interface FlowStep {
  readonly part: FlowPart;
  /** With sums of its arrivals; cleared by the play. */
  readonly waiting: WaitingSeconds;
  /** The part whose calls it has not seen yet; null: none. */
  readonly callers: FlowPart | null;
}

/** Whether there is nobody to be played, or no time. */
export function isNothing({ part, waiting }: FlowStep): boolean {
  if (part.services.length > 0 && waiting.seconds > 0) return false;
  clearSeconds(waiting);
  return true;
}

/** What all parts share. */
type Shared = Omit<CallParts & StationParts & TickParts, 'part' | 'seconds' | 'counters'> & {
  readonly conditions: Conditions;
};

interface Played {
  readonly vitals: Placement['vitals'];
  readonly users: Omit<UserParts, 'arrivals'>;
  readonly counters: FlowCounters;
  /** Null where nothing ever waits. */
  readonly calm: CalmFlow | null;
}

type StepParts = CallParts & StationParts & TickParts & { readonly users: UserParts };

/** Plays steps that end at `atMs`, callers first; no part may call the one before it. */
export function playSteps(
  shared: Shared,
  steps: readonly FlowStep[],
  atMs: number,
  played: Played,
): void {
  const all = steps.map((step) => partsOf(shared, step, played));
  for (let k = 0; k < all.length; k += 1) {
    const parts = all[k] as StepParts;
    const { callers } = steps[k] as FlowStep;
    followProcesses(parts);
    openTick(parts);
    spreadUsers(parts, parts.users);
    if (callers !== null) spreadInflow(parts, callers);
    spreadCalls(parts);
  }
  for (const parts of all) playStations(parts, atMs);
  played.users.clients.clear();
  // Responses go from callees to callers, hence parts the other way round.
  for (const parts of all.toReversed()) settleStep(parts, atMs, played);
}

function settleStep(parts: StepParts, atMs: number, played: Played): void {
  const { users, counters, seconds } = parts;
  settleResponses(parts, users);
  settleUsers(parts, users);
  settlePods(parts);
  addPodFlows(users.window, parts);
  fillVitals(played.vitals, parts.state, parts);
  foreseeAdmission(parts);
  addCounters(played.counters, counters, seconds);
  const { arrivals } = users;
  if (played.calm !== null) {
    noteCalm(played.calm, parts, { journeys: users.users.outcomes, arrivals, atMs });
  }
  clearSeconds(arrivals);
}

function partsOf(shared: Shared, { part, waiting }: FlowStep, { users }: Played): StepParts {
  closeSeconds(waiting);
  return {
    part,
    seconds: waiting.seconds,
    graph: shared.graph,
    index: shared.index,
    reachable: shared.reachable,
    state: shared.state,
    calls: shared.calls,
    completions: shared.completions,
    responses: shared.responses,
    conditions: shared.conditions,
    nodeDemand: shared.nodeDemand,
    likePods: shared.likePods,
    impairs: shared.impairs,
    counters: createFlowCounters(),
    users: { users: users.users, arrivals: waiting, window: users.window, clients: users.clients },
  };
}
