import { describe, expect, it } from 'vitest';
import type {
  LogRecord,
  MetricsFrame,
  SeriesDescriptor,
  Span,
} from '../../core/observable/index.ts';
import {
  exportChangesJsonl,
  exportEventsJsonl,
  exportLogsOtlp,
  exportMetricsCsv,
  exportOpenMetrics,
  exportTracesOtlp,
} from '../../reports/index.ts';
import { fixtureRecord } from './fixture.ts';

const series: readonly SeriesDescriptor[] = [
  { signal: 'error_ratio', component: 'service/a', labels: { service: 'a "quoted", with comma' } },
  {
    signal: 'container_restarts_total',
    component: 'pod/default/a-1',
    labels: { pod: 'a-1', node: 'n\\1' },
  },
  { signal: 'error_ratio', component: 'service/b', labels: { service: 'b\nnewline' } },
];
const early = { series: series.slice(0, 2) };
const late = { series };
const frames: readonly MetricsFrame[] = [
  { atMs: -15_000, index: early, values: Float64Array.of(0.25, 0) },
  { atMs: 0, index: late, values: Float64Array.of(Number.NaN, 1, 0.5) },
];

describe('metrics as CSV', () => {
  const rows = [...exportMetricsCsv(frames)];

  it('is RFC 4180: header first, CRLF, quotes doubled, one column per label', () => {
    expect(rows).toEqual([
      'time,signal,component,node,pod,service,value\r\n',
      '2026-01-05T08:59:45.000000Z,error_ratio,service/a,,,"a ""quoted"", with comma",0.25\r\n',
      '2026-01-05T08:59:45.000000Z,container_restarts_total,pod/default/a-1,n\\1,a-1,,0\r\n',
      '2026-01-05T09:00:00.000000Z,container_restarts_total,pod/default/a-1,n\\1,a-1,,1\r\n',
      '2026-01-05T09:00:00.000000Z,error_ratio,service/b,,,"b\nnewline",0.5\r\n',
    ]);
  });

  it('is a header alone when there is nothing', () => {
    expect([...exportMetricsCsv([])]).toEqual(['time,signal,component,value\r\n']);
  });
});

describe('metrics as OpenMetrics', () => {
  it('keeps families together, counters as counters, seconds as timestamps, and ends', () => {
    expect([...exportOpenMetrics(frames)].join('')).toBe(
      [
        '# TYPE error_ratio gauge',
        '# UNIT error_ratio ratio',
        '# HELP error_ratio error ratio per service (ratio)',
        'error_ratio{component="service/a",service="a \\"quoted\\", with comma"} 0.25 1767603585.000',
        'error_ratio{component="service/b",service="b\\nnewline"} 0.5 1767603600.000',
        '# TYPE container_restarts counter',
        '# HELP container_restarts container restarts total per pod (count)',
        'container_restarts_total{component="pod/default/a-1",pod="a-1",node="n\\\\1"} 0 1767603585.000',
        'container_restarts_total{component="pod/default/a-1",pod="a-1",node="n\\\\1"} 1 1767603600.000',
        '# EOF',
        '',
      ].join('\n'),
    );
  });
});

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

describe('traces as OTLP', () => {
  const { topology, exhibits } = fixtureRecord();
  const lines = [...exportTracesOtlp(exhibits.slowTrace, topology)];
  const parsed = lines.map(
    (line) =>
      JSON.parse(line) as {
        resourceSpans: {
          resource: { attributes: OtlpAttribute[] };
          scopeSpans: { spans: Record<string, unknown>[] }[];
        }[];
      },
  );
  const spans = parsed.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans)),
  );

  it('carries every span once, with hex ids, enums as numbers and int64 as text', () => {
    expect(spans).toHaveLength(exhibits.slowTrace.length);
    for (const span of spans) {
      expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
      expect([1, 2, 3]).toContain(span.kind);
      expect(span.startTimeUnixNano).toMatch(/^\d{19}$/);
    }
    const root = spans.find((span) => !('parentSpanId' in span));
    expect(root?.status).toEqual({ code: 2, message: 'timeout' });
    expect(
      BigInt(root?.endTimeUnixNano as string) - BigInt(root?.startTimeUnixNano as string),
    ).toBe(2_104_300_000n);
  });

  it('names resources by the semantic conventions', () => {
    const attributes = parsed[0]?.resourceSpans[0]?.resource.attributes ?? [];
    expect(
      Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue])),
    ).toEqual({
      'service.name': 'frontend',
      'service.version': 'v0.10.3',
      'k8s.namespace.name': 'default',
      'k8s.deployment.name': 'frontend',
      'k8s.pod.name': 'frontend-6d4f8c7b9-x2lqp',
      'k8s.node.name': 'node-b2',
      'cloud.region': 'us-east-1',
      'cloud.availability_zone': 'us-east-1b',
    });
  });

  it('gives one line per 500 spans, and turns ids of another form into hex, the same in spans and logs', () => {
    const odd: Span = { ...(exhibits.slowTrace[0] as Span), traceId: 'request-1' };
    const log: LogRecord = {
      ...(exhibits.logPatterns.firstLines[0] as LogRecord),
      traceId: 'request-1',
    };
    const many = [...exportTracesOtlp(Array.from({ length: 1001 }, () => odd))];
    expect(many).toHaveLength(3);
    const id = /"traceId":"([0-9a-f]{32})"/;
    expect(id.exec(many[0] as string)?.[1]).toBe(
      id.exec([...exportLogsOtlp([log])][0] as string)?.[1],
    );
  });
});

describe('logs as OTLP', () => {
  it('carries severity, body and trace id', () => {
    const [line] = [...exportLogsOtlp(fixtureRecord().exhibits.logPatterns.firstLines)];
    const { resourceLogs } = JSON.parse(line as string) as {
      resourceLogs: { scopeLogs: { logRecords: object[] }[] }[];
    };
    expect(resourceLogs[0]?.scopeLogs[0]?.logRecords[0]).toMatchObject({
      timeUnixNano: '1767604204200000000',
      severityNumber: 17,
      severityText: 'ERROR',
      body: {
        stringValue:
          'failed to get cart: connection timeout after 2000ms (redis-cart:6379, attempt 1)',
      },
      traceId: fixtureRecord().exhibits.slowTrace[0]?.traceId,
    });
  });
});

describe('events and changes as JSON lines', () => {
  it('puts a wall-clock reading beside the virtual time', () => {
    const [change] = [...exportChangesJsonl(fixtureRecord().changes)];
    expect(JSON.parse(change as string)).toMatchObject({
      time: '2026-01-05T09:10:30.000000Z',
      atMs: 630_000,
      kind: 'scale',
    });
    const event = {
      atMs: 0,
      type: 'Warning' as const,
      reason: 'NodeNotReady',
      message: 'Node is not ready',
      involved: { kind: 'Pod', namespace: 'default', name: 'a-1' },
      source: 'node-controller',
    };
    expect([...exportEventsJsonl([event])].join('')).toBe(
      `${JSON.stringify({ time: '2026-01-05T09:00:00.000000Z', ...event })}\n`,
    );
  });
});
