/** The calls that users make: where a tick's requests enter, and what becomes of them. */
import { attemptOutcome } from './attempts.ts';
import type { CallParts } from './call-state.ts';
import type { WaitingSeconds } from './calm-flow.ts';
import type { ClientSums } from './client-sums.ts';
import { addOutcome } from './flow-sums.ts';
import type { WindowSums } from './flow-window.ts';
import type { Outcome } from './outcome.ts';
import { userRoute } from './routed-calls.ts';
import { spreadAttempts } from './spread-calls.ts';
import type { Users } from './users.ts';

export interface UserParts {
  readonly users: Users;
  /** Arrivals a second, and the seconds of the step. */
  readonly arrivals: WaitingSeconds;
  readonly window: WindowSums;
  readonly clients: ClientSums;
}

/** Sends users' first attempts and retries on their way. */
export function spreadUsers(parts: CallParts, { users, arrivals }: UserParts): void {
  const { calls, journeyOperation, zones } = parts.graph;
  const { expected, counts } = arrivals;
  for (const j of parts.part.journeys) {
    const retries = users.retriesOf(j) + hostileOf(parts, j);
    const operation = journeyOperation[j] as number;
    spreadAttempts(
      parts,
      { row: zones.length, operation, link: calls.length + j, route: userRoute(parts, operation) },
      { expected: (expected[j] as number) + retries, observed: (counts[j] as number) + retries },
    );
  }
}

/** Works out how users' attempts end; failures are the next tick's retries. */
export function settleUsers(
  parts: CallParts,
  { users, arrivals, window, clients }: UserParts,
): void {
  const { calls, journeys, journeyOperation, operationService, zones } = parts.graph;
  const { expected, counts, seconds } = arrivals;
  const { offered } = window;
  for (const j of parts.part.journeys) {
    const operation = journeyOperation[j] as number;
    const outcome = users.outcomes[j] as Outcome;
    const timeoutMs = journeys[j]?.timeoutMs ?? 0;
    const route = userRoute(parts, operation);
    const link = calls.length + j;
    attemptOutcome(outcome, parts, { row: zones.length, operation, timeoutMs, link, route });
    const hostile = hostileOf(parts, j);
    const retries = users.retriesOf(j) + hostile;
    addOutcome(window.journeys, j, seconds * ((counts[j] as number) + retries), outcome);
    // A load balancer cannot tell who is a user.
    offered[j] = (offered[j] as number) + seconds * ((counts[j] as number) + hostile);
    clients.add(operationService[operation] as number, (expected[j] as number) + retries, outcome);
  }
  users.settle(expected, parts.part.journeys);
}

/** Requests in a second from clients that are no users. */
function hostileOf({ impairs }: CallParts, j: number): number {
  return impairs === null ? 0 : (impairs.hostilePerSec[j] as number);
}
