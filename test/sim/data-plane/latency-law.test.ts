import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, uniformAt } from '../../../core/tools/index.ts';
import type { LatencyLaw } from '../../../sim/data-plane/flow-state.ts';
import {
  gammaCdf,
  gammaCdfApproximate,
  gammaQuantile,
  logGamma,
} from '../../../sim/data-plane/gamma.ts';
import { gammaQuantileNear } from '../../../sim/data-plane/gamma-table.ts';
import {
  latencyCdf,
  latencyMeanMs,
  latencyQuantileMs,
  noTimeOut,
  quickCdf,
  sampleLatencyMs,
  truncate,
} from '../../../sim/data-plane/latency-law.ts';

const shapes = [0.1, 0.5, 1, 2, 7.3, 50, 390, 5000];

describe('gamma distribution', () => {
  it('matches known values', () => {
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 12);
    expect(logGamma(10)).toBeCloseTo(Math.log(362880), 10);
    expect(gammaCdf(1, 2)).toBeCloseTo(1 - Math.exp(-2), 12);
    expect(gammaCdf(3, 2.5)).toBeCloseTo(1 - Math.exp(-2.5) * (1 + 2.5 + 2.5 ** 2 / 2), 12);
    expect(gammaCdf(0.5, 2)).toBeCloseTo(2 * normalCdf(2) - 1, 6);
    expect(normalCdf(1.959964)).toBeCloseTo(0.975, 6);
  });

  it('has quantiles in a table that are off by less than one in ten thousand', () => {
    let worst = 0;
    for (let i = 0; i < 120; i += 1) {
      const shape = Math.exp(Math.log(0.103) + (i / 120) * Math.log(4500));
      for (let k = 1; k < 120; k += 1) {
        const p = normalCdf(-2.6 + (k / 120) * 7.8);
        const near = gammaQuantileNear(shape, p);
        worst = Math.max(worst, Math.abs(near / gammaQuantile(shape, p) - 1));
      }
    }
    expect(worst).toBeLessThan(1e-4);
    expect(gammaQuantileNear(0.1, 0.3)).toBe(gammaQuantile(0.1, 0.3));
  });

  it('inverts its own cdf', () => {
    for (const shape of shapes) {
      for (const p of [0.001, 0.05, 0.5, 0.95, 0.999]) {
        expect(gammaCdf(shape, gammaQuantile(shape, p)), `shape ${shape} p ${p}`).toBeCloseTo(p, 5);
      }
    }
  });

  it('keeps the Wilson-Hilferty approximation within its documented error', () => {
    const worst = (shape: number): number => {
      let error = 0;
      for (let x = 0.02; x < 4; x += 0.02) {
        error = Math.max(
          error,
          Math.abs(gammaCdf(shape, x * shape) - gammaCdfApproximate(shape, x * shape)),
        );
      }
      return error;
    };
    expect(worst(1)).toBeLessThan(0.013);
    expect(worst(4)).toBeLessThan(0.002);
    expect(worst(390)).toBeLessThan(2e-5);
  });
});

describe('latency law', () => {
  const law = { meanMs: 40, varianceMs2: 800, ...noTimeOut, slowShare: 0.1, slowMs: 1000 };

  it('puts the time-out share at slowMs and the rest where the gamma has it', () => {
    expect(latencyCdf(law, 999)).toBeCloseTo(0.9, 9);
    expect(latencyCdf(law, 1000)).toBeCloseTo(1, 9);
    expect(latencyQuantileMs(law, 0.95)).toBe(1000);
    expect(latencyQuantileMs(law, 0.45)).toBeCloseTo(gammaQuantile(2, 0.5) * 20, 9);
    expect(latencyMeanMs(law)).toBeCloseTo(0.9 * 40 + 100, 12);
  });

  it('finds slowMs between the two ends of the gamma', () => {
    const middle = { meanMs: 40, varianceMs2: 800, ...noTimeOut, slowShare: 0.5, slowMs: 30 };
    const below = latencyCdf(middle, 29.999);
    expect(latencyQuantileMs(middle, below + 0.25)).toBe(30);
    expect(latencyQuantileMs(middle, below + 0.5 + 0.01)).toBeGreaterThan(30);
  });

  it('has two instants for time-outs, in any place of the gamma', () => {
    const two = { ...law, midShare: 0.2, midMs: 500 };
    expect(latencyCdf(two, 499)).toBeCloseTo(0.7, 9);
    expect(latencyCdf(two, 500)).toBeCloseTo(0.9, 9);
    expect(latencyQuantileMs(two, 0.69)).toBeLessThan(400);
    expect(latencyQuantileMs(two, 0.71)).toBe(500);
    expect(latencyQuantileMs(two, 0.89)).toBe(500);
    expect(latencyQuantileMs(two, 0.91)).toBe(1000);
    expect(latencyMeanMs(two)).toBeCloseTo(0.7 * 40 + 0.2 * 500 + 0.1 * 1000, 12);
    const inside = { ...law, midShare: 0.2, midMs: 20, slowShare: 0.2, slowMs: 60 };
    for (let q = 0.005; q < 1; q += 0.005) {
      const ms = latencyQuantileMs(inside, q);
      expect(latencyCdf(inside, ms)).toBeGreaterThan(q - 1e-6);
      expect(latencyCdf(inside, ms - 1e-6)).toBeLessThan(q + 1e-6);
    }
    const only = { ...law, midShare: 0.75, midMs: 500, slowShare: 0.25, slowMs: 1000 };
    expect([0, 0.5, 0.74, 0.76, 0.999].map((q) => latencyQuantileMs(only, q))).toEqual([
      500, 500, 500, 1000, 1000,
    ]);
  });

  it('gives every quantile back from its cdf', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 5000, noNaN: true }),
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (meanMs, variation, q) => {
          const pure = { meanMs, varianceMs2: (meanMs * variation) ** 2, ...noTimeOut };
          return Math.abs(latencyCdf(pure, latencyQuantileMs(pure, q)) - q) < 1e-4;
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it('finds quantiles among failures where plain bisection of the cdf ends, to the bit', () => {
    const bisect = (mixed: LatencyLaw, q: number): number => {
      let to = Math.max(mixed.meanMs, mixed.failMs, mixed.midMs, mixed.slowMs, 1e-9);
      while (latencyCdf(mixed, to) < q) to *= 2;
      let from = 0;
      while (to - from > 1e-9 * to + 1e-12) {
        const middle = 0.5 * (from + to);
        if (latencyCdf(mixed, middle) < q) from = middle;
        else to = middle;
      }
      return to;
    };
    for (let i = 0; i < 400; i += 1) {
      const draw = (k: number): number => uniformAt(4, i, k);
      const meanMs = 1000 * draw(0);
      const failMs = draw(1) < 0.1 ? 0 : 1000 * draw(2);
      const mixed = {
        meanMs,
        varianceMs2: draw(3) < 0.1 ? 0 : 2 * meanMs * meanMs * draw(4),
        midShare: draw(5) < 0.5 ? 0 : 0.1 * draw(6),
        midMs: 2 * meanMs * draw(7),
        slowShare: draw(8) < 0.5 ? 0 : 0.1 * draw(9),
        slowMs: meanMs * (2 + 20 * draw(10)),
        failShare: 0.005 + 0.7 * draw(11),
        failMs,
        failVarianceMs2: failMs * failMs * draw(12),
      };
      const q = [0.5, 0.95, 0.99, draw(13)][i % 4] as number;
      expect(latencyQuantileMs(mixed, q)).toBe(bisect(mixed, q));
    }
  });

  it('samples with its own mean and time-out share', () => {
    let sum = 0;
    let slow = 0;
    const n = 20_000;
    for (let i = 0; i < n; i += 1) {
      const ms = sampleLatencyMs(law, uniformAt(3, 5, i));
      sum += ms;
      slow += ms === 1000 ? 1 : 0;
    }
    expect(sum / n).toBeCloseTo(latencyMeanMs(law), -1);
    expect(slow / n).toBeCloseTo(0.1, 2);
  });

  it('treats a law without variance as a constant', () => {
    expect(quickCdf(5, 0, 4.9)).toBe(0);
    expect(quickCdf(5, 0, 5)).toBe(1);
    expect(latencyQuantileMs({ meanMs: 5, varianceMs2: 0, ...noTimeOut }, 0.99)).toBe(5);
  });

  it('cuts a gamma so that both parts add up to its moments', () => {
    const out = { share: 0, first: 0, second: 0 };
    // For an exponential of mean 1, E[X; X <= t] = 1 − (1 + t)e^−t.
    truncate(out, 1, 1, 2);
    expect(out.share).toBeCloseTo(1 - Math.exp(-2), 12);
    expect(out.first).toBeCloseTo(1 - 3 * Math.exp(-2), 12);
    expect(out.second).toBeCloseTo(2 - (2 + 4 + 4) * Math.exp(-2), 12);
    truncate(out, 10, 30, 1e6);
    expect(out).toEqual({ share: 1, first: 10, second: 130 });
  });
});
