import { describe, expect, it } from 'vitest';
import { boundQueue, createBoundedQueue, isBounded } from '../../sim/data-plane/bounded-queue.ts';

/** Probabilities of 0 … places requests in M/M/c/K, from the definition. */
function states(options: { places: number; servers: number; utilisation: number }): number[] {
  const { places, servers, utilisation } = options;
  const weights = [1];
  for (let n = 1; n <= places; n += 1) {
    weights.push((weights[n - 1]! * servers * utilisation) / Math.min(n, servers));
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

describe('a queue with so many places', () => {
  it.each([
    { places: 8, servers: 1, utilisation: 0.7 },
    { places: 8, servers: 1, utilisation: 1.4 },
    { places: 64, servers: 1, utilisation: 3 },
    { places: 30, servers: 4, utilisation: 0.95 },
    { places: 30, servers: 4, utilisation: 1.2 },
    { places: 5, servers: 5, utilisation: 0.8 },
  ])('is M/M/$servers/$places at utilisation $utilisation', (options) => {
    const { places, servers, utilisation } = options;
    const queue = createBoundedQueue();
    boundQueue(queue, { ...options, queueRatio: utilisation, elsewhere: 0 });
    const probabilities = states(options);
    const present = probabilities.reduce((sum, p, n) => sum + n * p, 0);
    const busy = probabilities.reduce((sum, p, n) => sum + Math.min(1, n / servers) * p, 0);
    expect(queue.blockedShare).toBeCloseTo(probabilities[places]!, 12);
    expect(queue.present).toBeCloseTo(present, 9);
    expect(1 - queue.idleShare).toBeCloseTo(busy, 12);
    // What is let in is what the servers do.
    expect(utilisation * (1 - queue.blockedShare)).toBeCloseTo(1 - queue.idleShare, 12);
  });

  it('is Erlang’s loss system for requests that only wait elsewhere', () => {
    const queue = createBoundedQueue();
    for (const { places, elsewhere } of [
      { places: 5, elsewhere: 4 },
      { places: 100, elsewhere: 120 },
    ]) {
      let blocked = 1;
      for (let k = 1; k <= places; k += 1)
        blocked = (elsewhere * blocked) / (k + elsewhere * blocked);
      boundQueue(queue, { places, elsewhere, servers: 1, utilisation: 0, queueRatio: 0 });
      expect(queue.blockedShare).toBeCloseTo(blocked, 12);
    }
  });

  it('shortens the wait as M/M/1/K does', () => {
    const queue = createBoundedQueue();
    const options = { places: 8, servers: 1, utilisation: 0.85 };
    boundQueue(queue, { ...options, queueRatio: 0.85, elsewhere: 0 });
    const seen = states({ ...options, places: 7 });
    const wait = seen.reduce((sum, p, n) => sum + n * p, 0);
    const square = seen.reduce((sum, p, n) => sum + n * (n + 1) * p, 0);
    expect(queue.waitFactor * (0.85 / 0.15)).toBeCloseTo(wait, 9);
    expect(queue.waitFactor2 * ((2 * 0.85) / (0.15 * 0.15))).toBeCloseTo(square, 9);
  });

  it('goes over into the queue without a bound, and into a fluid', () => {
    const load = { servers: 1, utilisation: 0.5, queueRatio: 0.5, elsewhere: 3 };
    expect(isBounded({ ...load, places: 20 })).toBe(true);
    expect(isBounded({ ...load, places: 100 })).toBe(false);
    const [exact, fluid] = [512, 513].map((places) => {
      const queue = createBoundedQueue();
      boundQueue(queue, { ...load, places, utilisation: 1.5, queueRatio: 1.5 });
      return queue;
    });
    expect(fluid!.blockedShare).toBeCloseTo(exact!.blockedShare, 6);
    expect(fluid!.present / exact!.present).toBeCloseTo(1, 2);
  });
});
