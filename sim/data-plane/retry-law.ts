import type { CallParts } from './call-state.ts';
import { callPolicyOf } from './connections.ts';
import { errorShareOf, type Outcome } from './outcome.ts';
import { sizeOf } from './pod-groups.ts';
import type { RetryLaw } from './retry-outcome.ts';

const law: RetryLaw = { retries: 0, backoffMs: 0, persistence: 0, permitted: 1 };

/** How a call is tried again at present; the law is valid until the next one is asked for. */
export function retryLawOf(
  parts: CallParts,
  call: { c: number; retries: number; attempt: Outcome },
): Readonly<RetryLaw> {
  const { c, retries, attempt } = call;
  const { perCall } = parts.graph;
  law.retries = retries;
  const policy = callPolicyOf(parts, c);
  const timeoutMs = (parts.impairs ?? perCall).timeoutMs[c] as number;
  const budget = policy?.retryBudget ?? (perCall.retryBudget[c] as number);
  law.backoffMs = policy?.backoffMs ?? (perCall.backoffMs[c] as number);
  law.persistence =
    attempt.slowErrorShare > 0 ? persistenceOf(parts, c, timeoutMs + law.backoffMs) : 0;
  law.permitted = permittedShare(errorShareOf(attempt), retries, budget);
  return law;
}

/**
 * P(the retry lands on the same pod and its queue is still the one that made the attempt late): one
 * over the number of pods, times the autocorrelation of an M/M/1 queue, taken as exponential with
 * its relaxation time.
 */
function persistenceOf({ graph, index, state }: CallParts, c: number, afterMs: number): number {
  const s = graph.operationService[graph.callee[c] as number] as number;
  const { first, pods } = index.endpoints;
  const count = sizeOf(index.endpoints, s);
  if (count === 0) return 0;
  const memoryMs = state.pod.memoryMs[pods[first[s] as number] as number] as number;
  return memoryMs > 0 ? Math.exp(-afterMs / memoryMs) / count : 0;
}

/**
 * The share of retries that keeps retries per call within `budget`: the root of
 * Σ (share · failing)^k = budget over k = 1 … retries, by bisection.
 */
function permittedShare(failing: number, retries: number, budget: number): number {
  const perCall = (share: number): number => {
    let sum = 0;
    let term = 1;
    for (let k = 0; k < retries; k += 1) {
      term *= share * failing;
      sum += term;
    }
    return sum;
  };
  if (perCall(1) <= budget) return 1;
  let from = 0;
  let to = 1;
  for (let i = 0; i < 30; i += 1) {
    const middle = 0.5 * (from + to);
    if (perCall(middle) < budget) from = middle;
    else to = middle;
  }
  return from;
}
