import { describe, expect, it } from 'vitest';
import type {
  ChangeEvent,
  ClusterEvent,
  LogRecord,
  Telemetry,
} from '../../../core/observable/index.ts';
import { canonicalJson, mean } from '../../../core/tools/index.ts';
import { createConditions } from '../../../sim/conditions.ts';
import type { TelemetryPipeline } from '../../../sim/telemetry/telemetry-pipeline.ts';
import type { SmallWorld } from './fixture.ts';
import { createPipeline, createWorld } from './fixture.ts';

function collectMany(
  pipeline: TelemetryPipeline,
  world: SmallWorld,
  scrapes: { from: number; count: number },
): Telemetry[] {
  return Array.from({ length: scrapes.count }, (_, i) =>
    pipeline.collect(world.window(scrapes.from + i), world.view, [], []),
  );
}

function logsOf(world: SmallWorld, count: number, conditions = createConditions()): LogRecord[] {
  const pipeline = createPipeline(world, { conditions });
  return collectMany(pipeline, world, { from: 1, count }).flatMap(({ logs }) => logs);
}

function killEvent(atMs: number): ClusterEvent {
  return {
    atMs,
    type: 'Warning',
    reason: 'OOMKilling',
    message: 'Memory cgroup out of memory: Killed process 1002 (server)',
    involved: { kind: 'Node', namespace: '', name: 'node-2' },
    source: 'kernel-monitor',
  };
}

describe('signals agree', () => {
  it('on how often cart fails: metric, spans and error lines', () => {
    const world = createWorld({ addedErrors: { cart: 0.15 } });
    const windows = collectMany(createPipeline(world), world, { from: 1, count: 60 });
    const ratios = windows.flatMap(({ frames }) =>
      frames.map(({ index, values }) => {
        const column = index.series.findIndex(
          ({ signal, component }) => signal === 'error_ratio' && component === 'service/cart',
        );
        return values[column] as number;
      }),
    );
    const metric = mean(ratios.filter((ratio) => !Number.isNaN(ratio)));
    const spans = windows.flatMap((window) => window.spans);
    const served = spans.filter((s) => s.kind === 'server' && s.resource.service === 'cart');
    const failed = served.filter((s) => s.status === 'error');
    expect(failed.length / served.length).toBeCloseTo(metric, 1);
    expect(Math.abs(failed.length / served.length - metric)).toBeLessThan(0.02);
    const logged = new Set(
      windows
        .flatMap(({ logs }) => logs)
        .filter(({ severity, resource }) => severity === 'ERROR' && resource.service === 'cart')
        .map(({ spanId }) => spanId),
    );
    // A failed span is either explained by its own line or by that of its own failed call.
    const explained = failed.filter(
      ({ spanId }) =>
        logged.has(spanId) || spans.some((s) => s.parentSpanId === spanId && logged.has(s.spanId)),
    );
    expect(explained.length / failed.length).toBeGreaterThan(0.98);
  });

  it('on the request rate: metric and pods', () => {
    const world = createWorld();
    const { frames } = createPipeline(world).collect(world.window(1), world.view, [], []);
    const rateOf = (component: string): number => {
      const { index, values } = frames[0] as (typeof frames)[number];
      return values[index.series.findIndex((s) => s.component === component)] as number;
    };
    const users = rateOf('user/browse') + rateOf('user/checkout');
    expect(rateOf('service/frontend') / users).toBeGreaterThan(0.93);
    expect(rateOf('service/frontend') / users).toBeLessThan(1.07);
  });
});

describe('logs', () => {
  it('hold error lines in good health, but few', () => {
    const logs = logsOf(createWorld(), 120);
    const errors = logs.filter(({ severity }) => severity === 'ERROR');
    expect(errors.some(({ body }) => /authentication failed for user u\d+/.test(body))).toBe(true);
    expect(errors.length).toBeGreaterThan(5);
    expect(errors.length / logs.length).toBeLessThan(0.1);
  });

  it('are in order, within the window up to clock lag, and name their place', () => {
    const world = createWorld();
    const { logs } = createPipeline(world).collect(world.window(4), world.view, [], []);
    for (let i = 0; i < logs.length; i += 1) {
      const { atMs, resource } = logs[i] as LogRecord;
      expect(atMs).toBeGreaterThanOrEqual(i > 0 ? (logs[i - 1] as LogRecord).atMs : 44_700);
      expect(atMs).toBeLessThanOrEqual(60_000);
      expect(world.view.pods.map(({ name }) => name)).toContain(resource.pod);
    }
  });

  it('word each cause as the client sees it', () => {
    const silent = logsOf(createWorld({ broken: { 'cart-0': 'silent' } }), 4);
    expect(silent.map(({ body }) => body).join('\n')).toMatch(
      /connection timeout: dial tcp cart:7070: i\/o timeout/,
    );
    const refused = logsOf(createWorld({ broken: { 'cart-0': 'refused' } }), 4);
    expect(refused.map(({ body }) => body).join('\n')).toMatch(
      /dial tcp 10\.\d+\.\d+\.\d+:7070: connect: connection refused/,
    );
    const warning = silent.find(({ body }) => body.startsWith('connection timeout'));
    expect(warning?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(warning?.resource.service).toBe('frontend');
  });

  it('show a new kind of error when a release has a bug', () => {
    const kinds = (world: SmallWorld): Set<string> =>
      new Set(
        logsOf(world, 40)
          .filter(({ severity, resource }) => severity === 'ERROR' && resource.service === 'ads')
          .map(({ body }) => body.replaceAll(/\d+/g, '#')),
      );
    const healthy = kinds(createWorld());
    const broken = kinds(createWorld({ addedErrors: { ads: 0.2 } }));
    expect([...broken].filter((kind) => !healthy.has(kind)).length).toBeGreaterThan(0);
  });

  it('warn of memory near its limit only', () => {
    const pressure = /garbage collection took \d+ms/;
    const count = (memoryRatio: number): number =>
      logsOf(createWorld({ memoryRatio }), 10).filter(({ body }) => pressure.test(body)).length;
    expect(count(0.6)).toBe(0);
    expect(count(0.97)).toBeGreaterThan(count(0.87));
    expect(count(0.87)).toBeGreaterThan(0);
  });

  it('tell of a start and of the kill before it', () => {
    const world = createWorld({
      changePod: (pod) =>
        pod.name === 'cart-2' ? { ...pod, processStartedUs: 22_000_000, restartCount: 1 } : pod,
    });
    const pipeline = createPipeline(world);
    const { logs } = pipeline.collect(world.window(2), world.view, [killEvent(21_000)], []);
    const lines = logs.filter(({ resource }) => resource.pod === 'cart-2');
    const fatal = lines.filter(({ severity }) => severity === 'FATAL');
    expect(fatal).toHaveLength(1);
    expect(fatal[0]?.body).toMatch(/^Out of memory: Killed process \d+ \(cart\)/);
    expect(lines.map(({ body }) => body)).toContain('starting cart v1, pid 1');
    expect(lines.map(({ body }) => body)).toContain('cart ready after 4000ms');
  });

  it('come from nowhere in an isolated zone', () => {
    const conditions = { ...createConditions(), isolatedZones: new Set(['zone-c']) };
    const logs = logsOf(createWorld(), 10, conditions);
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.every(({ resource }) => resource.zone !== 'zone-c')).toBe(true);
  });

  it('never speak of the lab', () => {
    const worlds = [
      createWorld({ addedErrors: { cart: 0.3, ads: 0.3, frontend: 0.3, redis: 0.3 } }),
      createWorld({ broken: { 'cart-0': 'silent', 'ads-1': 'refused' }, memoryRatio: 0.99 }),
      createWorld({ changePod: (pod) => ({ ...pod, inEndpoints: pod.service !== 'redis' }) }),
    ];
    for (const world of worlds) {
      const pipeline = createPipeline(world);
      for (const window of collectMany(pipeline, world, { from: 1, count: 60 })) {
        const { logs, spans } = window;
        const text = canonicalJson({ logs: logs.map(({ body }) => body), spans });
        expect(text).not.toMatch(/fault|chaos|scenario|inject/i);
      }
    }
  });
});

describe('the pipeline', () => {
  it('passes events and changes through by time, ties in their order', () => {
    const world = createWorld();
    const [late, early] = [killEvent(9000), killEvent(4000)];
    const change = (atMs: number, summary: string): ChangeEvent => ({
      atMs,
      actor: 'cd-pipeline',
      kind: 'release',
      object: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
      component: 'service/cart',
      summary,
      release: 'v2',
    });
    const changes = [change(7000, 'b'), change(5000, 'a'), change(7000, 'c')];
    const seen = createPipeline(world).collect(world.window(1), world.view, [late, early], changes);
    expect(seen.events).toEqual([early, late]);
    expect(seen.changes.map(({ summary }) => summary)).toEqual(['a', 'b', 'c']);
  });

  it('is the same twice, and forks exactly', () => {
    const world = createWorld({ addedErrors: { cart: 0.05 } });
    const grown = createWorld({ replicas: 4 });
    const one = createPipeline(world);
    collectMany(one, world, { from: 1, count: 5 });
    const fork = one.fork(createConditions());
    const other = fork.fork(createConditions());
    collectMany(other, grown, { from: 6, count: 5 });
    const ahead = canonicalJson(collectMany(one, world, { from: 6, count: 5 }));
    expect(canonicalJson(collectMany(fork, world, { from: 6, count: 5 }))).toBe(ahead);
    const again = createPipeline(world);
    collectMany(again, world, { from: 1, count: 5 });
    expect(canonicalJson(collectMany(again, world, { from: 6, count: 5 }))).toBe(ahead);
  });

  it('works in warm-up, when times are negative', () => {
    const world = createWorld();
    const [first, second] = collectMany(createPipeline(world), world, { from: -3, count: 2 });
    expect(first?.untilMs).toBe(-45_000);
    expect(first?.spans.length).toBeGreaterThan(100);
    expect(first?.spans[0]?.traceId).not.toBe(second?.spans[0]?.traceId);
  });

  it('reads the conditions of its own fork', () => {
    const world = createWorld();
    const conditions = createConditions();
    const pipeline = createPipeline(world);
    const fork = pipeline.fork(conditions);
    conditions.isolatedZones.add('zone-a');
    const zonesOf = ({ spans }: Telemetry): string[] =>
      [...new Set(spans.map(({ resource }) => resource.zone))].sort();
    expect(zonesOf(fork.collect(world.window(1), world.view, [], []))).not.toContain('zone-a');
    expect(zonesOf(pipeline.collect(world.window(1), world.view, [], []))).toContain('zone-a');
  });
});
