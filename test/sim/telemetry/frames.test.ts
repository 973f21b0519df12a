import { describe, expect, it } from 'vitest';
import type { MetricsFrame, SignalName } from '../../../core/observable/index.ts';
import { signalCatalogue } from '../../../core/observable/index.ts';
import { mean, quantile, standardDeviation } from '../../../core/tools/index.ts';
import { createConditions } from '../../../sim/conditions.ts';
import type { SmallWorld, WorldOptions } from './fixture.ts';
import { createPipeline, createPod, createWorld } from './fixture.ts';

function columnOf(frame: MetricsFrame, signal: SignalName, component: string): number {
  const found = frame.index.series.findIndex(
    (series) => series.signal === signal && series.component === component,
  );
  expect(found, `${signal} ${component}`).toBeGreaterThanOrEqual(0);
  return found;
}

function readValue(frame: MetricsFrame, signal: SignalName, component: string): number {
  return frame.values[columnOf(frame, signal, component)] as number;
}

function framesOf(world: SmallWorld, count: number, options = {}): MetricsFrame[] {
  const pipeline = createPipeline(world, { tracesPerScrape: 0, ...options });
  return Array.from(
    { length: count },
    (_, i) => pipeline.collect(world.window(i + 1), world.view, [], []).frames[0] as MetricsFrame,
  );
}

function seriesOf(frames: MetricsFrame[], signal: SignalName, component: string): number[] {
  return frames.map((frame) => readValue(frame, signal, component));
}

/** A quiet scrape: no target of any kind was missed in it or just before it. */
function quietFrame(options: WorldOptions, pipeline = {}): MetricsFrame {
  const frames = framesOf(createWorld(options), 6, pipeline);
  const complete = framesOf(createWorld(), 6).map(({ values }) =>
    values.every((v) => !Number.isNaN(v)),
  );
  return frames[complete.indexOf(true, 1)] as MetricsFrame;
}

describe('metrics frames', () => {
  it('hold every signal of the catalogue', () => {
    const [frame] = framesOf(createWorld(), 1) as [MetricsFrame];
    const present = new Set(frame.index.series.map(({ signal }) => signal));
    // There is neither a cache in front of a store nor a consumer of a queue here.
    const elsewhere = new Set(['cache_hit_ratio', 'consumer_lag']);
    const expected = signalCatalogue.map(({ name }) => name).filter((name) => !elsewhere.has(name));
    expect([...present].sort()).toEqual(expected.sort());
    expect(frame.values.length).toBe(frame.index.series.length);
  });

  it('centre on the flow state', () => {
    const world = createWorld({ addedErrors: { cart: 0.05 } });
    const frames = framesOf(world, 400);
    const window = world.window(1);
    for (const flow of window.services) {
      const id = `service/${flow.service}`;
      const rates = seriesOf(frames, 'request_rate', id).filter((v) => !Number.isNaN(v));
      const errors = seriesOf(frames, 'error_ratio', id).filter((v) => !Number.isNaN(v));
      expect(mean(rates) / flow.requestsPerSec).toBeCloseTo(1, 1);
      expect(mean(errors)).toBeCloseTo(flow.errorRatio, 2);
    }
    const cpu = seriesOf(frames, 'cpu_utilization', 'pod/shop/cart-0').filter(
      (v) => !Number.isNaN(v),
    );
    expect(quantile(cpu, 0.6)).toBeCloseTo(0.3, 1);
    expect(standardDeviation(cpu) / mean(cpu)).toBeGreaterThan(0.05);
    expect(standardDeviation(cpu) / mean(cpu)).toBeLessThan(0.25);
    // Every sixth rate misses a part of its window.
    const short = cpu.filter((value) => value < 0.85 * quantile(cpu, 0.6)).length / cpu.length;
    expect(short).toBeGreaterThan(0.08);
    expect(short).toBeLessThan(0.25);
  });

  it('show a low-traffic service mostly without errors, and single errors at times', () => {
    const frames = framesOf(createWorld({ requestsPerSec: 1 }), 400);
    const errors = seriesOf(frames, 'error_ratio', 'service/ads').filter((v) => !Number.isNaN(v));
    const zeros = errors.filter((v) => v === 0).length;
    expect(zeros / errors.length).toBeGreaterThan(0.9);
    expect(zeros).toBeLessThan(errors.length);
    expect(Math.max(...errors)).toBeGreaterThan(0.03);
  });

  it('have noise that pods of one node share in part', () => {
    // So many requests that their own chance does not drown the machine's.
    const frames = framesOf(createWorld({ requestsPerSec: 20_000 }), 2000);
    const correlation = (a: number[], b: number[]): number => {
      const pairs = a.map((v, i) => [v, b[i] as number]).filter((pair) => !pair.some(Number.isNaN));
      const x = pairs.map((pair) => pair[0] as number);
      const y = pairs.map((pair) => pair[1] as number);
      const products = x.map((v, i) => (v - mean(x)) * ((y[i] as number) - mean(y)));
      return mean(products) / (standardDeviation(x) * standardDeviation(y));
    };
    // Rates that miss a part of their window would drown what is common.
    const cpu = (pod: string): number[] => {
      const values = seriesOf(frames, 'cpu_utilization', `pod/shop/${pod}`);
      const usual = quantile(values, 0.6);
      return values.map((value) => (value > 0.85 * usual ? value : Number.NaN));
    };
    const shared = correlation(cpu('cart-0'), cpu('ads-0'));
    expect(shared).toBeGreaterThan(0.06);
    expect(Math.abs(correlation(cpu('cart-0'), cpu('ads-1')))).toBeLessThan(shared / 2);
  });

  it('miss about one scrape in a thousand per target', () => {
    const frames = framesOf(createWorld(), 1500);
    const memory = Array.from({ length: 3 }, (_, i) =>
      seriesOf(frames, 'memory_utilization', `pod/shop/cart-${i}`),
    ).flat();
    const missed = memory.filter(Number.isNaN).length;
    expect(missed).toBeGreaterThan(0);
    expect(missed / memory.length).toBeLessThan(0.004);
  });

  it('have integer counters that only rise, until the process restarts', () => {
    const world = createWorld();
    const restarted = createWorld({
      changePod: (pod) => ({ ...pod, processStartedUs: 20 * 15_000_000 - 5_000_000 }),
    });
    const pipeline = createPipeline(world, { tracesPerScrape: 0 });
    const totals: number[] = [];
    for (let scrape = 1; scrape <= 24; scrape += 1) {
      const { window, view } = scrape < 20 ? world : restarted;
      const [frame] = pipeline.collect(window(scrape), view, [], []).frames;
      totals.push(readValue(frame as MetricsFrame, 'processed_items_total', 'service/frontend'));
    }
    expect(totals.every(Number.isInteger)).toBe(true);
    for (let i = 1; i < totals.length; i += 1) {
      if (i === 19) expect(totals[i]).toBeLessThan(totals[i - 1] as number);
      else expect(totals[i]).toBeGreaterThan(totals[i - 1] as number);
    }
    const { offeredPerSec } = world.window(1).journeys[1] ?? { offeredPerSec: 0 };
    expect((totals[18] as number) / (19 * 15 * offeredPerSec)).toBeCloseTo(1, 1);
  });
});

describe('what cannot be scraped', () => {
  it('is NaN for pods in an isolated zone, while the API server still tells of them', () => {
    const conditions = { ...createConditions(), isolatedZones: new Set(['zone-a']) };
    const frame = quietFrame({}, { conditions });
    expect(readValue(frame, 'memory_utilization', 'pod/shop/cart-0')).toBeNaN();
    expect(readValue(frame, 'in_flight_requests', 'pod/shop/cart-0')).toBeNaN();
    expect(readValue(frame, 'node_cpu_utilization', 'node/node-0')).toBeNaN();
    expect(readValue(frame, 'pod_ready', 'pod/shop/cart-0')).toBe(1);
    expect(readValue(frame, 'node_ready', 'node/node-0')).toBe(1);
    expect(readValue(frame, 'memory_utilization', 'pod/shop/cart-1')).toBeGreaterThan(0);
    expect(readValue(frame, 'request_rate', 'service/cart')).toBeGreaterThan(0);
  });

  it('is NaN for a service that has no pod within reach, but not for calls to it', () => {
    const frame = quietFrame({
      changePod: (pod) => (pod.service === 'cart' ? { ...pod, running: false } : pod),
    });
    expect(readValue(frame, 'request_rate', 'service/cart')).toBeNaN();
    expect(readValue(frame, 'edge_request_rate', 'edge/frontend->cart')).toBeGreaterThan(0);
    expect(readValue(frame, 'edge_request_rate', 'edge/cart->redis')).toBeNaN();
    expect(readValue(frame, 'container_restarts_total', 'pod/shop/cart-0')).toBe(0);
  });

  it('is a rate of a process without two samples', () => {
    const frame = quietFrame({
      changePod: (pod) =>
        pod.name === 'ads-1' ? { ...pod, processStartedUs: 3_600_000_000 } : pod,
    });
    expect(readValue(frame, 'cpu_utilization', 'pod/shop/ads-1')).toBeNaN();
    expect(readValue(frame, 'memory_utilization', 'pod/shop/ads-1')).toBeGreaterThan(0);
  });

  it('is the ratio and latency of no requests', () => {
    const frame = quietFrame({ requestsPerSec: 0 });
    expect(readValue(frame, 'user_request_rate', 'user/browse')).toBe(0);
    expect(readValue(frame, 'user_error_ratio', 'user/browse')).toBeNaN();
    expect(readValue(frame, 'user_latency_ms_p95', 'user/browse')).toBeNaN();
  });
});

describe('columns', () => {
  it('are only ever appended; vanished pods are NaN, pods without a node are not there yet', () => {
    const before = createWorld();
    const pending = createPod('cart', 4, { node: '', zone: '' });
    const after = createWorld({ extraPods: [createPod('cart', 3), pending] });
    const pipeline = createPipeline(before, { tracesPerScrape: 0 });
    const { frames: first } = pipeline.collect(before.window(1), before.view, [], []);
    const known = [...(first[0]?.index.series ?? [])];
    const pods = after.view.pods.filter(({ name }) => name !== 'cart-0');
    const { frames: second } = pipeline.collect(after.window(2), { ...after.view, pods }, [], []);
    const frame = second[0] as MetricsFrame;
    expect(frame.index.series.slice(0, known.length)).toEqual(known);
    expect(frame.index.series.length).toBe(known.length + 6);
    expect(frame.index.series.at(-1)?.component).toBe('pod/shop/cart-3');
    expect(readValue(frame, 'pod_ready', 'pod/shop/cart-0')).toBeNaN();
    expect(readValue(frame, 'pod_ready', 'pod/shop/cart-3')).toBe(1);
    expect(first[0]?.values.length).toBe(known.length);
  });

  it('name where a pod runs', () => {
    const [frame] = framesOf(createWorld(), 1) as [MetricsFrame];
    const column = columnOf(frame, 'cpu_utilization', 'pod/shop/cart-2');
    expect(frame.index.series[column]?.labels).toEqual({
      service: 'cart',
      namespace: 'shop',
      pod: 'cart-2',
      node: 'node-2',
      zone: 'zone-c',
      region: 'region-1',
      release: 'v1',
    });
  });
});

describe('noise', () => {
  it('is the same whatever other pods come and go', () => {
    const calm = createWorld();
    const busy = createWorld({ extraPods: [createPod('ads', 3), createPod('ads', 4)] });
    const alone = framesOf(calm, 40);
    const pipeline = createPipeline(calm, { tracesPerScrape: 0 });
    const crowded = Array.from({ length: 40 }, (_, i) => {
      const { view } = i % 7 < 3 ? busy : calm;
      return pipeline.collect(calm.window(i + 1), view, [], []).frames[0] as MetricsFrame;
    });
    for (const [signal, component] of [
      ['memory_utilization', 'pod/shop/cart-1'],
      ['node_cpu_utilization', 'node/node-1'],
      ['user_latency_ms_p99', 'user/browse'],
      ['error_ratio', 'service/redis'],
    ] as const) {
      expect(seriesOf(crowded, signal, component)).toEqual(seriesOf(alone, signal, component));
    }
  });

  it('goes on as if nothing had happened after a zone was out of reach', () => {
    const world = createWorld();
    const conditions = createConditions();
    const pipeline = createPipeline(world, { tracesPerScrape: 0, conditions });
    const frames = Array.from({ length: 12 }, (_, i) => {
      if (i === 4) conditions.isolatedZones.add('zone-b');
      if (i === 8) conditions.isolatedZones.clear();
      return pipeline.collect(world.window(i + 1), world.view, [], []).frames[0] as MetricsFrame;
    });
    const undisturbed = framesOf(world, 12);
    for (const i of [3, 8, 11]) expect(frames[i]?.values).toEqual(undisturbed[i]?.values);
    expect(frames[5]?.values).not.toEqual(undisturbed[5]?.values);
  });

  it('differs between seeds', () => {
    const [a] = framesOf(createWorld(), 1, { seed: 1 });
    const [b] = framesOf(createWorld(), 1, { seed: 2 });
    expect(a?.values).not.toEqual(b?.values);
  });
});
