import { describe, expect, it } from 'vitest';
import { Bench, chain } from '../sim/data-plane/fixture.ts';
import { setLoad } from './stage.ts';

/**
 * Time-outs with one retry at each of three levels in front of a store that serves 120 requests per
 * second: an attempt by a user may become eight (Bronson et al. 2021, metastable failures).
 */
class Storm {
  readonly #view: ReturnType<typeof chain>['view'];
  readonly #bench: Bench;

  constructor(retries: number) {
    const { spec, view } = chain({
      journey: { retries, timeoutMs: 2000 },
      call: { timeoutMs: 500, retries },
      storeOperation: { cpuMs: 25 },
      store: { concurrencyMax: 60 },
      workload: { requestsPerSec: 1 },
    });
    this.#view = view;
    this.#bench = new Bench(spec);
  }

  /** The share of users served well in the last of five minutes at this load. */
  goodAt(requestsPerSec: number): number {
    setLoad(this.#bench.conditions, requestsPerSec);
    this.#bench.play(this.#view, 240);
    let good = 0;
    for (let second = 0; second < 60; second += 1) {
      const { user } = this.#bench.play(this.#view, 1);
      good += user.good[0]! / user.offered[0]! / 60;
    }
    return good;
  }

  pass(seconds: number): void {
    this.#bench.play(this.#view, seconds);
  }
}

describe('retry storm', () => {
  it('has two stable states at one load, depending on where it comes from', () => {
    const storm = new Storm(1);
    expect(storm.goodAt(80)).toBeGreaterThan(0.98);
    storm.pass(1200);
    expect(storm.goodAt(80)).toBeGreaterThan(0.98);
    expect(storm.goodAt(130)).toBeLessThan(0.5);
    expect(storm.goodAt(80)).toBeLessThan(0.5);
    storm.pass(1200);
    expect(storm.goodAt(80)).toBeLessThan(0.5);
  });

  it('breaks at one load on the way up and recovers only far below it on the way down', () => {
    const storm = new Storm(1);
    let breaksAt = 0;
    for (let load = 60; breaksAt === 0; load += 4) if (storm.goodAt(load) < 0.5) breaksAt = load;
    let recoversAt = 0;
    for (let load = breaksAt; recoversAt === 0 && load > 0; load -= 4) {
      if (storm.goodAt(load) > 0.98) recoversAt = load;
    }
    expect(breaksAt).toBeGreaterThan(90);
    expect(breaksAt).toBeLessThan(125);
    expect(recoversAt).toBeGreaterThan(0);
    // Eight attempts for one request leave the store's 120 per second room for 15 requests.
    expect(recoversAt).toBeLessThan(30);
    expect(storm.goodAt(80)).toBeGreaterThan(0.98);
  });

  it('does not happen without retries: the state follows from the load alone', () => {
    const storm = new Storm(0);
    const before = storm.goodAt(80);
    expect(storm.goodAt(200)).toBeLessThan(0.8);
    expect(storm.goodAt(80)).toBeCloseTo(before, 3);
  });
});
