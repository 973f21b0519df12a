import { describe, expect, it } from 'vitest';
import { bucketedQuantileMs } from '../../../sim/telemetry/histogram-quantile.ts';

describe('a quantile as a histogram tells it', () => {
  it('is within its bucket: 4.4 % either way with few requests, much closer with many', () => {
    for (const ms of [0.3, 12, 480, 25_000]) {
      for (const u of [0, 0.5, 0.999]) {
        const few = bucketedQuantileMs(Math.log(ms), 0, u);
        expect(Math.abs(Math.log(few / ms))).toBeLessThanOrEqual(Math.LN2 / 8);
        const many = bucketedQuantileMs(Math.log(ms), 1e6, u);
        expect(Math.abs(many / ms - 1)).toBeLessThan(1e-4);
      }
    }
  });

  it('is anywhere in the zero bucket where nothing took any time to speak of', () => {
    for (const log of [Math.log(1e-20), Number.NEGATIVE_INFINITY, Math.log(0.04)]) {
      expect(bucketedQuantileMs(log, 100, 0.5)).toBe(0.025);
      expect(bucketedQuantileMs(log, 100, 0)).toBe(0);
    }
    expect(bucketedQuantileMs(Math.log(0.06), 100, 0.5)).toBeGreaterThan(0.05);
  });
});
