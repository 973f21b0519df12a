import { describe, expect, it } from 'vitest';
import type { Telemetry } from '../../../core/observable/index.ts';
import {
  type Conditions,
  createConditions,
  type TelemetryImpairment,
} from '../../../sim/conditions.ts';
import { createPipeline, createWorld, scrapeIntervalMs } from './fixture.ts';

const world = createWorld();

function impairment(changes: Partial<TelemetryImpairment>): TelemetryImpairment {
  const none = { share: 0, delayMs: 0, offsetMs: 0 };
  return { target: 'zone/zone-a', signal: 'all', mode: 'drop', ...none, ...changes };
}

/** Ten windows; the impairment is in force in the windows 4 to 7. */
function play(...impairments: TelemetryImpairment[]): Telemetry[] {
  const conditions: Conditions = createConditions();
  const pipeline = createPipeline(world, { conditions, seed: 11 });
  return Array.from({ length: 10 }, (_, i) => {
    if (i === 4) conditions.telemetryImpairments.push(...impairments);
    if (i === 8) conditions.telemetryImpairments.length = 0;
    return pipeline.collect(world.window(i + 1), world.view, [], []);
  });
}

const sound = play();

function valuesOf(telemetry: Telemetry | undefined, keep: (labels: string) => boolean): number[] {
  const frame = telemetry?.frames[0];
  return (frame?.index.series ?? []).flatMap(({ signal, component, labels }, i) =>
    keep(`${signal} ${component} ${labels.zone ?? ''}`) ? [frame?.values[i] as number] : [],
  );
}

const inZone = (text: string): boolean => /_utilization .* zone-a$/.test(text);
const elsewhere = (text: string): boolean => /(_utilization .* zone-[bc]|^user_.*)$/.test(text);

describe('telemetry impairments', () => {
  it('drop a zone: its targets, lines and spans are gone, the rest is as it was', () => {
    const broken = play(impairment({ share: 1 }));
    expect(valuesOf(broken[5], inZone).every(Number.isNaN)).toBe(true);
    expect(valuesOf(broken[5], elsewhere)).toEqual(valuesOf(sound[5], elsewhere));
    for (const { resource } of [...(broken[5]?.logs ?? []), ...(broken[5]?.spans ?? [])]) {
      expect(resource.zone).not.toBe('zone-a');
    }
    const others = sound[5]?.spans.filter(({ resource }) => resource.zone !== 'zone-a');
    expect(broken[5]?.spans).toEqual(others);
    for (const i of [3, 9]) expect(broken[i]).toEqual(sound[i]);
  });

  it('drop a share of the spans and nothing else', () => {
    const broken = play(impairment({ target: 'telemetry/*', signal: 'spans', share: 0.4 }));
    const kept = (broken[6]?.spans.length ?? 0) / (sound[6]?.spans.length ?? 1);
    expect(kept).toBeGreaterThan(0.5);
    expect(kept).toBeLessThan(0.7);
    expect(broken[6]?.logs).toEqual(sound[6]?.logs);
    expect(broken[6]?.frames[0]?.values).toEqual(sound[6]?.frames[0]?.values);
  });

  it('drop everything: not one value is left', () => {
    const [frame] = play(impairment({ target: 'telemetry/*', share: 1 }))[6]?.frames ?? [];
    const left = frame?.index.series.filter((_, i) => !Number.isNaN(frame.values[i]));
    // Counters keep their last value, as Prometheus' look-back does.
    expect(left?.filter(({ signal }) => signal !== 'processed_items_total')).toEqual([]);
  });

  it('delay lines: none is lost, all come in their order', () => {
    const delayed = play(
      impairment({ mode: 'delay', signal: 'logs', delayMs: 2 * scrapeIntervalMs }),
    );
    const fromZone = (all: Telemetry[], i: number): string[] =>
      (all[i]?.logs ?? [])
        .filter(({ resource }) => resource.zone === 'zone-a')
        .map(({ body }) => body);
    expect(fromZone(delayed, 4)).toEqual([]);
    expect(fromZone(delayed, 5)).toEqual([]);
    expect(fromZone(delayed, 6)).toEqual(fromZone(sound, 4));
    // When it ends, the backlog arrives.
    const backlog = [6, 7, 8].flatMap((i) => fromZone(sound, i));
    expect(fromZone(delayed, 8).toSorted()).toEqual(backlog.toSorted());
    for (const { logs } of delayed) {
      expect(logs.map(({ atMs }) => atMs)).toEqual(
        logs.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
      );
    }
    expect(delayed[9]).toEqual(sound[9]);
  });

  it('let the metrics of a service stand still, but not what others tell of it', () => {
    const broken = play(impairment({ target: 'service/cart', mode: 'stale', signal: 'metrics' }));
    const own = (text: string): boolean =>
      /^(request_rate|latency_ms_p50) service\/cart /.test(text);
    const told = (text: string): boolean => /^edge_request_rate edge\/frontend->cart/.test(text);
    for (const i of [4, 7]) {
      expect(valuesOf(broken[i], own)).toEqual(valuesOf(sound[3], own));
      expect(valuesOf(broken[i], told)).toEqual(valuesOf(sound[i], told));
    }
    expect(valuesOf(broken[8], own)).toEqual(valuesOf(sound[8], own));
  });

  it('put the clock of a node ahead', () => {
    const broken = play(
      impairment({ target: 'node/node-1', mode: 'clock_offset', signal: 'spans', offsetMs: 2500 }),
    );
    const starts = (telemetry: Telemetry | undefined, node: string): number[] =>
      (telemetry?.spans ?? [])
        .filter(({ resource }) => resource.node === node)
        .map(({ startMs }) => startMs);
    const shifted = starts(sound[5], 'node-1').map((startMs) => startMs + 2500);
    expect(starts(broken[5], 'node-1')).toEqual(shifted);
    expect(starts(broken[5], 'node-2')).toEqual(starts(sound[5], 'node-2'));
  });

  it('are copied by a fork in the middle of a delay', () => {
    const conditions = createConditions();
    const pipeline = createPipeline(world, { conditions, seed: 11 });
    conditions.telemetryImpairments.push(
      impairment({ target: 'telemetry/*', mode: 'delay', signal: 'spans', delayMs: 20_000 }),
    );
    pipeline.collect(world.window(1), world.view, [], []);
    const fork = pipeline.fork(conditions);
    const next = (one: typeof pipeline): Telemetry[] =>
      [2, 3, 4].map((scrape) => one.collect(world.window(scrape), world.view, [], []));
    expect(next(fork)).toEqual(next(pipeline));
  });
});
