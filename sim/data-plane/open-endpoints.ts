import type { CallParts } from './call-state.ts';
import { addQuickError, type Outcome, openMixture } from './outcome.ts';
import { sizeOf } from './pod-groups.ts';

/**
 * Starts the mixture of an attempt over all endpoints of service s, and answers the share of each
 * (0 to 1). Attempts above the service's rate limit, or without any endpoint, fail at once.
 */
export function openEndpoints(out: Outcome, { index, calls }: CallParts, s: number): number {
  const count = sizeOf(index.endpoints, s);
  const limitShare = calls.limitShare[s] as number;
  openMixture(out);
  if (count === 0) addQuickError(out, 1, 0, 0);
  else if (limitShare < 1) addQuickError(out, 1 - limitShare, 0, 0);
  return limitShare / count;
}
