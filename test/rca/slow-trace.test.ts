import { describe, expect, it } from 'vitest';
import type { Span } from '../../core/observable/index.ts';
import { analyseTrace, pickSlowTrace } from '../../rca/index.ts';

const resource = {
  service: 'cart',
  pod: 'cart-1',
  node: 'n1',
  zone: 'z',
  region: 'r',
  release: 'v1',
};

function span(
  spanId: string,
  startMs: number,
  durationMs: number,
  extra: Partial<Span> = {},
): Span {
  return {
    traceId: 't1',
    spanId,
    parentSpanId: 'root',
    kind: 'internal',
    operation: `op-${spanId}`,
    resource,
    startMs,
    durationMs,
    status: 'ok',
    attributes: {},
    ...extra,
  };
}

describe('analyseTrace', () => {
  it('names statement, peer and operation above their limits', () => {
    const spans = [
      span('root', 0, 1000, { parentSpanId: null }),
      span('a', 10, 101, { attributes: { 'span.category': 'db', 'db.statement': 'HGETALL cart' } }),
      span('b', 120, 501, { attributes: { 'span.category': 'external', 'peer.service': 'bank' } }),
      span('c', 640, 300, { attributes: { 'span.category': 'cpu', 'cpu.time_ms': 201 } }),
    ];
    const report = analyseTrace(spans, 't1');
    expect(report.totalMs).toBe(1000);
    expect(report.slowest.map(({ spanId }) => spanId)).toEqual(['root', 'b', 'c', 'a']);
    expect(report.findings).toEqual([
      'slow external call (501 ms): bank',
      'CPU-bound work (201 ms): cart op-c',
      'slow database call (101 ms): HGETALL cart',
    ]);
  });

  it('keeps quiet at the limits and says that nothing is clear', () => {
    const spans = [
      span('a', 0, 100, { attributes: { 'span.category': 'db', 'db.statement': 'GET' } }),
      span('b', 0, 500, { attributes: { 'span.category': 'external', 'peer.service': 'bank' } }),
      span('c', 0, 900, { attributes: { 'span.category': 'cpu', 'cpu.time_ms': 200 } }),
    ];
    expect(analyseTrace(spans, 't1').findings).toEqual(['no single span explains the duration']);
  });

  it('looks at five spans, from first start to last end, of the asked trace only', () => {
    const spans = Array.from({ length: 8 }, (_, i) => span(`s${i}`, 10 * i, 100 - i));
    const report = analyseTrace([...spans, span('x', 0, 9999, { traceId: 't2' })], 't1');
    expect(report.slowest.map(({ spanId }) => spanId)).toEqual(['s0', 's1', 's2', 's3', 's4']);
    expect(report.totalMs).toBe(70 + 93);
  });

  it('says so when the trace is not known', () => {
    expect(analyseTrace([], 'gone')).toEqual({
      traceId: 'gone',
      totalMs: 0,
      slowest: [],
      findings: ['no span of trace gone is known'],
    });
  });
});

describe('pickSlowTrace', () => {
  const root = (traceId: string, durationMs: number, status: Span['status'] = 'ok'): Span =>
    span(`root-${traceId}`, 0, durationMs, { traceId, parentSpanId: null, status });

  it('takes the slowest, failed ones first, and ignores spans inside', () => {
    expect(pickSlowTrace([root('a', 10), root('b', 30), span('x', 0, 99, { traceId: 'c' })])).toBe(
      'b',
    );
    expect(pickSlowTrace([root('a', 10), root('b', 30), root('c', 5, 'error')])).toBe('c');
  });

  it('breaks ties by trace id and knows nothing of nothing', () => {
    expect(pickSlowTrace([root('b', 10), root('a', 10)])).toBe('a');
    expect(pickSlowTrace([])).toBeNull();
  });
});
