import { describe, expect, it } from 'vitest';
import { MetricHistory, signalSpec } from '../../core/observable/index.ts';
import { ramp } from '../../rca/ramp.ts';
import { ShiftReader, scaleFloor } from '../../rca/shifts.ts';

const windows = { baselineFromMs: 0, baselineUntilMs: 100, recentFromMs: 110, untilMs: 150 };

function historyOf(values: readonly number[]): MetricHistory {
  const metrics = new MetricHistory();
  const index = {
    series: [{ signal: 'error_ratio' as const, component: 'service/a', labels: { service: 'a' } }],
  };
  values.forEach((value, i) => {
    metrics.append({ atMs: 10 * (i + 1), index, values: Float64Array.of(value) });
  });
  return metrics;
}

const flat = Array.from({ length: 11 }, () => 0);

describe('ShiftReader', () => {
  it('gives a constant baseline a finite z-score by the scale floor', () => {
    const shift = new ShiftReader(historyOf([...flat, 0, 0.1, 0.1]), windows).of(
      'error_ratio',
      'service/a',
    );
    expect(shift).toEqual({ baseline: 0, recent: 0.1, delta: 0.1, zScore: 20 });
  });

  it('halves a lone spike and skips gaps', () => {
    const reader = new ShiftReader(historyOf([...flat, 0, Number.NaN, 0.1]), windows);
    expect(reader.of('error_ratio', 'service/a')?.recent).toBe(0.05);
  });

  it('has no opinion without enough baseline or without recent values', () => {
    const gaps = flat.map((value, i) => (i < 4 ? Number.NaN : value));
    expect(
      new ShiftReader(historyOf([...gaps, 1]), windows).of('error_ratio', 'service/a'),
    ).toBeNull();
    expect(new ShiftReader(historyOf(flat), windows).of('error_ratio', 'service/a')).toBeNull();
    expect(new ShiftReader(historyOf(flat), windows).of('error_ratio', 'service/b')).toBeNull();
  });

  it('is not moved by one minute of trouble inside the baseline', () => {
    const baseline = flat.map((value, i) => (i > 7 ? 0.5 : value));
    const reader = new ShiftReader(historyOf([...baseline, 0.5, 0.5]), windows);
    expect(reader.of('error_ratio', 'service/a')?.baseline).toBe(0);
  });

  it('finds the highest pod of a service, without a baseline', () => {
    const reader = new ShiftReader(historyOf([Number.NaN, ...flat, 0.2]), windows);
    expect(reader.highestOfService('error_ratio', 'a')).toBeCloseTo(0.1);
    expect(reader.highestOfService('error_ratio', 'b')).toBeNaN();
  });
});

describe('scaleFloor', () => {
  it.each([
    ['error_ratio', 0, 0.005],
    ['cpu_utilization', 0.5, 0.02],
    ['latency_ms_p95', 5, 1],
    ['latency_ms_p95', 200, 10],
    ['request_rate', 2, 0.5],
    ['request_rate', 100, 5],
  ] as const)('of %s around %d is %d', (signal, baseline, floor) => {
    expect(scaleFloor(signalSpec(signal), baseline)).toBe(floor);
  });
});

describe('ramp', () => {
  it('is linear between its ends and 0 for NaN', () => {
    expect([0, 1, 1.5, 2, 3, Number.NaN].map((value) => ramp(value, 1, 2))).toEqual([
      0, 0, 0.5, 1, 1, 0,
    ]);
  });
});
