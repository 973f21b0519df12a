import type { SpanRecord } from './span-record.ts';

/** One attempt of a call; where only the server recorded it, both sides are the server's span. */
interface Attempt {
  readonly client: SpanRecord;
  readonly server: SpanRecord | null;
}

/** A call with its retries, in order. */
export interface TracedCall {
  readonly attempts: Attempt[];
  failed: boolean;
}

/** A response and the calls that were made for it, in order of their starts. */
export interface ServedSpan {
  readonly span: SpanRecord;
  readonly calls: readonly TracedCall[];
  readonly isEntry: boolean;
  /** The response's time less that of its calls. */
  readonly selfMs: number;
  /** Time of all calls, and the part of it during which another call ran too. */
  readonly calledMs: number;
  readonly overlappedMs: number;
}

interface AssembledTrace {
  readonly served: readonly ServedSpan[];
  /** A parent is missing, so nobody knows which calls belong to whom. */
  readonly isBroken: boolean;
}

/** What the whole file shows of how traces are recorded. */
export interface TraceHabits {
  readonly foreignParents: ReadonlySet<string>;
  readonly countsResends: boolean;
}

/** A failed attempt and the next one to the same peer lie at most this far apart. */
const retryGapMs = 2000;

/**
 * Puts the spans of one trace together. Between a response and the call it makes there may be any
 * number of internal spans; of nested client spans the outermost is the call. `foreignParents` are
 * the operations whose parent is never recorded; `countsResends` says that retries are numbered.
 */
export function assembleTrace(
  members: readonly SpanRecord[],
  { foreignParents, countsResends }: TraceHabits,
): AssembledTrace {
  const byId = new Map(members.map((span) => [span.spanId, span]));
  const served: SpanRecord[] = [];
  const attemptsOf = new Map<SpanRecord, Map<SpanRecord, SpanRecord | null>>();
  const entries = new Set<SpanRecord>();
  let isBroken = false;
  const attempts = (owner: SpanRecord): Map<SpanRecord, SpanRecord | null> => {
    const known = attemptsOf.get(owner);
    if (known) return known;
    const created = new Map<SpanRecord, SpanRecord | null>();
    attemptsOf.set(owner, created);
    return created;
  };
  for (const span of members) {
    if (span.kind === 'message') continue;
    const { owner, call, isCut } = climb(span, byId);
    if (isCut && !isForeign(span, foreignParents)) isBroken = true;
    if (span.kind === 'server') {
      served.push(span);
      if (owner) attempts(owner).set(call ?? span, span);
      else entries.add(span);
    } else if (span.kind === 'client' && owner && !call) {
      if (!attempts(owner).has(span)) attempts(owner).set(span, null);
    }
  }
  return {
    isBroken,
    served: served.map((span) => {
      const list = [...(attemptsOf.get(span) ?? [])].map(([client, server]) => ({
        client,
        server,
      }));
      list.sort((a, b) => a.client.startMs - b.client.startMs);
      const times = spanTimes(span, list);
      return {
        span,
        calls: groupRetries(list, countsResends),
        isEntry: entries.has(span),
        selfMs: Math.max(0, span.durationMs - times.coveredMs),
        calledMs: times.calledMs,
        overlappedMs: times.calledMs - times.coveredMs,
      };
    }),
  };
}

function isForeign(span: SpanRecord, foreignParents: ReadonlySet<string>): boolean {
  return span.kind === 'server' && foreignParents.has(`${span.place.service}/${span.operation}`);
}

/** From a span up to the response it belongs to, and the outermost call on the way. */
function climb(
  span: SpanRecord,
  byId: ReadonlyMap<string, SpanRecord>,
): { owner: SpanRecord | null; call: SpanRecord | null; isCut: boolean } {
  let call: SpanRecord | null = null;
  let at = span;
  for (let steps = 0; at.parentSpanId !== null && steps < 1000; steps += 1) {
    const parent = byId.get(at.parentSpanId);
    if (!parent) return { owner: null, call, isCut: true };
    if (parent.kind === 'server') return { owner: parent, call, isCut: false };
    if (parent.kind === 'client') call = parent;
    at = parent;
  }
  return { owner: null, call, isCut: false };
}

/**
 * Attempts with a retry's number belong to the call before; where nobody numbers them, those that
 * follow a failure do.
 */
function groupRetries(attempts: readonly Attempt[], countsResends: boolean): TracedCall[] {
  const calls: TracedCall[] = [];
  const latest = new Map<string, { call: TracedCall; endMs: number }>();
  for (const attempt of attempts) {
    const { client } = attempt;
    const key = `${client.operation}\n${client.call?.peer ?? client.place.service}`;
    const before = latest.get(key);
    const isRetry = countsResends
      ? (client.call?.resend ?? 0) > 0
      : before?.call.failed === true && client.startMs - before.endMs < retryGapMs;
    if (before && isRetry) {
      before.call.attempts.push(attempt);
      before.call.failed = client.failed;
      before.endMs = client.startMs + client.durationMs;
    } else {
      const call = { attempts: [attempt], failed: client.failed };
      calls.push(call);
      latest.set(key, { call, endMs: client.startMs + client.durationMs });
    }
  }
  return calls;
}

/**
 * Time covered by calls and its sum, in ms. Where a server's own record stands for the call, its
 * clock may be another one; it then counts in full.
 */
function spanTimes(
  span: SpanRecord,
  attempts: readonly Attempt[],
): { coveredMs: number; calledMs: number } {
  const endMs = span.startMs + span.durationMs;
  let coveredMs = 0;
  let calledMs = 0;
  let reachedMs = span.startMs;
  for (const { client } of attempts) {
    const isOwnClock = client.place === span.place;
    const fromMs = isOwnClock ? Math.max(client.startMs, span.startMs) : reachedMs;
    const lengthMs = isOwnClock
      ? Math.min(client.startMs + client.durationMs, endMs) - fromMs
      : client.durationMs;
    const untilMs = Math.min(endMs, fromMs + Math.max(0, lengthMs));
    calledMs += Math.max(0, untilMs - fromMs);
    coveredMs += Math.max(0, untilMs - Math.max(fromMs, reachedMs));
    reachedMs = Math.max(reachedMs, untilMs);
  }
  return { coveredMs, calledMs };
}
