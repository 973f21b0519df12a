import type { CallParts } from './call-state.ts';

/** Completions per arrival are believed within these. */
const flowMin = 0.05;
const flowMax = 1;
/** Part of the way to a target that is taken in a second, at least: callees saturated, or not. */
const fedStep = 0.05;
const freeStep = 0.3;

/**
 * Notes whether any pod has more to do than it can, and forgets what was known of completions.
 * While none has, whatever is let in is completed.
 */
export function openCompletions({ part, state, reachable, completions }: CallParts): void {
  const { servedShare } = state.pod;
  let isSaturated = false;
  for (let k = 0; k < part.pods.length && !isSaturated; k += 1) {
    const p = part.pods[k] as number;
    isSaturated = reachable.alive[p] === 1 && (servedShare[p] as number) < 1;
  }
  if (isSaturated || completions.isSaturated) {
    completions.share.fill(1);
    completions.ofCalls.fill(1);
    completions.waits.fill(0);
  }
  completions.isSaturated = isSaturated;
}

/** Follows an operation after its callees: which share of what was let in came to an end. */
export function followCompletions(
  { graph, index, state, completions }: CallParts,
  o: number,
): void {
  if (!completions.isSaturated) return;
  const { share, ofCalls, waits } = completions;
  let calls = 1;
  let doWait = false;
  for (let c = graph.firstCall[o] as number; c < (graph.firstCall[o + 1] as number); c += 1) {
    const callee = graph.callee[c] as number;
    calls *= share[callee] as number;
    doWait ||= waits[callee] === 1;
  }
  ofCalls[o] = Math.min(flowMax, Math.max(flowMin, calls));
  const s = graph.operationService[o] as number;
  const offset = o - (graph.firstOperation[s] as number);
  const { first, pods } = index.endpoints;
  let served = 0;
  let letIn = 0;
  for (let e = first[s] as number; e < (first[s + 1] as number); e += 1) {
    const p = pods[e] as number;
    const i = (index.firstSlot[p] as number) + offset;
    served += state.slot.served[i] as number;
    letIn += (state.slot.arrivals[i] as number) - (state.slot.rejected[i] as number);
    doWait ||= (state.pod.servedShare[p] as number) < 1;
  }
  const own = letIn > 0 ? served / letIn : 1;
  share[o] = Math.min(flowMax, Math.max(flowMin, own * calls));
  waits[o] = doWait ? 1 : 0;
}

/**
 * The rate at which to let requests in that hold a place until their callees are done. What a
 * saturated callee completes is what can follow; only the rest of the way to `target` is taken in
 * proportion to the time a place is held, or places and the callee's queue would swing against each
 * other (the self-clocking of a window, Jacobson 1988).
 */
export function clockedRate(rates: {
  completed: number;
  target: number;
  holdMs: number;
  /** Whether a callee has more to do than it can. */
  isFed: boolean;
}): number {
  const { completed, target, holdMs, isFed } = rates;
  if (completed <= 0 || target <= 0) return target;
  const part = Math.min(1, Math.max(isFed ? fedStep : freeStep, holdMs / 1000));
  return Math.exp((1 - part) * Math.log(completed) + part * Math.log(target));
}
