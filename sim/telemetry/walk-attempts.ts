import type { Span } from '../../core/observable/index.ts';
import type { CallFailure } from './log-messages.ts';
import { callErrorTypes } from './log-messages.ts';
import type { WalkCall } from './walk-graph.ts';
import type { WalkTarget } from './walk-places.ts';

/** A span in the making. */
export type SpanDraft = { -readonly [Key in keyof Span]: Span[Key] };

/** A refusal is answered at once, by the host's network stack. */
export const refusalMs = 0.2;

/** The caller's own proxy answers for it. */
export function notSent(targets: readonly WalkTarget[], span: SpanDraft): CallFailure {
  span.durationMs = refusalMs;
  return targets.length === 0 ? 'no_endpoints' : 'rate_limited';
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
