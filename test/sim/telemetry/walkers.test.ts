import { describe, expect, it } from 'vitest';
import type { Span } from '../../../core/observable/index.ts';
import { createStream, mean, quantile } from '../../../core/tools/index.ts';
import { createConditions } from '../../../sim/conditions.ts';
import type { JourneyFlow } from '../../../sim/data-plane/flow-state.ts';
import { latencyCdf, latencyQuantileMs, noTimeOut } from '../../../sim/data-plane/latency-law.ts';
import { PodIdentities } from '../../../sim/telemetry/pod-identity.ts';
import type { WalkJourney } from '../../../sim/telemetry/walk-graph.ts';
import { compileCallGraph } from '../../../sim/telemetry/walk-graph.ts';
import { createWalkKeys } from '../../../sim/telemetry/walk-keys.ts';
import type { WalkOutcome } from '../../../sim/telemetry/walkers.ts';
import { WindowWalk } from '../../../sim/telemetry/walkers.ts';
import { WindowLogs } from '../../../sim/telemetry/window-logs.ts';
import type { SmallWorld } from './fixture.ts';
import { createPipeline, createWorld } from './fixture.ts';

function startWalk(world: SmallWorld, conditions = createConditions()): WindowWalk {
  const seed = 5;
  return new WindowWalk({
    keys: createWalkKeys(seed),
    logs: new WindowLogs(),
    window: world.window(2),
    conditions,
    identities: new PodIdentities(seed),
    scrape: 2,
  });
}

function walkJourney(world: SmallWorld, position: number, count: number): WalkOutcome[] {
  const walk = startWalk(world);
  const journey = compileCallGraph(world.spec)[position] as WalkJourney;
  return Array.from({ length: count }, (_, number) =>
    walk.walkOne(journey, { number, endMs: 20_000 }),
  );
}

/** The largest gap between the durations' distribution and another. */
function kolmogorovSmirnov(durations: readonly number[], cdf: (ms: number) => number): number {
  const sorted = Float64Array.from(durations).sort();
  let gap = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    const share = cdf(sorted[i] as number);
    gap = Math.max(gap, share - i / sorted.length, (i + 1) / sorted.length - share);
  }
  return gap;
}

/** How many of the sorted values are at most `limit`. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function spansOf(world: SmallWorld, conditions = createConditions()): readonly Span[] {
  const pipeline = createPipeline(world, { tracesPerScrape: 400, conditions });
  return pipeline.collect(world.window(2), world.view, [], []).spans;
}

describe('walked requests', () => {
  it.each([0, 1])('last as long as journey %d says (Kolmogorov-Smirnov)', (position) => {
    const world = createWorld();
    const { latency } = world.window(2).journeys[position] as JourneyFlow;
    const durations = walkJourney(world, position, 4000).map(({ durationMs }) => durationMs);
    // 1.63/√n is the 1 % point of pure chance. The rest is the law's: a gamma with the right mean
    // and variance is not quite the sum it stands for (at most 0.041 here, with n = 200,000).
    const gap = kolmogorovSmirnov(durations, (ms) => latencyCdf(latency, ms));
    expect(gap).toBeLessThan(1.63 / Math.sqrt(4000) + 0.041);
    expect(mean(durations) / latency.meanMs).toBeCloseTo(1, 1);
    expect(quantile(durations, 0.95) / latencyQuantileMs(latency, 0.95)).toBeCloseTo(1, 1);
  });

  it('last as long as the parts of checkout, drawn one by one (Kolmogorov-Smirnov)', () => {
    const stream = createStream(11, 'reference');
    const part = (meanMs: number, cpuMs: number): number =>
      latencyQuantileMs({ ...noTimeOut, meanMs, varianceMs2: cpuMs * cpuMs }, stream.next());
    const redis = (): number => part(2, 1) + 0.8;
    const cart = (): number => part(6, 5) + redis() + redis() + 0.8;
    const reference = Float64Array.from(
      { length: 40_000 },
      () => part(9, 8) + cart() + cart() + 0.4,
    );
    reference.sort();
    const world = createWorld();
    const walked = walkJourney(world, 1, 4000).filter(({ failed }) => !failed);
    const durations = walked.map(({ durationMs }) => durationMs);
    const gap = kolmogorovSmirnov(durations, (ms) => countUpTo(reference, ms) / 40_000);
    expect(gap).toBeLessThan(1.63 * Math.sqrt(1 / durations.length + 1 / 40_000));
  });

  it('fail as often as the journey says', () => {
    const world = createWorld({ addedErrors: { cart: 0.2 } });
    const flow = world.window(2).journeys[1] as JourneyFlow;
    const outcomes = walkJourney(world, 1, 4000);
    const failed = outcomes.filter((outcome) => outcome.failed).length / outcomes.length;
    expect(Math.abs(failed - flow.errorRatio)).toBeLessThan(0.02);
  });

  it('wait for pods that do not answer, and fail at once where a port is closed', () => {
    const spec = { journey: 'checkout', position: 1 };
    const silent = createWorld({ broken: { 'cart-0': 'silent' } });
    const refused = createWorld({ broken: { 'cart-0': 'refused' } });
    const slow = walkJourney(silent, spec.position, 2000).filter((o) => o.durationMs > 2000);
    // Each of two calls meets the silent pod first with probability 1/3.
    expect(slow.length / 2000).toBeCloseTo(1 - (2 / 3) ** 2, 1);
    expect(walkJourney(refused, 1, 2000).every((o) => o.durationMs < 2000)).toBe(true);
  });

  it('depend on seed and number only', () => {
    const world = createWorld();
    const [journey] = compileCallGraph(world.spec) as [WalkJourney];
    const first = startWalk(world).walkOne(journey, { number: 3, endMs: 20_000 });
    const walk = startWalk(world);
    walk.walkOne(journey, { number: 9, endMs: 20_000 });
    expect(walk.walkOne(journey, { number: 3, endMs: 25_000 })).toEqual(first);
  });
});

describe('spans', () => {
  it('form trees: unique ids, parents in the same trace but for lost ones', () => {
    const spans = spansOf(createWorld());
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    let orphans = 0;
    for (const span of spans) {
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
      expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
      if (span.parentSpanId === null) continue;
      const parent = byId.get(span.parentSpanId);
      if (!parent) orphans += 1;
      else expect(parent.traceId).toBe(span.traceId);
    }
    expect(orphans).toBeGreaterThan(0);
    expect(orphans / spans.length).toBeLessThan(0.02);
  });

  it('nest in time up to the clocks of two nodes', () => {
    const spans = spansOf(createWorld());
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    let early = 0;
    for (const span of spans) {
      const parent = byId.get(span.parentSpanId ?? '');
      if (!parent) continue;
      const lead = parent.startMs - span.startMs;
      expect(lead).toBeLessThanOrEqual(20.001);
      if (lead > 0) early += 1;
    }
    expect(early).toBeGreaterThan(0);
  });

  it('end inside the window and carry times in whole microseconds', () => {
    for (const { startMs, durationMs } of spansOf(createWorld())) {
      expect(startMs + durationMs).toBeLessThanOrEqual(30_000.001);
      expect(startMs + durationMs).toBeGreaterThan(14_700);
      expect(Math.abs(startMs * 1000 - Math.round(startMs * 1000))).toBeLessThan(1e-4);
    }
  });

  it('say what they are', () => {
    const spans = spansOf(createWorld());
    const read = spans.find((span) => span.kind === 'client' && span.operation === 'HGETALL');
    expect(read?.resource.service).toBe('cart');
    expect(read?.attributes).toEqual({
      'peer.service': 'redis',
      'span.category': 'db',
      'db.system': 'redis',
      'db.statement': 'HGETALL cart:?',
    });
    const cpu = spans.filter((span) => span.kind === 'internal');
    expect(cpu.length).toBeGreaterThan(0);
    for (const { attributes, durationMs, operation } of cpu) {
      expect(attributes['span.category']).toBe('cpu');
      expect(attributes['cpu.time_ms']).toBe(durationMs);
      expect(operation).not.toBe('HGETALL');
    }
  });

  it('show the retry and why it was needed', () => {
    const spans = spansOf(createWorld({ broken: { 'cart-1': 'silent' } }));
    const failed = spans.filter((span) => span.attributes['error.type'] === 'timeout');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((span) => span.durationMs === 2000 && span.status === 'error')).toBe(true);
    const retries = spans.filter((span) => span.attributes['http.request.resend_count'] === 1);
    expect(retries.length).toBeGreaterThan(0);
    expect(retries.length).toBeLessThanOrEqual(failed.length + 2);
  });

  it('hide the failure of an optional call from the user', () => {
    const broken = { 'ads-0': 'refused', 'ads-1': 'refused', 'ads-2': 'refused' } as const;
    const spans = spansOf(createWorld({ broken }));
    const ads = spans.filter((span) => span.kind === 'client' && span.operation === 'Ads/Get');
    expect(ads.every((span) => span.attributes['error.type'] === 'connection_refused')).toBe(true);
    const roots = spans.filter((span) => span.parentSpanId === null);
    expect(roots.filter((span) => span.status === 'error').length / roots.length).toBeLessThan(
      0.05,
    );
  });

  it('stay behind in an isolated zone', () => {
    const conditions = { ...createConditions(), isolatedZones: new Set(['zone-b']) };
    const spans = spansOf(createWorld(), conditions);
    expect(spans.length).toBeGreaterThan(0);
    expect(spans.every((span) => span.resource.zone !== 'zone-b')).toBe(true);
  });
});
