import { describe, expect, it } from 'vitest';
import { gammaQuantile } from '../../../sim/data-plane/gamma.ts';
import { gammaQuantileNear } from '../../../sim/data-plane/gamma-table.ts';
import { Users } from '../../../sim/data-plane/users.ts';
import { journeySpec } from './fixture.ts';

describe('users of a large system', () => {
  it('have a 95th percentile to one in ten thousand, and the same share of good requests', () => {
    const times = [2, 15, 90, 420];
    const users = new Users(times.map((_, j) => journeySpec(`j${j}`, 'shop', 'Buy')));
    times.forEach((ms, j) => {
      const outcome = users.outcomes[j];
      if (!outcome) throw new Error('no such journey');
      outcome.okShare = 0.997;
      outcome.okMs = ms;
      outcome.okVarianceMs2 = ms * ms * (0.1 + 0.7 * j);
      outcome.errorShare = 0.002;
      outcome.errorMs = 0.8 * ms;
      outcome.slowErrorShare = 0.001;
      outcome.slowErrorMs = 2000;
      outcome.slowErrorMinMs = 2000;
      outcome.slowErrorMaxMs = 2000;
    });
    const offered = Float64Array.from(times, () => 30);
    const exact = users.tick(1000, offered, null, gammaQuantile);
    const near = users.tick(1000, offered, null, gammaQuantileNear);
    expect(near.good).toEqual(exact.good);
    near.latencyMsP95.forEach((ms, j) => {
      expect(Math.abs(ms / (exact.latencyMsP95[j] as number) - 1)).toBeLessThan(1e-4);
    });
    expect(near.latencyMsP95).not.toEqual(exact.latencyMsP95);
  });
});
