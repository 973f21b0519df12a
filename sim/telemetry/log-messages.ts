/** The wording of log lines, as the software of such services writes it. */
import { hashText } from '../../core/tools/index.ts';
import type { WalkCall, WalkOperation } from './walk-graph.ts';

/** Why a call attempt failed, as the client sees it. */
export type CallFailure =
  | 'timeout'
  | 'deadline'
  | 'refused'
  | 'no_endpoints'
  | 'unresolved'
  | 'misrouted'
  | 'denied'
  | 'forbidden'
  | 'untrusted'
  | 'not_yet_valid'
  | 'no_ports'
  | 'no_connections'
  | 'rate_limited'
  | 'upstream_error';

/** What a failed attempt is about. */
export interface AttemptFacts {
  readonly call: WalkCall;
  readonly ipAddress: string;
  readonly durationMs: number;
  /** Digits that vary from request to request. */
  readonly requestId: string;
}

export function callFailureMessage(failure: CallFailure, facts: AttemptFacts): string {
  const { call, ipAddress, durationMs, requestId } = facts;
  const { service, spec } = call.target;
  const { port } = service;
  const peer = service.spec.name;
  const of = `${spec.name}, request ${requestId}`;
  const limit = `${call.spec.timeoutMs}ms`;
  const took = `${durationMs.toFixed(1)}ms`;
  switch (failure) {
    case 'timeout':
      return `connection timeout: dial tcp ${peer}:${port}: i/o timeout (${of})`;
    case 'deadline':
      return `upstream request timeout: no answer from ${peer} within ${limit} (${of})`;
    case 'unresolved':
      return `dial tcp: lookup ${peer} on 10.96.0.10:53: no such host (${of})`;
    case 'forbidden':
      return `${peer}: permission denied for relation used by ${of}`;
    case 'untrusted':
      return `tls: failed to verify ${peer}: x509: validity ended ${of}`;
    case 'not_yet_valid':
      return `tls: failed to verify ${peer}: x509: token used before issued (${of})`;
    case 'no_ports':
      return `dial tcp ${peer}:${port}: connect: cannot assign requested address (${of})`;
    case 'no_connections':
      return `${peer}: sorry, too many clients already (${of})`;
    case 'misrouted':
      return `unexpected answer from ${peer}: unknown method ${spec.name}, request ${requestId}`;
    case 'denied':
      return `authentication failed: ${peer} refused the password (${of})`;
    case 'refused':
      return `dial tcp ${ipAddress || peer}:${port}: connect: connection refused (${peer} ${of})`;
    case 'no_endpoints':
      return `upstream request failed: 503 no healthy upstream for ${peer}, request ${requestId}`;
    case 'rate_limited':
      return `upstream request failed: 429 local_rate_limited for ${peer} (${of})`;
    case 'upstream_error':
      return `upstream request failed: 503 from ${peer} after ${took} (${of})`;
  }
}

/** `error.type` of the client span. */
export const callErrorTypes: Readonly<Record<CallFailure, string>> = {
  timeout: 'timeout',
  deadline: 'timeout',
  refused: 'connection_refused',
  no_endpoints: 'unavailable',
  unresolved: 'name_resolution_error',
  misrouted: 'unimplemented',
  denied: 'unauthenticated',
  forbidden: 'permission_denied',
  untrusted: 'certificate_error',
  not_yet_valid: 'certificate_error',
  no_ports: 'address_unavailable',
  no_connections: 'resource_exhausted',
  rate_limited: '429',
  upstream_error: '503',
};

/** A request that a process turned away because it has too many already. */
export function overloadMessage({ spec }: WalkOperation, inFlight: number): string {
  const count = Math.round(inFlight);
  return `request rejected: 503 too many concurrent requests (${count} in flight), ${spec.name}`;
}

type ErrorTemplate = (operation: string, item: number) => string;

/** What goes wrong in good software now and then: mostly the caller's input. */
const ordinaryErrors: readonly ErrorTemplate[] = [
  (operation, n) => `${operation}: invalid argument: unknown id ${n}`,
  (operation, n) => `${operation}: conflict: version ${n} is not the latest`,
  (operation, n) => `${operation}: could not decode request body: unexpected end at byte ${n}`,
];

/** What a bug looks like; one release has one of them. */
const bugErrors: readonly ErrorTemplate[] = [
  (operation, n) =>
    `${operation}: java.lang.NullPointerException: Item.getPrice() on null "item" (item ${n})`,
  (operation, n) =>
    `panic recovered in ${operation}: nil pointer dereference, goroutine ${n} [running]`,
  (operation, n) =>
    `${operation}: TypeError: Cannot read properties of undefined (reading 'units'), item ${n}`,
  (operation, n) => `${operation}: KeyError: 'currency_code' while handling item ${n}`,
  (operation, n) => `${operation}: assertion failed: expected a non-empty list for item ${n}`,
];

/** An error an operation makes itself: `ordinary`, or the one its release is prone to. */
export function ownErrorMessage(
  operation: WalkOperation,
  release: string,
  draw: { ordinary: boolean; u: number },
): string {
  const number = Math.floor(draw.u * 100_000);
  const templates = draw.ordinary ? ordinaryErrors : bugErrors;
  const choice = draw.ordinary ? number : hashText(`${operation.service.spec.name}@${release}`);
  return (templates[choice % templates.length] as ErrorTemplate)(operation.spec.name, number);
}

export function accessMessage(operation: string, durationMs: number, requestId: string): string {
  return `${operation} 200 ${durationMs.toFixed(1)}ms request=${requestId}`;
}

export function requestFailedMessage(
  operation: string,
  durationMs: number,
  requestId: string,
): string {
  return `request failed: ${operation} 500 after ${durationMs.toFixed(1)}ms request=${requestId}`;
}

export function outOfMemoryMessage(options: {
  processId: number;
  workload: string;
  limitBytes: number;
}): string {
  const { processId, workload, limitBytes } = options;
  const process = `${processId} (${workload})`;
  return `Out of memory: Killed process ${process} anon-rss:${Math.round(limitBytes / 1024)}kB`;
}

export function memoryPressureMessage(usedRatio: number, pauseMs: number): string {
  const used = `${Math.round(usedRatio * 100)}%`;
  return `garbage collection took ${pauseMs}ms, heap still at ${used} of the memory limit`;
}

interface BackgroundKind {
  /** Per pod and scrape. */
  readonly chance: number;
  readonly severity: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  readonly body: (number: number) => string;
}

/** What every process says now and then in good health. */
const backgroundKinds: readonly BackgroundKind[] = [
  { chance: 0.12, severity: 'INFO', body: (n) => `GET /healthz 200 ${1 + (n % 4)}ms` },
  {
    chance: 0.04,
    severity: 'DEBUG',
    body: (n) => `cache refresh done: ${n % 900} entries in ${2 + (n % 37)}ms`,
  },
  {
    chance: 0.03,
    severity: 'INFO',
    body: (n) => `connection pool: ${n % 20} active, ${20 - (n % 20)} idle`,
  },
  {
    chance: 0.006,
    severity: 'WARN',
    body: (n) => `configuration reload took ${300 + (n % 900)}ms`,
  },
  { chance: 0.004, severity: 'WARN', body: (n) => `slow name lookup: ${50 + (n % 200)}ms` },
  {
    chance: 0.0025,
    severity: 'ERROR',
    body: (n) => `authentication failed for user u${n % 5000}`,
  },
  {
    chance: 0.0015,
    severity: 'ERROR',
    body: (n) => `could not export ${1 + (n % 60)} metric points: queue is full`,
  },
];

/** Added up in the order of the loop below: in another one, rounding would move its last bound. */
const backgroundShare = backgroundKinds.reduce((sum, { chance }) => sum + chance, 0);

/** What one pod says at one scrape, at probability `u`; undefined for the usual silence. */
export function backgroundKind(u: number): BackgroundKind | undefined {
  if (u >= backgroundShare) return undefined;
  let bound = 0;
  for (let i = 0; i < backgroundKinds.length; i += 1) {
    const kind = backgroundKinds[i] as BackgroundKind;
    bound += kind.chance;
    if (u < bound) return kind;
  }
  return undefined;
}
