import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { LatencySketch } from '../../../detectors/traces/latency-sketch.ts';

function learnt(times: number, draw: (u: number) => number): LatencySketch {
  const sketch = new LatencySketch();
  const stream = createStream(5, 'latency-sketch');
  for (let i = 0; i < times; i += 1) sketch.learn('op', draw(stream.next()));
  return sketch;
}

const exponential = (u: number): number => -20 * Math.log(1 - u);

describe('a sketch of times', () => {
  it('tells how far out in the tail a time lies', () => {
    const sketch = learnt(19_000, exponential);
    for (const share of [0.5, 0.1, 0.01, 0.001]) {
      const surprise = sketch.surprise('op', -20 * Math.log(share));
      expect(Math.abs(surprise + Math.log10(share)), `at ${share}`).toBeLessThan(0.2);
    }
  });

  it('continues the tail where nothing was counted, rising, by two powers of ten at most', () => {
    const sketch = learnt(2000, exponential);
    const counted = Math.log10(2000 / 8);
    const [near, far, absurd] = [160, 200, 1e5].map((ms) => sketch.surprise('op', ms));
    expect(near).toBeGreaterThan(counted);
    expect(far).toBeGreaterThan(near as number);
    expect(absurd).toBeCloseTo(counted + 2, 6);
  });

  it('gives quantiles within its bins', () => {
    const sketch = learnt(10_000, exponential);
    expect(sketch.quantile('op', 0.5) / (20 * Math.LN2)).toBeGreaterThan(0.93);
    expect(sketch.quantile('op', 0.5) / (20 * Math.LN2)).toBeLessThan(1.07);
  });

  it('has no opinion on what it does not know', () => {
    expect(learnt(49, exponential).surprise('op', 1e4)).toBeNaN();
    expect(learnt(60, exponential).surprise('other', 1e4)).toBeNaN();
    expect(learnt(60, exponential).quantile('other', 0.5)).toBeNaN();
  });

  it('forgets old times, and the least used operations', () => {
    const sketch = new LatencySketch({ operationsMax: 2 });
    for (let i = 0; i < 40_000; i += 1) sketch.learn('op', i < 20_000 ? 5 : 50);
    expect(sketch.count('op')).toBeLessThan(20_001);
    expect(sketch.quantile('op', 0.6)).toBeGreaterThan(40);
    sketch.learn('rare', 1);
    sketch.learn('new', 1);
    expect([sketch.count('rare'), sketch.count('new')]).toEqual([0, 1]);
    expect(sketch.count('op')).toBeGreaterThan(0);
  });
});
