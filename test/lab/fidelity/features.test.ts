import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { type Features, featuresOf, hillIndex } from '../../../lab/fidelity/features.ts';

const stepMs = 300_000;
const days = 2;
const n = (days * 24 * 3_600_000) / stepMs;

function white(seed: number, length = n): Float64Array {
  const stream = createStream(seed, 'white');
  return Float64Array.from({ length }, () => 10 + stream.normal());
}

function walk(seed: number, phi: number, length = n): Float64Array {
  let value = 0;
  return white(seed, length).map((draw) => {
    value = phi * value + draw - 10;
    return 100 + value;
  });
}

const measured = (values: Float64Array): Features => featuresOf(values, stepMs) as Features;

describe('features of a window', () => {
  it('tell white noise from a random walk, at the values that theory gives', () => {
    const noise = measured(white(1));
    expect(noise.acfNear).toBeCloseTo(0, 0);
    expect(noise.changeAcf).toBeCloseTo(-0.5, 1);
    expect(Math.abs(noise.spectralSlope)).toBeLessThan(0.4);
    expect(noise.variation).toBeCloseTo(0.1, 1);
    expect(measured(walk(1, 0.8)).acfNear).toBeCloseTo(0.8, 1);
    const brown = measured(walk(2, 1));
    expect(brown.spectralSlope).toBeLessThan(-1.5);
    expect(brown.spectralSlope).toBeGreaterThan(-2.5);
    expect(brown.stability).toBeGreaterThan(0.8);
  });

  it('find a daily rhythm of one or two peaks, and none in noise', () => {
    const noise = white(3);
    const rhythm = (peaks: number, size: number): Float64Array =>
      noise.map((value, i) => value + size * Math.sin((2 * Math.PI * peaks * i) / 288));
    expect(measured(noise).seasonality).toBeLessThan(0.03);
    // A sine of amplitude √2 has the variance of the noise.
    expect(measured(rhythm(1, Math.SQRT2)).seasonality).toBeCloseTo(0.5, 1);
    expect(measured(rhythm(2, 10)).seasonality).toBeGreaterThan(0.95);
  });

  it('recover the tail index of a Pareto law', () => {
    const stream = createStream(4, 'pareto');
    for (const index of [1.5, 3]) {
      const values = Float64Array.from({ length: 20_000 }, () =>
        Math.exp(-Math.log(1 - stream.next()) / index),
      );
      expect(hillIndex(values) / index).toBeCloseTo(1, 1);
    }
  });

  it('count gaps and repetitions, and do not mistake a gap for a change', () => {
    const values = walk(5, 0.9);
    const before = measured(values);
    values.fill(Number.NaN, 100, 103);
    values.fill(Number.NaN, 200, 201);
    values[300] = values[299] as number;
    const after = measured(values);
    expect(after.missing).toBeCloseTo(4 / n, 10);
    expect(after.gapLength).toBe(2);
    expect(after.repeated).toBeCloseTo(1 / (n - 1), 10);
    expect(after.acfNear).toBeCloseTo(before.acfNear, 1);
  });

  it('do not depend on unit or level of noise around it', () => {
    const values = walk(6, 0.9);
    const other = measured(values.map((value) => 1000 * value));
    for (const [name, value] of Object.entries(measured(values))) {
      expect(other[name as keyof Features], name).toBeCloseTo(value, 6);
    }
  });

  it('are none for a constant and for what is mostly missing', () => {
    expect(featuresOf(new Float64Array(n).fill(7), stepMs)).toBeNull();
    const holey = white(7);
    holey.fill(Number.NaN, 0, n * 0.6);
    expect(featuresOf(holey, stepMs)).toBeNull();
  });
});
