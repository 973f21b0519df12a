import { beforeAll, describe, expect, it } from 'vitest';
import { type Procedure, runbookJob, type Telemetry } from '../../core/observable/index.ts';
import type { Fault } from '../../core/truth/index.ts';
import { describeTopology, loadTopology } from '../../scenarios/index.ts';
import { steadyCourse, strengthAt } from '../../sim/impairments/impairment.ts';
import { createTwin, type Twin } from '../../sim/index.ts';
import { digestOfTelemetry, faultOf, goodRatio, warmTwin } from './boutique.ts';

const minuteMs = 60_000;
const person = { fieldManager: 'kubectl' };

function lastErrors({ truth }: Twin, service: string): number {
  return truth.service.at(-1)?.errorRatio[truth.services.indexOf(service)] as number;
}

function lastLatency({ truth }: Twin, service: string): number {
  return truth.service.at(-1)?.latencyMsMean[truth.services.indexOf(service)] as number;
}

async function run(twin: Twin, procedure: Procedure, target: string): Promise<void> {
  const created = await twin.cluster.create(runbookJob(procedure, target, 1), person);
  expect(created.ok).toBe(true);
}

const scan = faultOf({
  kind: 'slow_work',
  target: 'service/redis-cart',
  parameters: { cause: 'lost_index', cpuFactor: 20 },
});

const cutOff = faultOf({
  kind: 'network_impairment',
  target: 'zone/us-east-1c',
  parameters: { cause: 'cut_link', cutShare: 1 },
});

describe('how strong an impairment is', () => {
  const course = { ...steadyCourse(1000, null) };
  it.each([
    ['before it begins', course, 500, 0],
    ['at once', course, 1000, 1],
    ['half-way up a ramp', { ...course, rampMs: 1000 }, 1500, 0.5],
    ['after a half-life', { ...course, halfLifeMs: 2000 }, 3000, 0.5],
    ['in the first part of a period', { ...course, periodMs: 100, dutyShare: 0.3 }, 1229, 1],
    ['in the rest of it', { ...course, periodMs: 100, dutyShare: 0.3 }, 1231, 0],
  ])('%s', (_name, at, atMs, expected) => {
    expect(strengthAt(at, atMs, Number.NEGATIVE_INFINITY)).toBeCloseTo(expected, 9);
  });

  it('counts from the start of each process where it is bound to them', () => {
    const perProcess = { ...course, rampMs: 1000, perProcess: true };
    expect(strengthAt(perProcess, 5000, 0)).toBe(1);
    expect(strengthAt(perProcess, 5000, 4500)).toBe(0.5);
  });
});

describe('impairments in a twin', () => {
  let warm: Twin;
  beforeAll(async () => {
    warm = await warmTwin();
  });

  function start(...faults: Fault[]): Twin {
    const twin = warm.fork({ faults: 'keep', telemetry: true });
    twin.schedule(faults);
    return twin;
  }

  it('go on in a fork as in the original, to the bit', async () => {
    const moving = faultOf({
      kind: 'network_impairment',
      target: 'node/node-a1',
      parameters: { cause: 'failing_card', packetLoss: 0.2, periodMs: 40_000, dutyShare: 0.5 },
    });
    const leaking = faultOf({
      kind: 'pod_pressure',
      target: 'service/cartservice',
      parameters: { cause: 'open_files', takenShare: 0.99, rampMs: 90_000 },
    });
    const original = start(scan, moving, leaking);
    await original.advance(2 * minuteMs);
    const fork = original.fork({ faults: 'keep', telemetry: true });
    const parts: Telemetry[][] = [[], []];
    for (const [i, twin] of [original, fork].entries()) {
      parts[i]?.push(await twin.advance(4 * minuteMs));
    }
    expect(digestOfTelemetry(parts[1] ?? [])).toBe(digestOfTelemetry(parts[0] ?? []));
  });

  it('end with the procedure for their cause, on their target, and no other', async () => {
    for (const [procedure, target, isCured] of [
      ['rebuild_index', 'service/redis-cart', true],
      ['rebuild_index', 'service/cartservice', false],
      ['clean_disk', 'service/redis-cart', false],
    ] as const) {
      const twin = start(scan);
      await twin.advance(2 * minuteMs);
      await run(twin, procedure, target);
      await twin.advance(5 * minuteMs);
      expect(lastLatency(twin, 'redis-cart') < 5, `${procedure} on ${target}`).toBe(isCured);
    }
  });

  it('that live in pods go with them, those of the service stay', async () => {
    const restart = {
      type: 'strategic',
      body: { spec: { template: { metadata: { annotations: { restarted: 'now' } } } } },
    } as const;
    const ref = { kind: 'Deployment', namespace: 'default', name: 'currencyservice' } as const;
    const work = (cause: string) =>
      faultOf({
        kind: 'pod_pressure',
        target: 'service/currencyservice',
        parameters: { cause, podCores: 3 },
      });
    for (const [cause, isCured] of [
      ['busy_sidecar', true],
      ['growing_heap', false],
    ] as const) {
      const twin = start(work(cause));
      await twin.advance(2 * minuteMs);
      await twin.cluster.patch(ref, restart, person);
      await twin.advance(6 * minuteMs);
      const good = goodRatio(twin, 5 * minuteMs, 6 * minuteMs);
      expect(good > 0.97, cause).toBe(isCured);
    }
  });

  it('of a release go with its image', async () => {
    const target = 'service/productcatalogservice';
    const tag = 'v0.11.0';
    const twin = start(
      faultOf({ kind: 'release', target, parameters: { tag } }),
      faultOf({
        kind: 'failing_work',
        target,
        parameters: { cause: 'defect', tag, operation: 'GetProduct', errorShare: 0.4 },
      }),
    );
    await twin.advance(4 * minuteMs);
    expect(lastErrors(twin, 'productcatalogservice')).toBeGreaterThan(0.25);
    await twin.rollBack();
    await twin.advance(7 * minuteMs);
    expect(lastErrors(twin, 'productcatalogservice')).toBeLessThan(0.01);
  });

  it('that hang on a switch end when somebody turns it back', async () => {
    const twin = start(
      faultOf({
        kind: 'failing_work',
        target: 'service/currencyservice',
        parameters: { cause: 'switched_path', errorShare: 0.4, config: 'default/flags/rates=new' },
      }),
    );
    await twin.advance(2 * minuteMs);
    expect(lastErrors(twin, 'currencyservice')).toBeCloseTo(0.4, 2);
    const map = { kind: 'ConfigMap', namespace: 'default', name: 'flags' } as const;
    await twin.cluster.patch(map, { type: 'merge', body: { data: { rates: 'old' } } }, person);
    await twin.advance(2 * minuteMs + 5000);
    expect(lastErrors(twin, 'currencyservice')).toBeLessThan(0.01);
  });

  it('failing over costs seconds, but during a partition it costs the data', async () => {
    const sound = start();
    await sound.advance(minuteMs);
    await run(sound, 'fail_over_database', 'service/redis-cart');
    await sound.advance(4 * minuteMs);
    expect(goodRatio(sound, minuteMs, 2 * minuteMs)).toBeLessThan(0.9);
    expect(goodRatio(sound, 3 * minuteMs, 4 * minuteMs)).toBeGreaterThan(0.99);

    const split = start({ ...cutOff, durationMs: 3 * minuteMs });
    await split.advance(2 * minuteMs);
    await run(split, 'fail_over_database', 'service/redis-cart');
    await split.advance(10 * minuteMs);
    expect(lastErrors(split, 'redis-cart')).toBeCloseTo(0.4, 1);
  });

  it('name the statement that takes long, in the log and in its span', async () => {
    const twin = start(scan);
    const { logs, spans } = await twin.advance(4 * minuteMs);
    const line = logs.find(({ body }) => /statement [0-9a-f]{8}: HGET cart/.test(body));
    expect(line?.resource.service).toBe('redis-cart');
    const id = /statement ([0-9a-f]{8})/.exec(line?.body ?? '')?.[1];
    expect(spans.some(({ attributes }) => attributes['db.query.id'] === id)).toBe(true);
  });

  it('show in the words of whoever is turned away', async () => {
    for (const [cause, words] of [
      ['unresolved_name', /no such host/],
      ['revoked_rights', /permission denied/],
      ['expired_certificate', /x509/],
      ['used_up_ports', /cannot assign requested address/],
    ] as const) {
      const parameters = { cause, refusedShare: 0.5 };
      const target = 'edge/cartservice->redis-cart';
      const twin = start(faultOf({ kind: 'call_failure', target, parameters }));
      const { logs } = await twin.advance(2 * minuteMs);
      expect(
        logs.some(({ body }) => words.test(body)),
        cause,
      ).toBe(true);
    }
  });
});

it('a cache that misses sends its callers to the store behind it', async () => {
  const spec = loadTopology('social_network', {});
  const topology = describeTopology(spec);
  const twin = createTwin({ spec, topology, seed: 5, startMs: -120_000, telemetry: true });
  await twin.advance(0);
  const sound = twin.fork({ faults: 'keep', telemetry: true });
  twin.schedule([
    faultOf({
      kind: 'cache_misses',
      target: 'service/post-storage-memcached',
      startMs: 0,
      parameters: { cause: 'empty_cache', missShare: 0.5 },
    }),
  ]);
  const rate = async (world: Twin): Promise<number> => {
    const { frames } = await world.advance(15_000);
    const frame = frames.at(-1);
    const column = frame?.index.series.findIndex(
      ({ signal, component }) =>
        signal === 'edge_request_rate' &&
        component === 'edge/post-storage-service->post-storage-mongodb',
    );
    return frame?.values[column ?? -1] as number;
  };
  // Of 800 reads a second a fifth went to the store; of the other 640 half do so now, too.
  expect((await rate(twin)) - (await rate(sound))).toBeGreaterThan(150);
});
