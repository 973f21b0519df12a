import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { ComponentDistances, LstmAutoencoder } from '../../../detectors/index.ts';
import { HalfSpaceTrees } from '../../../detectors/multivariate/half-space-trees.ts';
import { symmetricEigen } from '../../../detectors/multivariate/symmetric-eigen.ts';
import { TailCalibration } from '../../../detectors/multivariate/tail-calibration.ts';

describe('eigenvalues of a symmetric matrix', () => {
  it.each([1, 2, 5, 30])(
    'of size %i: A v = l v, vectors orthonormal, values descending',
    (size) => {
      const stream = createStream(size, 'matrix');
      const a = new Float64Array(size * size);
      for (let i = 0; i < size; i += 1) {
        for (let j = i; j < size; j += 1) {
          // The third row and column are empty, as with a metric that never varies.
          const value = i === 2 || j === 2 ? 0 : stream.normal();
          a[i * size + j] = value;
          a[j * size + i] = value;
        }
      }
      const { values, vectors } = symmetricEigen(a, size);
      const vector = (k: number) => vectors.subarray(k * size, (k + 1) * size);
      for (let k = 0; k < size; k += 1) {
        if (k > 0) expect(values[k]).toBeLessThanOrEqual(values[k - 1] as number);
        for (let i = 0; i < size; i += 1) {
          const image = vector(k).reduce((sum, x, j) => sum + x * (a[i * size + j] as number), 0);
          expect(image).toBeCloseTo((values[k] as number) * (vector(k)[i] as number), 10);
        }
        for (let other = 0; other <= k; other += 1) {
          const product = vector(k).reduce(
            (sum, x, i) => sum + x * (vector(other)[i] as number),
            0,
          );
          expect(product).toBeCloseTo(other === k ? 1 : 0, 10);
        }
      }
    },
  );
});

describe('calibration of a tail', () => {
  it('gives -log10 p of an exponential law within a fifth, far beyond what it saw', () => {
    const stream = createStream(1, 'tail');
    const tail = new TailCalibration();
    tail.fit(Float64Array.from({ length: 20_000 }, () => -Math.log(1 - stream.next())));
    for (const surprise of [0.3, 1, 2, 4, 6]) {
      const score = surprise * Math.LN10;
      expect(tail.surprise(score) / surprise).toBeGreaterThan(0.8);
      expect(tail.surprise(score) / surprise).toBeLessThan(1.2);
    }
  });

  it('keeps the order of scores and takes any', () => {
    const tail = new TailCalibration();
    tail.fit(Float64Array.of(1, 1, 1, 2, 2, 3));
    const surprises = [0, 1, 2, 3, 4, 1e9].map((score) => tail.surprise(score));
    expect([...surprises].sort((a, b) => a - b)).toEqual(surprises);
    expect(surprises.every((surprise) => surprise >= 0)).toBe(true);
    expect(tail.surprise(Number.NaN)).toBeNaN();
    tail.fit(new Float64Array(50).fill(7));
    expect(tail.surprise(7)).toBeLessThan(0.1);
    expect(tail.surprise(8)).toBeGreaterThan(3);
  });
});

describe('distances from principal components', () => {
  it('sees a broken correlation that no single metric shows', () => {
    const stream = createStream(2, 'pair');
    const rows: number[] = [];
    for (let i = 0; i < 1000; i += 1) {
      const load = stream.normal();
      rows.push(load + 0.05 * stream.normal(), load + 0.05 * stream.normal());
    }
    const distances = new ComponentDistances();
    distances.fit(Float64Array.from(rows), 2);
    const along = { ...distances.measure(Float64Array.of(1, 1)) };
    const across = { ...distances.measure(Float64Array.of(1, -1)) };
    expect(across.total).toBeCloseTo(along.total, 0);
    expect(across.spe).toBeGreaterThan(50 * along.spe);
    expect(across.mahalanobis).toBeGreaterThan(10 * along.mahalanobis);
    expect(along.t2).toBeGreaterThan(10 * across.t2);
  });
});

it('half-space trees follow a shift within two windows', () => {
  const stream = createStream(3, 'shift');
  const row = (centre: number) => Float64Array.of(centre + 0.5 * stream.normal(), stream.normal());
  const trees = new HalfSpaceTrees({ windowRows: 100 });
  trees.fit(
    Float64Array.from({ length: 1000 }, () => stream.normal()),
    2,
  );
  const meanScore = () => {
    let sum = 0;
    for (let i = 0; i < 50; i += 1) sum += trees.score(row(2.5));
    return sum / 50;
  };
  const before = meanScore();
  for (let i = 0; i < 200; i += 1) trees.learn(row(2.5));
  expect(meanScore()).toBeLessThan(before - 1);
});

it('the LSTM autoencoder says what to install, or learns a wave', async () => {
  const stream = createStream(4, 'lstm');
  const rows = (count: number) =>
    Float64Array.from({ length: count * 2 }, (_, i) => {
      const phase = Math.floor(i / 2) / 3;
      return (i % 2 === 0 ? Math.sin(phase) : Math.cos(phase)) + 0.05 * stream.normal();
    });
  const test = rows(32);
  test.fill(3, 40, 50);
  const train = rows(64);
  const scoresOf = async (seed: number): Promise<Float64Array> => {
    const model = await LstmAutoencoder.create({ columns: 2, seed });
    await model.fit(train);
    return model.score(test);
  };
  const scores = await scoresOf(1).catch((error: unknown) => String(error));
  if (typeof scores === 'string') {
    expect(scores).toContain('TensorFlow.js cannot be loaded');
    return;
  }
  const peak = scores.indexOf(Math.max(...scores));
  expect(peak).toBeGreaterThanOrEqual(20);
  expect(peak).toBeLessThan(25);
  // Its time is that of loading TensorFlow.js: the rest is for the long run.
  if (process.env.FIREDRILL_FULL) expect(await scoresOf(1)).toEqual(scores);
});
