import { beforeAll, describe, expect, it } from 'vitest';
import type { Telemetry } from '../../core/observable/index.ts';
import type { Fault } from '../../core/truth/index.ts';
import { faultShapes } from '../../scenarios/fault-shapes/fault-shapes.ts';
import type { Twin } from '../../sim/index.ts';
import { faultOf, warmTwin } from './boutique.ts';
import { FaultBench, ordersOf } from './fault-bench.ts';

const minuteMs = 60_000;

function impaired(
  target: string,
  parameters: Fault['parameters'],
  durationMs = 2 * minuteMs,
): Fault {
  return faultOf({
    kind: 'telemetry_impairment',
    target,
    parameters,
    startMs: minuteMs,
    durationMs,
  });
}

const zoneSilent = impaired('zone/us-east-1a', { mode: 'drop', signal: 'all', share: 1 });
const logsLate = impaired('telemetry/*', { mode: 'delay', signal: 'logs', delayMs: 45_000 });

describe('telemetry_impairment', () => {
  let warm: Twin;
  beforeAll(async () => {
    warm = await warmTwin({ telemetry: true });
  });

  async function play(fault: Fault | null): Promise<{ twin: Twin; telemetry: Telemetry }> {
    const twin = warm.fork({ faults: 'keep', telemetry: true });
    if (fault) twin.schedule([fault]);
    return { twin, telemetry: await twin.advance(4 * minuteMs) };
  }

  it('is felt by no user and no service: the truth is the same to the bit', async () => {
    const [sound, broken] = [await play(null), await play(zoneSilent)];
    expect(broken.twin.truth.user).toEqual(sound.twin.truth.user);
    expect(broken.twin.truth.service).toEqual(sound.twin.truth.service);
    expect(broken.twin.exogenousDigest()).toBe(sound.twin.exogenousDigest());
  });

  it('makes a zone look lost to its scraper, while the API server still sees it', async () => {
    const { telemetry } = await play(zoneSilent);
    const silentAt = telemetry.frames.map(({ atMs, index, values }) => {
      const ofZone = index.series.flatMap(({ signal, labels }, i) =>
        labels.zone === 'us-east-1a' && signal === 'node_cpu_utilization' ? [values[i]] : [],
      );
      return ofZone.every(Number.isNaN) ? atMs : null;
    });
    const expected = [...Array(8).keys()].map((i) => minuteMs + (i + 1) * 15_000);
    expect(silentAt.filter((atMs) => atMs !== null)).toEqual(expected);
    const [frame] = telemetry.frames.filter(({ atMs }) => atMs === 2 * minuteMs);
    const ready = frame?.index.series.flatMap(({ signal, labels }, i) =>
      labels.zone === 'us-east-1a' && signal === 'node_ready' ? [frame.values[i]] : [],
    );
    expect(ready).toEqual([1, 1, 1]);
  });

  it('delivers every late line in the end', async () => {
    const [sound, late] = [await play(null), await play(logsLate)];
    const bodies = ({ logs }: Telemetry): string[] => logs.map(({ body }) => body).toSorted();
    expect(bodies(late.telemetry)).toEqual(bodies(sound.telemetry));
    const fork = warm.fork({ faults: 'keep', telemetry: true });
    fork.schedule([logsLate]);
    const { logs } = await fork.advance(minuteMs + 30_000);
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.filter(({ atMs }) => atMs > minuteMs + 1000)).toEqual([]);
    expect(late.telemetry.spans).toEqual(sound.telemetry.spans);
  });

  it('ends in any order and leaves nothing behind', async () => {
    const faults = [zoneSilent, zoneSilent, logsLate];
    for (const order of ordersOf(faults.length)) {
      const bench = FaultBench.create();
      bench.schedule.add(
        faults.map((fault, i) => ({ ...fault, durationMs: (1 + order.indexOf(i)) * minuteMs })),
      );
      await bench.play(minuteMs + 1000);
      expect(bench.conditions.telemetryImpairments.length).toBe(3);
      await bench.play(3 * minuteMs + 1000);
      const [left] = bench.conditions.telemetryImpairments;
      expect(left?.target).toBe(faults[order[2] as number]?.target);
      await bench.play(4 * minuteMs + 1000);
      expect(bench.conditions.telemetryImpairments).toEqual([]);
    }
  });
});

describe('the shape of telemetry_impairment', () => {
  const { target, parameters } = faultShapes.telemetry_impairment;

  it('takes everything, a zone, a node or a service', () => {
    for (const good of ['telemetry/*', 'zone/a', 'node/a1', 'service/cart']) {
      expect(target.safeParse(good).success, good).toBe(true);
    }
    for (const bad of ['telemetry/metrics', 'user/*', 'pod/shop/cart']) {
      expect(target.safeParse(bad).success, bad).toBe(false);
    }
  });

  it.each([
    [{ mode: 'drop' }, { mode: 'drop', signal: 'all', share: { low: 1, high: 1 } }],
    [
      { mode: 'delay', signal: 'spans', delay: '1m' },
      { mode: 'delay', signal: 'spans', delayMs: { low: 60_000, high: 60_000 } },
    ],
    [{ mode: 'stale' }, { mode: 'stale', signal: 'metrics' }],
    [
      { mode: 'clock_offset', signal: 'logs', offset: { between: ['1s', '5s'] } },
      { mode: 'clock_offset', signal: 'logs', offsetMs: { low: 1000, high: 5000 } },
    ],
  ])('reads %j', (given, expected) => {
    expect(parameters.parse(given)).toEqual(expected);
  });

  it.each([
    [{ mode: 'slow' }, /expected a mode: drop, delay, stale or clock_offset/],
    [{ mode: 'stale', signal: 'logs' }, /expected metrics/],
    [{ mode: 'delay', signal: 'metrics', delay: '1m' }, /expected logs or spans/],
  ])('refuses %j', (given, message) => {
    expect(JSON.stringify(parameters.safeParse(given).error?.issues)).toMatch(message);
  });
});
