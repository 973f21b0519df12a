import { describe, expect, it } from 'vitest';
import { renderCalibrationTable } from '../../../lab/benchmarks/calibration/index.ts';
import { listen } from '../../../lab/benchmarks/calibration/listen.ts';
import { Survival } from '../../../lab/benchmarks/calibration/survival.ts';

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
    const at3 = { value: 1.25, low: 0.5, high: 2, n: 3 };
    const at5 = { value: 0, low: 0, high: 0, n: 0 };
    const row = { values: 10, series: 1, at3, at5, seriesWithin: 1 };
    const table = renderCalibrationTable({
      benchmark: 'calibration',
      topologies: ['edge_retail'],
      rows: [
        { name: 'ewma', ...row, required: 'at3' },
        { name: 'fused', ...row, required: 'at5' },
      ],
    });
    expect(table).toMatch(/ewma +10 +1 +1\.25 \[0\.50–2\.00\] +3 +0\.00 \[.*\] +0 +yes +100 %/);
    expect(table).toMatch(/fused .* no +100 %/);
  });
});
