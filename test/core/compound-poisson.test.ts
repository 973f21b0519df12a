import { describe, expect, it } from 'vitest';
import { addUpExcess, carryOver, createExcess, createStream } from '../../core/tools/index.ts';

/** One budget after the other, with exponential parts of work that come at random. */
function simulate(load: { utilisation: number; partMs: number; quotaMs: number }): {
  carriedMs: number;
  above: number;
} {
  const { utilisation, partMs, quotaMs } = load;
  const stream = createStream(5, 'periods');
  const meanParts = (utilisation * quotaMs) / partMs;
  const periods = 200_000;
  let [left, sum, above] = [0, 0, 0];
  for (let period = 0; period < periods; period += 1) {
    let work = 0;
    for (let at = -Math.log(1 - stream.next()); at < meanParts; ) {
      work -= partMs * Math.log(1 - stream.next());
      at -= Math.log(1 - stream.next());
    }
    if (work > quotaMs) above += 1;
    left = Math.max(0, left + work - quotaMs);
    sum += left;
  }
  return { carriedMs: sum / periods, above: above / periods };
}

describe('periods with a budget of work each', () => {
  it.each([
    { utilisation: 0.5, partMs: 10, quotaMs: 25 },
    { utilisation: 0.7, partMs: 5, quotaMs: 50 },
    { utilisation: 0.9, partMs: 5, quotaMs: 50 },
    { utilisation: 0.85, partMs: 20, quotaMs: 25 },
  ])('hand on what a simulation of them does: $utilisation of $quotaMs ms', (load) => {
    const { utilisation, partMs, quotaMs } = load;
    const meanMs = utilisation * quotaMs;
    const excess = createExcess();
    addUpExcess(excess, meanMs, partMs, quotaMs);
    const carry = { carriedMs: 0, ratio: 0 };
    carryOver(carry, excess, meanMs, 2 * meanMs * partMs, partMs, quotaMs);
    const simulated = simulate(load);
    expect(Math.abs(excess.above / simulated.above - 1)).toBeLessThan(0.03);
    expect(Math.abs(carry.carriedMs / simulated.carriedMs - 1)).toBeLessThan(0.08);
  });

  it('hand on nothing where nothing exceeds them', () => {
    const carry = { carriedMs: 1, ratio: 1 };
    carryOver(carry, createExcess(), 10, 0, 1, 50);
    expect(carry).toEqual({ carriedMs: 0, ratio: 0 });
  });
});
