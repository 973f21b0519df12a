import { describe, expect, it } from 'vitest';
import type { Span } from '../../core/observable/index.ts';
import { blameByTraces } from '../../rca/trace-blame.ts';

const windows = { baselineFromMs: 0, baselineUntilMs: 100, recentFromMs: 200, untilMs: 300 };

interface Call {
  readonly startMs: number;
  readonly clientMs: number;
  readonly serverMs: number | null;
  readonly clientFails?: boolean;
  readonly serverFails?: boolean;
  readonly innerMs?: number;
}

/**
 * A request to `front`, which calls `back` (its server span may be missing), which calls `store`.
 */
function trace(traceId: string, call: Call): Span[] {
  const base = { traceId, startMs: call.startMs, attributes: {}, status: 'ok' as const };
  const at = (service: string, release = 'v1') => ({
    service,
    pod: `${service}-1`,
    node: 'n',
    zone: 'z',
    region: 'r',
    release,
  });
  const rootStatus = call.clientFails || call.serverFails ? 'error' : 'ok';
  const spans: Span[] = [
    {
      ...base,
      spanId: `${traceId}r`,
      parentSpanId: null,
      kind: 'server',
      operation: 'home',
      resource: at('front'),
      durationMs: call.clientMs + 5,
      status: rootStatus,
    },
    {
      ...base,
      spanId: `${traceId}c`,
      parentSpanId: `${traceId}r`,
      kind: 'client',
      operation: 'call',
      resource: at('front'),
      durationMs: call.clientMs,
      status: rootStatus,
      attributes: { 'peer.service': 'back' },
    },
  ];
  if (call.serverMs !== null) {
    spans.push({
      ...base,
      spanId: `${traceId}s`,
      parentSpanId: `${traceId}c`,
      kind: 'server',
      operation: 'work',
      resource: at('back', 'v2'),
      durationMs: call.serverMs,
      status: call.serverFails ? 'error' : 'ok',
    });
    if (call.innerMs !== undefined) {
      spans.push({
        ...base,
        spanId: `${traceId}i`,
        parentSpanId: `${traceId}s`,
        kind: 'client',
        operation: 'GET',
        resource: at('back', 'v2'),
        durationMs: call.innerMs,
        attributes: { 'peer.service': 'store' },
      });
    }
  }
  return spans;
}

const usual = (id: string): Span[] => trace(id, { startMs: 50, clientMs: 20, serverMs: 15 });

describe('blameByTraces', () => {
  it('charges extra self time to the service, extra waiting to the way', () => {
    const own = blameByTraces(
      [...usual('a'), ...trace('b', { startMs: 250, clientMs: 120, serverMs: 115 })],
      windows,
    );
    expect(own.services.get('back')).toMatchObject({ ownExcessMs: 100, networkExcessMs: 0 });
    const way = blameByTraces(
      [...usual('a'), ...trace('b', { startMs: 250, clientMs: 120, serverMs: 15 })],
      windows,
    );
    expect(way.services.get('back')).toMatchObject({ ownExcessMs: 0, networkExcessMs: 100 });
    expect(way.services.get('front')).toMatchObject({ ownExcessMs: 0 });
    expect(way).toMatchObject({ traces: 1, totalExcessMs: 100, baselineMs: 25 });
  });

  it('ignores sound calls whose server span is missing', () => {
    const blame = blameByTraces(
      [
        ...usual('a'),
        ...usual('a2'),
        ...trace('b', { startMs: 250, clientMs: 900, serverMs: null }),
      ],
      windows,
    );
    expect(blame.services.get('back')?.networkExcessMs ?? 0).toBe(0);
  });

  it('charges a failure to the deepest span that failed', () => {
    const failed = trace('b', { startMs: 250, clientMs: 20, serverMs: 15, serverFails: true });
    const blame = blameByTraces([...usual('a'), ...failed], windows);
    expect(blame.services.get('back')).toMatchObject({ failures: 1, failureRatio: 1 });
    expect(blame.services.get('front')?.failures).toBe(0);
    expect(blame.releases.get('back@v2')).toEqual({ visits: 2, failures: 1 });
  });

  it('charges an unanswered call to the callee', () => {
    const lost = trace('b', { startMs: 250, clientMs: 1000, serverMs: null, clientFails: true });
    expect(blameByTraces([...usual('a'), ...lost], windows).services.get('back')?.failures).toBe(1);
  });

  it('follows a time-out down to where the time went', () => {
    const late = trace('b', {
      startMs: 250,
      clientMs: 1000,
      serverMs: 1500,
      innerMs: 1400,
      clientFails: true,
    });
    expect(blameByTraces([...usual('a'), ...late], windows).services.get('store')?.failures).toBe(
      1,
    );
  });

  it('has nothing to compare without a baseline', () => {
    const blame = blameByTraces(trace('b', { startMs: 250, clientMs: 120, serverMs: 15 }), windows);
    expect(blame.totalExcessMs).toBe(0);
    expect(blame.baselineMs).toBeNaN();
  });
});
