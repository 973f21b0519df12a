import { beforeAll, describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../../../core/truth/index.ts';
import { type Calibration, calibrate } from '../../../lab/index.ts';
import { manifests, metricLines, otlpLine, startMs, traceLines } from './small-cluster.ts';

const run = { seed: 1, onProgress: (): void => undefined };

function inputs(given: { traces?: string[]; metrics?: string[] }): Parameters<typeof calibrate>[0] {
  return {
    name: 'small',
    traces: { file: 'otlp.jsonl', lines: given.traces ?? traceLines(1) },
    metrics: { file: 'metrics.txt', lines: given.metrics ?? metricLines(10) },
    manifests,
  };
}

describe('a small cluster of somebody else', () => {
  let calibration: Calibration;
  const service = (name: string): ServiceSpec =>
    calibration.fitted.spec.services.find((one) => one.name === name) as ServiceSpec;

  beforeAll(async () => {
    const traces = Array.from({ length: 300 }, (_, i) => traceLines(i + 1)).flat();
    // A trace that lost its first span, and one that lost the middle.
    traces.push(...traceLines(301).slice(1), traceLines(302)[0] as string);
    traces.push(traceLines(302).at(-1) as string);
    calibration = await calibrate(inputs({ traces }), run);
  });

  it('follows calls through skewed clocks, and leaves broken traces out', () => {
    expect(calibration.traces.brokenTraces).toBe(2);
    expect(service('shop').operations[0]?.calls).toEqual([
      {
        service: 'stock',
        operation: 'GET /stock/{id}',
        count: 1,
        timeoutMs: 1000,
        retries: 1,
        optional: false,
      },
    ]);
    expect(service('stock').operations[0]?.calls[0]).toMatchObject({ service: 'orders-db' });
  });

  it('divides CPU, less the usual idle use of 3.6 millicores, by requests, over the restart of a counter', () => {
    expect(calibration.fitted.spec.workload.requestsPerSec).toBeCloseTo(10, 5);
    for (const name of ['shop', 'stock']) {
      expect(service(name).operations[0]?.cpuMs).toBeCloseTo(9.64, 2);
      expect(service(name).memory.baseBytes).toBeCloseTo(1e8, -4);
    }
  });

  it('knows a database from its callers alone, and gives it a Deployment', () => {
    expect(service('orders-db')).toMatchObject({ kind: 'datastore', workload: 'orders-db' });
    expect(service('orders-db').operations[0]).toMatchObject({
      name: 'SELECT orders',
      category: 'db',
    });
    expect(calibration.fitted.notes.join()).toContain('no Deployment for orders-db');
  });

  it('takes replicas, limits, nodes and StatefulSets from the manifests, and counts the rest', () => {
    const { spec } = calibration.fitted;
    expect(spec.nodes.find(({ name }) => name === 'n1')).toMatchObject({
      zone: 'z-a',
      cpuCores: 8,
    });
    const stock = spec.objects.find(({ metadata }) => metadata?.name === 'stock');
    expect(stock).toMatchObject({ kind: 'Deployment', metadata: { namespace: 'default' } });
    expect(stock?.metadata).not.toHaveProperty('uid');
    expect([...calibration.skippedKinds]).toEqual([['SomethingElse', 1]]);
    expect([...calibration.metrics.ignored]).toEqual([['up', 1]]);
  });

  it('says what the data does not tell', () => {
    const fields = calibration.fitted.assumptions.map(({ field }) => field);
    expect(fields).toContain('dailySwing');
    expect(fields).toContain('timeout');
    expect(fields).toContain('startup, cold');
    // Retries were seen.
    const where = calibration.fitted.assumptions.filter(({ field }) => field === 'retries');
    expect(where.map((one) => one.where)).not.toContain('shop/GET /buy -> stock/GET /stock/{id}');
  });

  it('is what the twin then does', () => {
    const shop = calibration.services.find((one) => one.service === 'shop');
    expect(shop?.requestsPerSec.observed).toBeCloseTo(10, 5);
    expect(Math.abs((shop?.requestsPerSec.twin ?? 0) - 10)).toBeLessThan(1);
  });
});

describe('what is wrong with a file', () => {
  const failure = (given: { traces?: string[]; metrics?: string[] }): Promise<unknown> =>
    calibrate(inputs(given), run).then(
      () => null,
      (error: Error) => error.message,
    );

  it.each([
    [{ traces: [''] }, /no spans in otlp\.jsonl/],
    [{ metrics: ['# EOF'] }, /no metrics in metrics\.txt/],
    [{ traces: [...traceLines(1), '{"resourceSpans":'] }, /^otlp\.jsonl:5:\d+: expected one JSON/],
    [{ traces: ['{"spans":[]}'] }, /^otlp\.jsonl:1:1: expected an ExportTraceServiceRequest/],
    [
      { traces: [otlpLine(bad()).replace(/"startTimeUnixNano":"\d+"/, '"startTimeUnixNano":"x"')] },
      /^otlp\.jsonl:1:1: expected startTimeUnixNano in nanoseconds/,
    ],
    [{ metrics: ['up 1 1', 'up{a=1} 1 1'] }, /^metrics\.txt:2:4: expected label="value"/],
    [{ metrics: ['up 1'] }, /^metrics\.txt:1:1: expected a timestamp/],
    [{ metrics: ['up one 1'] }, /^metrics\.txt:1:1: expected a number as value, got "one"/],
    [{ metrics: ['time,metric,value', '1,up'] }, /^metrics\.txt:2:1: expected 3 columns/],
    [{ traces: [otlpLine({ ...bad(), kind: 3 })] }, /no request can be followed/],
  ])('%#: is told with its place', async (given, message) => {
    expect(await failure(given)).toMatch(message);
  });
});

function bad(): Parameters<typeof otlpLine>[0] {
  return { trace: 1, id: 'a', service: 's', name: 'n', kind: 2, startMs: 0, lengthMs: 1 };
}

it('reads CSV like OpenMetrics', async () => {
  const at = new Date(startMs).toISOString();
  const csv = ['time,signal,component,journey,value', `${at},user_request_rate,user/buy,buy,12.5`];
  const { fitted } = await calibrate(inputs({ metrics: csv }), run);
  expect(fitted.spec.workload.requestsPerSec).toBe(12.5);
});
