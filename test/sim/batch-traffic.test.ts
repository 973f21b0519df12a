import { beforeAll, describe, expect, it } from 'vitest';
import type { MetricsFrame, SignalName } from '../../core/observable/index.ts';
import { faultShapes } from '../../scenarios/fault-shapes/fault-shapes.ts';
import type { Twin } from '../../sim/index.ts';
import { faultOf, warmTwin } from './boutique.ts';

const minuteMs = 60_000;
const parameters = { perSec: 100, errorRatio: 0.8, latencyMs: 900 };
const edge = 'edge/frontend->cartservice';

function readSignal(frame: MetricsFrame, signal: SignalName, component: string): number {
  const column = frame.index.series.findIndex(
    (series) => series.signal === signal && series.component === component,
  );
  return frame.values[column] as number;
}

describe('batch_traffic', () => {
  let warm: Twin;
  beforeAll(async () => {
    warm = await warmTwin({ telemetry: true });
  });

  async function play(target: string | null): Promise<{ twin: Twin; frame: MetricsFrame }> {
    const twin = warm.fork({ faults: 'keep', telemetry: true });
    const durationMs = minuteMs;
    const fault = { kind: 'batch_traffic', parameters, startMs: minuteMs, durationMs } as const;
    if (target) twin.schedule([faultOf({ ...fault, target })]);
    const { frames } = await twin.advance(3 * minuteMs);
    const frame = frames.find(({ atMs }) => atMs === 2 * minuteMs - 15_000);
    expect(frame).toBeDefined();
    return { twin, frame: frame as MetricsFrame };
  }

  it('counts at the server as calls that come from nowhere', async () => {
    const [sound, busy] = [await play(null), await play('service/cartservice')];
    const change = (signal: SignalName, component: string): number =>
      readSignal(busy.frame, signal, component) - readSignal(sound.frame, signal, component);
    const usual = readSignal(sound.frame, 'request_rate', 'service/cartservice');
    expect(change('request_rate', 'service/cartservice')).toBeCloseTo(100, -1);
    const share = 100 / (100 + usual);
    expect(change('error_ratio', 'service/cartservice')).toBeCloseTo(0.8 * share, 1);
    expect(change('latency_ms_p99', 'service/cartservice')).toBeGreaterThan(1500);
    expect(change('edge_request_rate', edge)).toBe(0);
  });

  it('counts at the caller as well where a service makes the calls', async () => {
    const [sound, busy] = [await play(null), await play(edge)];
    const before = readSignal(sound.frame, 'edge_request_rate', edge);
    expect(readSignal(busy.frame, 'edge_request_rate', edge) - before).toBeCloseTo(100, -1);
    expect(readSignal(busy.frame, 'edge_error_ratio', edge)).toBeGreaterThan(0.2);
  });

  it('is in flight at the pods, by Little’s law, and nobody else meets it', async () => {
    const [sound, busy] = [await play(null), await play('service/cartservice')];
    const inFlight = ({ index, values }: MetricsFrame): number =>
      index.series.reduce((sum, { signal, labels }, i) => {
        const isMine = signal === 'in_flight_requests' && labels.service === 'cartservice';
        return isMine ? sum + (values[i] as number) : sum;
      }, 0);
    // 100 a second for 0.9 s each: 90, give or take four standard deviations of a Poisson count.
    expect(Math.abs(inFlight(busy.frame) - inFlight(sound.frame) - 90)).toBeLessThan(40);
    expect(busy.twin.truth.user).toEqual(sound.twin.truth.user);
    expect(busy.twin.truth.service).toEqual(sound.twin.truth.service);
    expect(busy.twin.exogenousDigest()).toBe(sound.twin.exogenousDigest());
  });

  it('takes a service or an edge, a rate and a time', () => {
    const { target, parameters: shape } = faultShapes.batch_traffic;
    for (const good of ['service/cart', 'edge/web->cart']) {
      expect(target.safeParse(good).success, good).toBe(true);
    }
    expect(target.safeParse('user/*').success).toBe(false);
    expect(shape.safeParse({ perSec: 5 }).success).toBe(false);
    expect(shape.safeParse({ perSec: 5, latency: '20ms' }).success).toBe(true);
  });
});
