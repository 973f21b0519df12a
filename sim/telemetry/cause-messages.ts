/** What software and kernels write when something is wrong with what they run on. */
import { hashText } from '../../core/tools/index.ts';
import type { Cause } from '../../core/truth/index.ts';
import type { CallFailure } from './log-messages.ts';
import type { WalkOperation } from './walk-graph.ts';

/** How callers see that their attempt was turned away; `refused` unless it stands here. */
const failures: Readonly<Partial<Record<Cause, CallFailure>>> = {
  unresolved_name: 'unresolved',
  revoked_rights: 'forbidden',
  changed_password: 'denied',
  misrouting_proxy: 'misrouted',
  expired_certificate: 'untrusted',
  drifting_clock: 'not_yet_valid',
  used_up_ports: 'no_ports',
  idle_sessions: 'no_connections',
};

export function failureOf(cause: Cause | null): CallFailure {
  return (cause && failures[cause]) ?? 'refused';
}

type ErrorTemplate = (operation: WalkOperation, number: number) => string;

const ownErrors: Readonly<Partial<Record<Cause, ErrorTemplate>>> = {
  full_volume: ({ spec }, n) =>
    `${spec.name}: could not extend file "base/${n}": No space left on device`,
  failing_disk: ({ spec }, n) => `${spec.name}: could not read block ${n}: Input/output error`,
  diverged_replicas: ({ spec }, n) =>
    `${spec.name}: write conflict: record ${n} has another history here`,
  blocking_session: ({ spec }, n) =>
    `${spec.name}: canceling statement due to user request, process ${n}`,
  switched_path: ({ spec }, n) => `${spec.name}: variant "b" has no handler for item ${n}`,
};

/** The line of a request that failed for this cause; null where it looks like any other. */
export function ownCauseMessage(
  cause: Cause,
  operation: WalkOperation,
  number: number,
): string | null {
  return ownErrors[cause]?.(operation, number) ?? null;
}

/** Causes after which stores write down which statements took long. */
const slowStatements: ReadonlySet<Cause> = new Set([
  'lost_index',
  'changed_plan',
  'blocking_session',
  'throttled_volume',
  'detached_disk',
]);

/** Stores write down statements that take at least this long. */
const slowStatementMs = 100;

/** A statement's identifier, as stores compute it from its text. */
function statementId(statement: string): string {
  return hashText(statement).toString(16).padStart(8, '0');
}

/** What a store says of a statement that took long: its identifier, text and plan; null if not. */
export function slowStatement(
  cause: Cause,
  { spec }: WalkOperation,
  tookMs: number,
): { readonly id: string; readonly body: string } | null {
  if (!slowStatements.has(cause) || tookMs < slowStatementMs) return null;
  const statement = spec.statement ?? spec.name;
  const id = statementId(statement);
  const scanned = Math.round(tookMs * 900);
  const how =
    cause === 'lost_index' || cause === 'changed_plan'
      ? `full scan, ${scanned} rows examined`
      : cause === 'blocking_session'
        ? 'waiting for a lock'
        : 'waiting for the volume';
  return { id, body: `duration: ${tookMs.toFixed(1)}ms statement ${id}: ${statement} (${how})` };
}

const ambient: Readonly<Partial<Record<Cause, (number: number) => string>>> = {
  full_connection_table: () => 'kernel: nf_conntrack: table full, dropping packet',
  failing_card: (n) => `kernel: eth0: rx_crc_errors ${1000 + n}, link is up`,
  cut_link: () => 'kernel: neighbour lookup: no route to host',
  narrow_link: (n) => `kernel: eth0: queue length ${800 + (n % 200)}, packets overlimit`,
  drifting_clock: (n) => `chronyd: selected source lost, system clock unsynchronised for ${n}s`,
  failing_disk: (n) => `kernel: blk_update_request: I/O error, dev sdb, sector ${1000 * n}`,
  detached_disk: () => 'kernel: sdb: task blocked for more than 120 seconds',
  open_files: () => 'accept4: too many open files',
  unreadable_record: (n) =>
    `consumer: could not decode the record at offset ${n}, reading it again`,
  idle_sessions: () => 'remaining connection slots are reserved',
  busy_neighbour: (n) => `kernel: sched: run queue of ${20 + (n % 60)} tasks`,
  expired_certificate: (n) =>
    `http: TLS handshake error from 203.0.113.${n % 250}: remote error: tls: bad certificate`,
  hostile_clients: () =>
    'kernel: TCP: request_sock_TCP: possible SYN flooding on port 8080, sending cookies',
  growing_heap: (n) => `garbage collection took ${900 + (n % 2000)}ms, heap nearly at its maximum`,
};

/** What a machine or runtime says now and then while this is wrong; null where it stays silent. */
export function ambientCauseMessage(cause: Cause, number: number): string | null {
  return ambient[cause]?.(number) ?? null;
}
