import { beforeAll, describe, expect, it } from 'vitest';
import type { MetricsFrame, Telemetry } from '../../core/observable/index.ts';
import type { Twin } from '../../sim/index.ts';
import { digestOfTelemetry, faultOf, goodRatio, warmTwin } from './boutique.ts';

const minuteMs = 60_000;
const keep = { faults: 'keep', telemetry: true } as const;
let warm: Twin;
beforeAll(async () => {
  warm = await warmTwin();
});

const release = faultOf({
  kind: 'release',
  target: 'service/cartservice',
  parameters: { tag: 'v0.10.3' },
});

/** Goes on in steps of the given lengths, over and over. */
async function advanceInSteps(
  twin: Twin,
  untilMs: number,
  stepsMs: readonly number[],
): Promise<Telemetry[]> {
  const parts: Telemetry[] = [];
  for (let i = 0; twin.nowMs < untilMs; i += 1) {
    const stepMs = stepsMs[i % stepsMs.length] as number;
    parts.push(await twin.advance(Math.min(untilMs, twin.nowMs + stepMs)));
  }
  return parts;
}

async function scale(twin: Twin, name: string, replicas: number): Promise<void> {
  const answer = await twin.cluster.patch(
    { kind: 'Deployment', namespace: 'default', name },
    { type: 'merge', body: { spec: { replicas } } },
    { fieldManager: 'kubectl' },
  );
  if (!answer.ok) throw new Error(answer.status.message);
}

describe('a fork', () => {
  it('lives on like the original: ten minutes with a fault and a release, to the byte', async () => {
    const original = warm.fork(keep);
    original.schedule([
      faultOf({ startMs: 30_000, durationMs: 3 * minuteMs }),
      { ...release, startMs: 3 * minuteMs },
    ]);
    await original.advance(2 * minuteMs + 7000);
    const fork = original.fork(keep);
    const [a, b] = [await original.advance(12 * minuteMs), await fork.advance(12 * minuteMs)];
    expect(digestOfTelemetry([a])).toBe(digestOfTelemetry([b]));
    expect(original.truth).toEqual(fork.truth);
    expect(original.exogenousDigest()).toBe(fork.exogenousDigest());
    expect(a.spans.length).toBeGreaterThan(5000);
    expect(a.events.some(({ reason }) => reason === 'ScalingReplicaSet')).toBe(true);
  });

  it('is independent: what happens to one does not reach the other', async () => {
    const alone = await warm.fork(keep).advance(4 * minuteMs);
    const quiet = warm.fork(keep);
    const busy = warm.fork(keep);
    busy.schedule([faultOf({ startMs: 0 })]);
    await scale(busy, 'frontend', 5);
    const parts: Telemetry[] = [];
    for (let atMs = 15_000; atMs <= 4 * minuteMs; atMs += 15_000) {
      parts.push(await quiet.advance(atMs));
      await busy.advance(atMs);
    }
    expect(digestOfTelemetry(parts)).toBe(digestOfTelemetry([alone]));
    expect(goodRatio(busy, 0, Infinity)).toBeLessThan(0.8);
    expect(goodRatio(quiet, 0, Infinity)).toBeGreaterThan(0.98);
    expect(warm.nowMs).toBe(0);
  });

  it("without faults keeps what is benign, and with them nobody's fault is lost", async () => {
    const twin = warm.fork(keep);
    twin.schedule([faultOf({}), { ...release, faultClass: null }]);
    const sound = twin.fork({ faults: 'drop', telemetry: true });
    const { changes } = await sound.advance(3 * minuteMs);
    expect(changes.map(({ kind }) => kind)).toEqual(['release']);
    expect(goodRatio(sound, minuteMs, Infinity)).toBeGreaterThan(0.98);
    await twin.advance(3 * minuteMs);
    expect(goodRatio(twin, minuteMs, Infinity)).toBeLessThan(0.8);
    expect(() => twin.fork({ faults: 'drop', telemetry: false })).toThrow(/in force already/);
  });

  it('without telemetry sees the same world', async () => {
    const [loud, silent] = [warm.fork(keep), warm.fork({ faults: 'keep', telemetry: false })];
    for (const twin of [loud, silent]) twin.schedule([faultOf({}), release]);
    const told = await loud.advance(5 * minuteMs);
    const untold = await silent.advance(5 * minuteMs);
    expect(silent.truth).toEqual(loud.truth);
    expect(told.frames).toHaveLength(20);
    expect([untold.frames, untold.logs, untold.spans, untold.events, untold.changes]).toEqual([
      [],
      [],
      [],
      [],
      [],
    ]);
  });

  it('that turns telemetry on after silence opens with one whole, correct window', async () => {
    const silent = warm.fork({ faults: 'keep', telemetry: false });
    const loud = warm.fork(keep);
    const spike = faultOf({
      kind: 'load_factor',
      target: 'user/*',
      startMs: 90_000,
      durationMs: null,
      parameters: { factor: 2 },
    });
    for (const twin of [silent, loud]) {
      twin.schedule([spike]);
      await twin.advance(2 * minuteMs + 7000);
    }
    const woken = silent.fork(keep);
    const first = await woken.advance(2 * minuteMs + 15_000);
    const expected = await loud.advance(2 * minuteMs + 15_000);
    expect(first.frames).toHaveLength(1);
    const [seen, usual] = [first.frames[0], expected.frames[0]] as [MetricsFrame, MetricsFrame];
    // Counts of users are exact; everything else differs by its own measurement noise only.
    for (const signal of ['user_request_rate', 'replicas_ready', 'node_ready'] as const) {
      expect(valuesOf(seen, signal)).toEqual(valuesOf(usual, signal));
    }
    for (const signal of ['cpu_utilization', 'latency_ms_p95', 'memory_utilization'] as const) {
      const [a, b] = [valuesOf(seen, signal), valuesOf(usual, signal)];
      expect(a.size).toBe(b.size);
      for (const [name, value] of b) expect((a.get(name) as number) / value).toBeCloseTo(1, 0);
    }
    expect(first.spans).toEqual(expected.spans);
    // What happened in the silence stays untold.
    expect(first.events.every(({ atMs }) => atMs > 2 * minuteMs)).toBe(true);
  });
});

/** A signal's finite values by component. */
function valuesOf(frame: MetricsFrame, signal: string): Map<string, number> {
  const values = new Map<string, number>();
  frame.index.series.forEach((series, i) => {
    const value = frame.values[i] as number;
    if (series.signal === signal && Number.isFinite(value)) values.set(series.component, value);
  });
  return values;
}

describe('advance', () => {
  it('tells the same in odd steps as in one', async () => {
    const [whole, pieces] = [warm.fork(keep), warm.fork(keep)];
    for (const twin of [whole, pieces]) twin.schedule([faultOf({}), release]);
    const parts = await advanceInSteps(pieces, 6 * minuteMs, [7000, 1000, minuteMs, 15_000, 2000]);
    const one = await whole.advance(6 * minuteMs);
    expect(digestOfTelemetry(parts)).toBe(digestOfTelemetry([one]));
    expect(pieces.truth).toEqual(whole.truth);
    expect(parts[0]).toMatchObject({ fromMs: 0, untilMs: 7000, frames: [] });
    for (const [i, part] of parts.entries()) expect(part.fromMs).toBe(parts[i - 1]?.untilMs ?? 0);
    expect(one.frames.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 24 }, (_, i) => (i + 1) * 15_000),
    );
  });

  it('takes whole ticks, and no step back', async () => {
    const twin = warm.fork(keep);
    expect(await twin.advance(2500)).toMatchObject({ fromMs: 0, untilMs: 3000 });
    expect(await twin.advance(1000)).toMatchObject({ fromMs: 3000, untilMs: 3000, frames: [] });
    expect(twin.nowMs).toBe(3000);
    expect(twin.truth.user.at(-1)?.atMs).toBe(3000);
  });
});

describe('faults of a twin', () => {
  it('cannot be scheduled into the past', async () => {
    const twin = warm.fork(keep);
    await twin.advance(minuteMs);
    expect(() => twin.schedule([faultOf({ startMs: 59_000 })])).toThrow(
      /fault at 59000 ms lies before now, 60000 ms/,
    );
    expect(() => twin.schedule([faultOf({ startMs: 60_000 })])).not.toThrow();
  });

  it('begin and end at their times', async () => {
    const twin = warm.fork({ faults: 'keep', telemetry: false });
    twin.schedule([faultOf({ startMs: 30_000, durationMs: 45_000 })]);
    await twin.advance(2 * minuteMs);
    const bad = twin.truth.user.filter(({ atMs, good, offered }) => {
      return atMs > 0 && sum(good) < 0.8 * sum(offered);
    });
    expect(bad[0]?.atMs).toBe(31_000);
    expect(bad.at(-1)?.atMs).toBe(75_000);
    expect(bad).toHaveLength(45);
  });

  it('roll back: what is in force ends, what is to come is forgotten', async () => {
    const twin = warm.fork(keep);
    const sound = warm.fork(keep);
    twin.schedule([
      faultOf({ startMs: 0 }),
      faultOf({ kind: 'node_power_loss', target: 'node/node-b1', startMs: 0 }),
      faultOf({ startMs: 10 * minuteMs }),
    ]);
    for (const each of [twin, sound]) await each.advance(minuteMs);
    await twin.rollBack();
    for (const each of [twin, sound]) await each.advance(15 * minuteMs);
    expect(goodRatio(twin, 0, minuteMs)).toBeLessThan(0.8);
    const [after, usual] = [twin, sound].map((each) => goodRatio(each, 4 * minuteMs, Infinity));
    expect(Math.abs((after as number) - (usual as number))).toBeLessThan(0.002);
    expect(twin.exogenousDigest()).toBe(sound.exogenousDigest());
  });
});

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
