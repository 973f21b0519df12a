import {
  addOrder,
  calleeStatistics,
  createOperationStatistics,
  type OperationStatistics,
  operationKey,
  serviceOfKey,
} from './operation-statistics.ts';
import type { SpanPlace, SpanRecord } from './span-record.ts';
import { assembleTrace, type ServedSpan, type TracedCall, type TraceHabits } from './trace-tree.ts';

export interface TraceStatistics {
  readonly operations: ReadonlyMap<string, OperationStatistics>;
  readonly places: readonly SpanPlace[];
  /** One-way delays, ms: half of what a call took longer than its service. */
  readonly sameZoneMs: readonly number[];
  readonly crossZoneMs: readonly number[];
  readonly traces: number;
  /** Left out of all but latency figures, because spans of theirs are missing. */
  readonly brokenTraces: number;
  readonly messageSpans: number;
  readonly spans: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * One pass over all traces. Only durations, and times of one process, are compared, so that skewed
 * clocks do no harm; traces with missing parents count as broken and are left out, unless the
 * parent is one that nobody ever records. Linear in spans; all are in memory.
 */
export function summariseTraces(spans: readonly SpanRecord[]): TraceStatistics {
  const traces = new Map<string, SpanRecord[]>();
  let fromMs = Number.POSITIVE_INFINITY;
  let untilMs = Number.NEGATIVE_INFINITY;
  let messageSpans = 0;
  for (const span of spans) {
    const members = traces.get(span.traceId);
    if (members) members.push(span);
    else traces.set(span.traceId, [span]);
    if (span.kind === 'message') messageSpans += 1;
    fromMs = Math.min(fromMs, span.startMs);
    untilMs = Math.max(untilMs, span.startMs + span.durationMs);
  }
  const habits = {
    foreignParents: findForeignParents(traces),
    countsResends: spans.some(({ call }) => call !== null && call.resend > 0),
  };
  const collector = new Collector(habits, findServers(spans));
  for (const members of traces.values()) collector.add(members);
  return {
    operations: collector.operations,
    places: [...new Set(spans.map(({ place }) => place))],
    sameZoneMs: collector.sameZoneMs,
    crossZoneMs: collector.crossZoneMs,
    traces: traces.size,
    brokenTraces: collector.brokenTraces,
    messageSpans,
    spans: spans.length,
    fromMs,
    untilMs,
  };
}

/**
 * Operations whose parents are hardly ever recorded: an uninstrumented proxy or client calls them.
 */
function findForeignParents(traces: ReadonlyMap<string, readonly SpanRecord[]>): Set<string> {
  const counts = new Map<string, { missing: number; all: number }>();
  for (const members of traces.values()) {
    const ids = new Set(members.map(({ spanId }) => spanId));
    for (const span of members) {
      if (span.kind !== 'server' || span.parentSpanId === null) continue;
      const key = operationKey(span.place.service, span.operation);
      const count = counts.get(key) ?? { missing: 0, all: 0 };
      count.all += 1;
      if (!ids.has(span.parentSpanId)) count.missing += 1;
      counts.set(key, count);
    }
  }
  const foreign = [...counts].filter(([, { missing, all }]) => missing > 0.5 * all);
  return new Set(foreign.map(([key]) => key));
}

/** Services that record their own side. */
function findServers(spans: readonly SpanRecord[]): Set<string> {
  return new Set(spans.filter(({ kind }) => kind === 'server').map(({ place }) => place.service));
}

class Collector {
  readonly operations = new Map<string, OperationStatistics>();
  readonly sameZoneMs: number[] = [];
  readonly crossZoneMs: number[] = [];
  brokenTraces = 0;
  readonly #habits: TraceHabits;
  readonly #servers: ReadonlySet<string>;
  /** Which operation answers to a client span's name, learnt from calls with both sides. */
  readonly #answers = new Map<string, string>();

  constructor(habits: TraceHabits, servers: ReadonlySet<string>) {
    this.#habits = habits;
    this.#servers = servers;
  }

  add(members: readonly SpanRecord[]): void {
    const trace = assembleTrace(members, this.#habits);
    if (trace.isBroken) {
      this.brokenTraces += 1;
      return;
    }
    for (const served of trace.served) this.#addServed(served);
  }

  #addServed(served: ServedSpan): void {
    const { span, calls } = served;
    const statistics = this.#operation(span.place.service, span.operation, false);
    statistics.spans += 1;
    if (served.isEntry) statistics.entries += 1;
    const keys = calls.map((call) => this.#calleeOf(call));
    const hasFailedCall = calls.some((call) => call.failed);
    if (span.failed && !hasFailedCall) statistics.ownFailures += 1;
    calls.forEach((call, i) => {
      this.#addCall(statistics, call, keys[i] as string | null, !span.failed);
    });
    if (span.failed) return;
    statistics.durationsMs.push(span.durationMs);
    statistics.selfMs.push(served.selfMs);
    statistics.overlappedMs += served.overlappedMs;
    statistics.calledMs += served.calledMs;
    addOrder(statistics, keys);
  }

  #addCall(
    caller: OperationStatistics,
    call: TracedCall,
    key: string | null,
    callerIsGood: boolean,
  ): void {
    if (key === null) return;
    const callee = calleeStatistics(caller, key);
    callee.attempts += call.attempts.length;
    for (const attempt of call.attempts) {
      callee.longestMs = Math.max(callee.longestMs, attempt.client.durationMs);
      if (!attempt.client.failed) continue;
      callee.failedAttempts += 1;
      if (attempt.client.call?.timedOut) callee.timeoutsMs.push(attempt.client.durationMs);
    }
    const retries = call.attempts.length - 1;
    callee.retriedFailures += retries;
    callee.resendMax = Math.max(callee.resendMax, retries);
    if (call.failed) {
      callee.failedCalls += 1;
      if (callerIsGood) callee.survivedFailures += 1;
    }
    const details = call.attempts[0]?.client.call ?? null;
    for (const { client, server } of call.attempts) {
      if (server) this.#addNetwork(client, server);
      else if (details && !this.#servers.has(serviceOfKey(key))) this.#addOutside(key, client);
    }
    const target = this.operations.get(key);
    if (target && details && details.category !== 'cpu') {
      target.category = details.category;
      target.statement ??= details.statement;
    }
  }

  /** The other side of a call that keeps no records of its own. */
  #addOutside(key: string, client: SpanRecord): void {
    const service = serviceOfKey(key);
    const statistics = this.#operation(service, key.slice(service.length + 1), true);
    statistics.spans += 1;
    if (client.failed) statistics.ownFailures += 1;
    else {
      statistics.durationsMs.push(client.durationMs);
      statistics.selfMs.push(client.durationMs);
      addOrder(statistics, []);
    }
  }

  #addNetwork(client: SpanRecord, server: SpanRecord): void {
    if (client.failed || client === server) return;
    const oneWayMs = (client.durationMs - server.durationMs) / 2;
    const [from, to] = [client.place.zone, server.place.zone];
    if (oneWayMs < 0 || from === null || to === null) return;
    (from === to ? this.sameZoneMs : this.crossZoneMs).push(oneWayMs);
  }

  /** The key of the operation that a call goes to; null when nothing tells. */
  #calleeOf({ attempts }: TracedCall): string | null {
    for (const { client, server } of attempts) {
      if (!server) continue;
      const key = operationKey(server.place.service, server.operation);
      if (client !== server) this.#answers.set(clientKey(client), key);
      return key;
    }
    const [first] = attempts;
    if (!first) return null;
    const learnt = this.#answers.get(clientKey(first.client));
    if (learnt !== undefined) return learnt;
    const peer = first.client.call?.peer;
    return peer ? operationKey(peer, first.client.operation) : null;
  }

  #operation(service: string, operation: string, isOutside: boolean): OperationStatistics {
    const key = operationKey(service, operation);
    const known = this.operations.get(key);
    if (known) return known;
    const created = createOperationStatistics(service, operation, isOutside);
    this.operations.set(key, created);
    return created;
  }
}

function clientKey({ place, operation, call }: SpanRecord): string {
  return `${place.service}\n${operation}\n${call?.peer ?? ''}`;
}
