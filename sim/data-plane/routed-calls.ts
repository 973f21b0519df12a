/** How attempts fare along the ways of their edge, down and up. */
import { addAttempt } from './answers.ts';
import type { CallParts } from './call-state.ts';
import {
  addQuickError,
  addTimeOut,
  closeMixture,
  createOutcome,
  type Outcome,
  openMixture,
} from './outcome.ts';
import { loadOutcome } from './outcome-rows.ts';
import { reach } from './reach-table.ts';
import type { Route } from './routes.ts';

/** How users reach the service of an operation; absent where they do as usual. */
export function userRoute({ graph, index }: CallParts, operation: number): Route | undefined {
  return index.routes?.users[graph.operationService[operation] as number];
}

/** Spreads attempts over the pods of their route that answer; the others never see theirs. */
export function spreadRouted(
  { graph, index, reachable, calls, state }: CallParts,
  target: { readonly row: number; readonly operation: number; readonly route: Route },
  attempts: { readonly expected: number; readonly observed: number },
): void {
  const { row, operation, route } = target;
  const s = graph.operationService[operation] as number;
  const limitShare = calls.limitShare[s] as number;
  const offset = operation - (graph.firstOperation[s] as number);
  const { arrivals, observed } = state.slot;
  for (let e = 0; e < route.pods.length; e += 1) {
    const p = route.pods[e] as number;
    if (reachable.kind[row * reachable.podCount + p] !== reach.answers) continue;
    const share = limitShare * (route.shares[e] as number);
    const i = (index.firstSlot[p] as number) + offset;
    arrivals[i] = (arrivals[i] as number) + attempts.expected * share;
    observed[i] = (observed[i] as number) + attempts.observed * share;
  }
}

const limits = { networkMs: 0, timeoutMs: 0 };
const response: Outcome = createOutcome();

/** How one attempt along a route ends. */
export function routedOutcome(
  out: Outcome,
  { graph, index, reachable, calls, responses }: CallParts,
  call: { row: number; operation: number; timeoutMs: number; route: Route },
): void {
  const { row, operation, timeoutMs, route } = call;
  const s = graph.operationService[operation] as number;
  const limitShare = calls.limitShare[s] as number;
  const offset = operation - (graph.firstOperation[s] as number);
  limits.timeoutMs = timeoutMs;
  openMixture(out);
  let rest = 1;
  for (let e = 0; e < route.pods.length; e += 1) {
    const p = route.pods[e] as number;
    const share = limitShare * (route.shares[e] as number);
    const at = row * reachable.podCount + p;
    limits.networkMs = reachable.networkMs[at] as number;
    rest -= share;
    if (reachable.kind[at] === reach.answers) {
      const i = (index.firstSlot[p] as number) + offset;
      loadOutcome(response, responses.outcomes, responses.slots[i] as number);
      addAttempt(out, response, share, limits);
    } else if (reachable.kind[at] === reach.silent) addTimeOut(out, share, timeoutMs);
    else addQuickError(out, share, Math.min(timeoutMs, limits.networkMs), 0);
  }
  const blocked = limitShare * route.blockedShare;
  if (blocked > 0) addTimeOut(out, blocked, timeoutMs);
  rest -= blocked;
  // Refusals and name errors come at once.
  if (rest > 1e-12) addQuickError(out, rest, 0, 0);
  closeMixture(out);
}
