import type { Span } from '../core/observable/index.ts';

/** What one trace says about where its time went. */
interface SlowTraceReport {
  readonly traceId: string;
  /** From the first span's start to the last span's end, in ms; 0 when no span is known. */
  readonly totalMs: number;
  /** The five longest spans, longest first. */
  readonly slowest: readonly Span[];
  /** One sentence per finding; says so when nothing is clear. */
  readonly findings: readonly string[];
}

const slowestMax = 5;
const dbSlowMs = 100;
const externalSlowMs = 500;
const cpuSlowMs = 200;

/**
 * Explains a trace by its five longest spans: database calls above 100 ms name the statement,
 * external calls above 500 ms the peer, CPU work above 200 ms the operation. Fails when the time
 * was lost between spans or in spans that carry no `span.category`. Cost: O(spans log spans).
 */
export function analyseTrace(spans: readonly Span[], traceId: string): SlowTraceReport {
  const own = spans.filter((span) => span.traceId === traceId);
  if (own.length === 0) {
    return { traceId, totalMs: 0, slowest: [], findings: [`no span of trace ${traceId} is known`] };
  }
  const start = own.reduce((least, { startMs }) => Math.min(least, startMs), Infinity);
  const end = own.reduce((most, span) => Math.max(most, span.startMs + span.durationMs), -Infinity);
  const slowest = [...own].sort(longestFirst).slice(0, slowestMax);
  const findings = [...new Set(slowest.flatMap((span) => explainSpan(span) ?? []))];
  if (findings.length === 0) findings.push('no single span explains the duration');
  return { traceId, totalMs: end - start, slowest, findings };
}

function longestFirst(a: Span, b: Span): number {
  return b.durationMs - a.durationMs || (a.spanId < b.spanId ? -1 : 1);
}

function explainSpan({ attributes, durationMs, operation, resource }: Span): string | null {
  const category = attributes['span.category'];
  const spent = `${Math.round(durationMs)} ms`;
  if (category === 'db' && durationMs > dbSlowMs) {
    return `slow database call (${spent}): ${attributes['db.statement'] ?? operation}`;
  }
  if (category === 'external' && durationMs > externalSlowMs) {
    return `slow external call (${spent}): ${attributes['peer.service'] ?? operation}`;
  }
  const cpuMs = attributes['cpu.time_ms'] ?? (category === 'cpu' ? durationMs : 0);
  if (category === 'cpu' && Number(cpuMs) > cpuSlowMs) {
    return `CPU-bound work (${Math.round(Number(cpuMs))} ms): ${resource.service} ${operation}`;
  }
  return null;
}

/**
 * The id of the most telling trace: a failed one before a sound one, then the longest, by the span
 * without a parent; ties by trace id. Null when no trace has such a span.
 */
export function pickSlowTrace(spans: readonly Span[]): string | null {
  let best: Span | null = null;
  for (const span of spans) {
    if (span.parentSpanId !== null) continue;
    if (best === null || isMoreTelling(span, best)) best = span;
  }
  return best?.traceId ?? null;
}

function isMoreTelling(a: Span, b: Span): boolean {
  if (a.status !== b.status) return a.status === 'error';
  return a.durationMs > b.durationMs || (a.durationMs === b.durationMs && a.traceId < b.traceId);
}
