import { describe, expect, it } from 'vitest';
import { renderCalibrationTable } from '../../../lab/benchmarks/calibration/index.ts';
import { listen } from '../../../lab/benchmarks/calibration/listen.ts';
import { reportCalibration } from '../../../lab/benchmarks/calibration/run-calibration.ts';
import { Survival } from '../../../lab/benchmarks/calibration/survival.ts';
import { expectBenchmarkReport } from './benchmark-report.ts';

describe('survival', () => {
  it('counts what reaches a height, and finds the height that a share reaches', () => {
    const survival = new Survival();
    for (let i = 1; i <= 1000; i += 1) survival.add(i / 100);
    expect(survival.total).toBe(1000);
    expect(survival.atLeast(9)).toBeGreaterThan(90);
    expect(survival.atLeast(9)).toBeLessThan(110);
    expect(survival.heightOf(0.1)).toBeCloseTo(9, 0);
    survival.add(Number.NaN);
    expect(survival.total).toBe(1000);
  });
});

describe('calibration benchmark', () => {
  it.skipIf(!process.env.FIREDRILL_FULL)(
    'hears a healthy world, every method',
    async () => {
      const options = { topology: 'edge_retail', seed: 1, hours: 1.2, methods: ['ewma'] };
      const heard = await listen(options);
      expect([...heard.keys()]).toEqual(
        expect.arrayContaining(['fused, not pooled', 'fused', 'ewma']),
      );
      expect(heard.get('fused')?.survival.total).toBeGreaterThan(1000);
    },
    120_000,
  );

  it('prints a row per method', () => {
    const survival = new Survival();
    for (let i = 0; i < 2000; i += 1) survival.add(1);
    const heard = { topology: 'edge_retail', survival, values: [1000, 1000], rarest: [0, 0] };
    const report = reportCalibration([
      { ...heard, name: 'ewma', rare: [1, 2] },
      { ...heard, name: 'fused', rare: [1, 2] },
    ]);
    expectBenchmarkReport(report);
    expect(report.rows[0]?.scores).toEqual({ at3: 1.5, at5: 0, seriesWithin: 1 });
    const table = renderCalibrationTable(report);
    expect(table).toMatch(/^Healthy worlds: edge_retail;/);
    expect(table).toMatch(/ewma +2000 +2 +1\.50 \[1\.00–2\.00\] +3 +0\.00 \[.*\] +0 +yes +100 %/);
    expect(table).toMatch(/fused .* no +100 %/);
  });
});
