import type { Span } from '../../core/observable/index.ts';
import { missReasons } from '../cluster-view.ts';
import type { RouteFlow, TargetFlow } from '../data-plane/flow-state.ts';
import type { WayView } from '../data-plane/impair-sight.ts';
import type { CallFailure } from './log-messages.ts';
import { callErrorTypes } from './log-messages.ts';
import type { WalkCall } from './walk-graph.ts';

/** A span in the making. */
export type SpanDraft = { -readonly [Key in keyof Span]: Span[Key] };

/** How an attempt gets on with what is wrong on its way. */
export interface Crossing {
  readonly end: 'refused' | 'cut' | null;
  readonly addedMs: number;
}

/** The way is free. */
export const unhindered: Crossing = { end: null, addedMs: 0 };

/** Draws what becomes of an attempt on an impaired way. */
export function cross(way: WayView, draw: () => number): Crossing {
  const fate = draw();
  if (fate < way.refusedShare) return { end: 'refused', addedMs: 0 };
  const cutShare = (1 - way.refusedShare) * way.cutShare;
  if (fate < way.refusedShare + cutShare) return { end: 'cut', addedMs: 0 };
  const isLate = way.stallShare > 0 && draw() < way.stallShare;
  return { end: null, addedMs: way.delayMs + (isLate ? way.stallMs : 0) };
}

/** A refusal is answered at once, by the host's network stack. */
export const refusalMs = 0.2;

/** The caller's own proxy answers for it. */
export function notSent(targets: readonly TargetFlow[], span: SpanDraft): CallFailure {
  span.durationMs = refusalMs;
  return targets.length === 0 ? 'no_endpoints' : 'rate_limited';
}

/** An attempt that reached nobody because of its edge's own ways; `u` chooses among the reasons. */
export function missed(
  { misses }: RouteFlow,
  span: SpanDraft,
  { u, timeoutMs }: { readonly u: number; readonly timeoutMs: number },
): CallFailure {
  span.durationMs = refusalMs;
  let rest = u * missReasons.reduce((sum, reason) => sum + (misses[reason] ?? 0), 0);
  const reason = missReasons.find((one) => {
    rest -= misses[one] ?? 0;
    return rest < 0;
  });
  if (reason === undefined) return 'no_endpoints';
  if (reason !== 'blocked') return reason;
  span.durationMs = timeoutMs;
  return 'timeout';
}

/** What a client span says of its attempt; number 0 is the first. */
export function clientAttributes(
  { clientAttributes: attributes }: WalkCall,
  failure: CallFailure | null,
  attempt: number,
): Span['attributes'] {
  if (!failure && attempt === 0) return attributes;
  return {
    ...attributes,
    ...(failure ? { 'error.type': callErrorTypes[failure] } : {}),
    ...(attempt > 0 ? { 'http.request.resend_count': attempt } : {}),
  };
}
