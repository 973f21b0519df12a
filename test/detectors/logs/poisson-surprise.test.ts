import { describe, expect, it } from 'vitest';
import { poissonSurprise } from '../../../detectors/tails/poisson-surprise.ts';

/** The same by adding up every term. */
function direct(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let k = 0; k < count; k += 1) {
    below += term;
    term *= mean / (k + 1);
  }
  return -Math.log10(count > mean ? 1 - below : below + term);
}

describe('the surprise of a Poisson count', () => {
  it.each([
    [0, 5],
    [1, 5],
    [5, 5],
    [12, 5],
    [3, 0.2],
    [0, 0.2],
    [130, 100],
    [71, 100],
  ])('of %d at a mean of %d is -log10 of its tail', (count, mean) => {
    expect(poissonSurprise(count, mean)).toBeCloseTo(direct(count, mean), 6);
  });

  it('holds where the chance is too small for a number, and at the edges', () => {
    expect(poissonSurprise(2000, 1)).toBeGreaterThan(5000);
    expect(poissonSurprise(0, 2000)).toBeCloseTo(2000 * Math.LOG10E, 6);
    expect(poissonSurprise(0, 0)).toBe(0);
    expect(poissonSurprise(1, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('grows with the distance, also between whole numbers', () => {
    for (let count = 10; count < 40; count += 0.25) {
      expect(poissonSurprise(count + 0.25, 10)).toBeGreaterThan(poissonSurprise(count, 10) - 1e-9);
    }
  });
});
