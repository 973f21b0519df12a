import type { Span } from '../../core/observable/index.ts';
import { ownCauseMessage } from './cause-messages.ts';
import type { CallFailure } from './log-messages.ts';
import {
  accessMessage,
  callFailureMessage,
  overloadMessage,
  ownErrorMessage,
  requestFailedMessage,
} from './log-messages.ts';
import type { WalkCall, WalkOperation } from './walk-graph.ts';
import type { WalkTarget } from './walk-places.ts';
import type { WindowLogs } from './window-logs.ts';

/** Share of good server spans that leave an access log line; data stores write none. */
const accessLogShare = 0.1;

/** How a server span ended. */
export interface Served {
  readonly operation: WalkOperation;
  readonly target: WalkTarget;
  readonly ownError: boolean;
  readonly isRejected: boolean;
}

/** How a client span failed. */
export interface FailedAttempt {
  readonly failure: CallFailure;
  readonly call: WalkCall;
  readonly caller: WalkTarget;
  readonly target: WalkTarget | undefined;
  /** No further attempt follows. */
  readonly isLast: boolean;
}

/** What a server writes when it has answered; the entry alone sums up failures from below. */
export function logServed(logs: WindowLogs, served: Served, span: Span, draw: () => number): void {
  const { operation, target, ownError, isRejected } = served;
  const { identity, inFlight, isCollectable } = target.pod;
  if (!isCollectable) return;
  const atMs = span.startMs + identity.clockLagMs + span.durationMs;
  if (ownError) {
    const { ownErrorRatio, rejectRatio } = target.pod.operation(operation);
    const ordinaryRatio = operation.spec.errorRatio * (1 - rejectRatio);
    const ordinary = draw() * (ownErrorRatio - rejectRatio) < ordinaryRatio;
    const { release } = identity.resource;
    const { wrong } = target.pod.operation(operation);
    const isTheirs = wrong !== null && draw() * ownErrorRatio < wrong.errorShare;
    const said = isTheirs
      ? ownCauseMessage(wrong.cause, operation, Math.floor(draw() * 1e5))
      : null;
    const body = isRejected
      ? overloadMessage(operation, inFlight)
      : (said ?? ownErrorMessage(operation, release, { ordinary, u: draw() }));
    logs.add(identity, { severity: 'ERROR', atMs, body }, span);
  }
  if (span.status === 'error') {
    if (span.parentSpanId !== null) return;
    const body = requestFailedMessage(operation.spec.name, span.durationMs, requestIdOf(span));
    logs.add(identity, { severity: 'ERROR', atMs, body }, span);
  } else if (operation.service.spec.kind !== 'datastore' && draw() < accessLogShare) {
    const body = accessMessage(operation.spec.name, span.durationMs, requestIdOf(span));
    logs.add(identity, { severity: 'INFO', atMs, body }, span);
  }
}

/** What a client writes about a failed attempt: a warning as long as there is a way out. */
export function logCallFailed(logs: WindowLogs, failed: FailedAttempt, span: Span): void {
  const { failure, call, caller, target, isLast } = failed;
  const { identity, isCollectable } = caller.pod;
  if (!isCollectable) return;
  const body = callFailureMessage(failure, {
    call,
    ipAddress: target?.pod.identity.ipAddress ?? '',
    durationMs: span.durationMs,
    requestId: requestIdOf(span),
  });
  const severity = isLast && !call.spec.optional ? 'ERROR' : 'WARN';
  const atMs = span.startMs + identity.clockLagMs + span.durationMs;
  logs.add(identity, { severity, atMs, body }, span);
}

/** Digits that vary from request to request. */
function requestIdOf(span: Span): string {
  return span.traceId.slice(0, 8);
}
