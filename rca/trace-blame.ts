import type { Span } from '../core/observable/index.ts';
import type { Windows } from './windows.ts';

/** What sampled requests say about one service, recent against baseline. */
export interface ServiceBlame {
  /** Extra ms per recent trace that passed inside the service itself. */
  ownExcessMs: number;
  /** Extra ms per recent trace lost between callers and the service. */
  networkExcessMs: number;
  /** Recent failures that begin here: in the service, or in reaching it. */
  failures: number;
  /**
   * Share of the service's recent visits in which a failure begins, above its baseline (0 to 1).
   */
  failureRatio: number;
}

export interface TraceBlame {
  readonly services: ReadonlyMap<string, ServiceBlame>;
  /** Recent traces seen. */
  readonly traces: number;
  /** Mean extra ms per recent trace over all services. */
  readonly totalExcessMs: number;
  /** Mean ms per baseline trace, all services; NaN without baseline. */
  readonly baselineMs: number;
  readonly totalFailures: number;
  /** Failures that begin inside a service, per `service@release`, with the visits. */
  readonly releases: ReadonlyMap<string, { visits: number; failures: number }>;
}

/** Spans of one window that are looked at, newest first; more would not change a mean. */
const spansMax = 6_000;

/**
 * Differential self time and first failures over sampled requests: every span's own time (without
 * its children) is compared with the baseline mean of its operation, and every failure is charged
 * to the deepest span that failed. Time or failures of a call whose server side is unknown are
 * charged to the callee. Fails with broken traces (the caller gets the blame of unseen callees)
 * and without baseline spans. Cost: O(spans), at most 6,000 per window. After the critical-path
 * differences of FIRM and CRISP.
 */
export function blameByTraces(spans: readonly Span[], windows: Windows): TraceBlame {
  const [baselineSpans, recentSpans] = splitSpans(spans, windows);
  const instrumented = new Set<string>();
  for (const { kind, resource } of recentSpans)
    if (kind === 'server') instrumented.add(resource.service);
  for (const { kind, resource } of baselineSpans)
    if (kind === 'server') instrumented.add(resource.service);
  const baseline = measure(baselineSpans, instrumented);
  const recent = measure(recentSpans, instrumented);
  return compare(baseline, recent);
}

function splitSpans(spans: readonly Span[], windows: Windows): [Span[], Span[]] {
  const baseline: Span[] = [];
  const recent: Span[] = [];
  for (let i = spans.length - 1; i >= 0 && baseline.length < spansMax; i -= 1) {
    const span = spans[i] as Span;
    if (span.startMs > windows.recentFromMs) {
      if (recent.length < spansMax && span.startMs <= windows.untilMs) recent.push(span);
    } else if (span.startMs <= windows.baselineUntilMs) {
      if (span.startMs <= windows.baselineFromMs) break;
      baseline.push(span);
    }
  }
  return [baseline, recent];
}

/** Sum and count of self times of one operation, and whom they are charged to. */
interface OperationTime {
  readonly service: string;
  readonly isNetwork: boolean;
  sumMs: number;
  count: number;
}

interface Measured {
  readonly traces: number;
  readonly times: Map<string, OperationTime>;
  readonly visits: Map<string, number>;
  readonly failures: Map<string, number>;
  readonly releases: Map<string, { visits: number; failures: number }>;
}

function measure(spans: readonly Span[], instrumented: ReadonlySet<string>): Measured {
  const links = linkSpans(spans);
  const measured: Measured = {
    traces: links.roots,
    times: new Map(),
    visits: new Map(),
    failures: new Map(),
    releases: new Map(),
  };
  for (let i = 0; i < spans.length; i += 1) {
    const span = spans[i] as Span;
    // A section inside a service is part of the span around it, and is not always recorded.
    if (span.kind === 'internal') continue;
    const hasChild = links.longestChild[i] !== -1;
    const isLeafCall = span.kind === 'client' && !hasChild;
    const service = span.kind === 'client' ? peerOf(span) : span.resource.service;
    // A sound call without its server span is a broken trace, unless the callee never emits spans.
    if (isLeafCall && span.status === 'ok' && instrumented.has(service)) continue;
    const selfMs = Math.max(0, span.durationMs - (links.childMs[i] as number));
    addTime(measured.times, service, span, selfMs);
    if (span.kind === 'server' || isLeafCall) increment(measured.visits, service);
    const isDeepest = span.status === 'error' && links.hasFailedChild[i] === 0;
    if (span.kind === 'server') countRelease(measured, span, isDeepest);
    if (isDeepest) increment(measured.failures, blamedFor(spans, links, i));
  }
  return measured;
}

interface Links {
  readonly roots: number;
  readonly childMs: Float64Array;
  readonly longestChild: Int32Array;
  readonly hasFailedChild: Uint8Array;
}

function linkSpans(spans: readonly Span[]): Links {
  const byId = new Map<string, number>();
  for (let i = 0; i < spans.length; i += 1) byId.set((spans[i] as Span).spanId, i);
  const childMs = new Float64Array(spans.length);
  const longestChild = new Int32Array(spans.length).fill(-1);
  const hasFailedChild = new Uint8Array(spans.length);
  let roots = 0;
  for (let i = 0; i < spans.length; i += 1) {
    const span = spans[i] as Span;
    if (span.parentSpanId === null) roots += 1;
    const parent = span.parentSpanId === null ? undefined : byId.get(span.parentSpanId);
    if (parent === undefined || (spans[parent] as Span).traceId !== span.traceId) continue;
    if (span.kind === 'internal') continue;
    childMs[parent] = (childMs[parent] as number) + span.durationMs;
    if (span.status === 'error') hasFailedChild[parent] = 1;
    const longest = longestChild[parent] as number;
    if (longest < 0 || (spans[longest] as Span).durationMs < span.durationMs)
      longestChild[parent] = i;
  }
  return { roots, childMs, longestChild, hasFailedChild };
}

function peerOf(span: Span): string {
  return String(span.attributes['peer.service'] ?? span.resource.service);
}

/**
 * Whom a failure is charged to: a failed call that a sound child outlasted (the caller gave up)
 * goes down to where most of the time went; otherwise the span's own service, or the unreachable
 * callee.
 */
function blamedFor(spans: readonly Span[], links: Links, failed: number): string {
  let at = failed;
  for (;;) {
    const child = links.longestChild[at] as number;
    const span = spans[at] as Span;
    const isTimeOut = at !== failed || span.kind === 'client';
    if (child < 0 || !isTimeOut || (spans[child] as Span).durationMs < span.durationMs / 2) {
      return span.kind === 'client' ? peerOf(span) : span.resource.service;
    }
    at = child;
  }
}

function countRelease({ releases }: Measured, span: Span, failed: boolean): void {
  const key = `${span.resource.service}@${span.resource.release}`;
  const known = releases.get(key) ?? { visits: 0, failures: 0 };
  known.visits += 1;
  if (failed) known.failures += 1;
  releases.set(key, known);
}

function addTime(
  times: Map<string, OperationTime>,
  service: string,
  span: Span,
  selfMs: number,
): void {
  const key = `${service} ${span.kind} ${span.operation}`;
  const known = times.get(key);
  if (known) {
    known.sumMs += selfMs;
    known.count += 1;
  } else {
    times.set(key, { service, isNetwork: span.kind === 'client', sumMs: selfMs, count: 1 });
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function compare(baseline: Measured, recent: Measured): TraceBlame {
  const services = new Map<string, ServiceBlame>();
  let totalExcessMs = 0;
  for (const [key, { service, isNetwork, sumMs, count }] of recent.times) {
    const usual = baseline.times.get(key);
    if (!usual) continue;
    const excess = (sumMs - (count * usual.sumMs) / usual.count) / Math.max(1, recent.traces);
    const blame = entryOf(services, service);
    if (isNetwork) blame.networkExcessMs += excess;
    else blame.ownExcessMs += excess;
    totalExcessMs += Math.max(0, excess);
  }
  let totalFailures = 0;
  for (const [service, failures] of recent.failures) {
    const blame = entryOf(services, service);
    const visits = Math.max(recent.visits.get(service) ?? 0, failures);
    const usual =
      (baseline.failures.get(service) ?? 0) / Math.max(1, baseline.visits.get(service) ?? 0);
    blame.failures = failures;
    blame.failureRatio = Math.max(0, failures / visits - usual);
    totalFailures += failures;
  }
  return {
    services,
    traces: recent.traces,
    totalExcessMs,
    baselineMs: meanTraceMs(baseline),
    totalFailures,
    releases: mergeReleases(baseline, recent),
  };
}

function entryOf(services: Map<string, ServiceBlame>, service: string): ServiceBlame {
  let blame = services.get(service);
  if (!blame) {
    blame = { ownExcessMs: 0, networkExcessMs: 0, failures: 0, failureRatio: 0 };
    services.set(service, blame);
  }
  return blame;
}

function meanTraceMs({ times, traces }: Measured): number {
  let sum = 0;
  for (const { sumMs } of times.values()) sum += sumMs;
  return traces === 0 ? Number.NaN : sum / traces;
}

function mergeReleases(a: Measured, b: Measured): TraceBlame['releases'] {
  const merged = new Map<string, { visits: number; failures: number }>();
  for (const [key, { visits, failures }] of [...a.releases, ...b.releases]) {
    const known = merged.get(key) ?? { visits: 0, failures: 0 };
    merged.set(key, { visits: known.visits + visits, failures: known.failures + failures });
  }
  return merged;
}
