import { beforeAll, describe, expect, it } from 'vitest';
import type { SignalName, Telemetry } from '../../../core/observable/index.ts';
import { describeTopology, loadTopology } from '../../../scenarios/index.ts';
import { createTwin, type Twin } from '../../../sim/index.ts';
import { consumersOf } from '../../../sim/telemetry/store-services.ts';
import { boutique, faultOf, warmTwin } from '../boutique.ts';

function lastOf({ frames }: Telemetry, signal: SignalName, component: string): number {
  const frame = frames.at(-1);
  const column = frame?.index.series.findIndex(
    (one) => one.signal === signal && one.component === component,
  );
  return frame?.values[column ?? -1] as number;
}

describe('caches', () => {
  let twin: Twin;
  beforeAll(async () => {
    const spec = loadTopology('social_network', {});
    const topology = describeTopology(spec);
    twin = createTwin({ spec, topology, seed: 5, startMs: -120_000, telemetry: true });
    await twin.advance(0);
  });

  it('tell the share that did not go on to the store behind them, misses included', async () => {
    const cache = 'service/post-storage-memcached';
    const parameters = { cause: 'empty_cache', missShare: 0.5 };
    const broken = twin.fork({ faults: 'keep', telemetry: true });
    broken.schedule([faultOf({ kind: 'cache_misses', target: cache, startMs: 0, parameters })]);
    const sound = await twin.advance(30_000);
    expect(lastOf(sound, 'cache_hit_ratio', cache)).toBeCloseTo(0.8, 1);
    expect(lastOf(await broken.advance(30_000), 'cache_hit_ratio', cache)).toBeCloseTo(0.4, 1);
  });
});

describe('consumers', () => {
  it('are services that are handed what nobody waits for', () => {
    expect(consumersOf(boutique)).toEqual(['emailservice']);
  });

  it('fall behind at the rate of a record that blocks them', async () => {
    const target = 'service/emailservice';
    const parameters = { cause: 'unreadable_record', lagPerSec: 6 };
    const twin = await warmTwin();
    const before = await twin.advance(15_000);
    expect(lastOf(before, 'consumer_lag', target)).toBeLessThan(30);
    twin.schedule([faultOf({ kind: 'consumer_lag', target, startMs: 15_000, parameters })]);
    const after = await twin.advance(135_000);
    expect(lastOf(after, 'consumer_lag', target)).toBeGreaterThan(6 * 115);
  });
});
