import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSlowAtoms, type SlowWay, splitSlow } from '../../../sim/data-plane/slow-atoms.ts';

function split(way: SlowWay): ReturnType<typeof createSlowAtoms> {
  const atoms = createSlowAtoms();
  splitSlow(atoms, way);
  return atoms;
}

it('finds two instants exactly', () => {
  const [early, late, share] = [4020, 10_000, 0.3];
  const ms = (1 - share) * early + share * late;
  const varianceMs2 = share * (1 - share) * (late - early) ** 2;
  const atoms = split({ ms, varianceMs2, minMs: early, maxMs: late });
  expect(atoms.earlyMs).toBeCloseTo(early, 6);
  expect(atoms.lateMs).toBeCloseTo(late, 6);
  expect(atoms.lateShare).toBeCloseTo(share, 9);
});

it('leaves a single instant alone', () => {
  expect(split({ ms: 2000, varianceMs2: 0, minMs: 2000, maxMs: 2000 })).toEqual({
    earlyMs: 2000,
    lateMs: 2000,
    lateShare: 1,
  });
});

it('keeps mean and variance, the early instant before the late one, both within reach', () => {
  const instants = fc.array(
    fc.record({
      ms: fc.double({ min: 1, max: 20_000, noNaN: true }),
      weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(instants, (ways) => {
      const total = ways.reduce((sum, { weight }) => sum + weight, 0);
      const ms = ways.reduce((sum, way) => sum + way.weight * way.ms, 0) / total;
      const varianceMs2 =
        ways.reduce((sum, way) => sum + way.weight * (way.ms - ms) ** 2, 0) / total;
      const maxMs = Math.max(...ways.map((way) => way.ms));
      const minMs = Math.min(...ways.map((way) => way.ms));
      const { earlyMs, lateMs, lateShare } = split({ ms, varianceMs2, minMs, maxMs });
      const mean = (1 - lateShare) * earlyMs + lateShare * lateMs;
      const spread = (1 - lateShare) * (earlyMs - ms) ** 2 + lateShare * (lateMs - ms) ** 2;
      expect(Math.abs(mean - ms)).toBeLessThan(2e-6 * maxMs);
      if (maxMs - ms > 1e-3) {
        expect(Math.abs(spread - varianceMs2)).toBeLessThan(1e-5 * varianceMs2 + 1e-3);
      }
      expect(earlyMs).toBeLessThanOrEqual(lateMs);
      expect(earlyMs).toBeGreaterThan(minMs * (1 - 1e-6) - 1e-3);
      expect(lateMs).toBeLessThanOrEqual(maxMs + 1e-6);
    }),
    { seed: 1, numRuns: 300 },
  );
});
