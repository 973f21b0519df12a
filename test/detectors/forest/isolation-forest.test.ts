import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { averagePathLength } from '../../../detectors/forest/isolation-forest.ts';
import { IsolationForest, MlIsolationForest } from '../../../detectors/index.ts';

function cloud(rows: number): Float64Array {
  const stream = createStream(7, 'cloud');
  return Float64Array.from({ length: rows * 2 }, () => stream.normal());
}

describe.each([
  ['our own', (seed: number) => new IsolationForest({ seed })],
  ['ml-isolation-forest', (seed: number) => new MlIsolationForest({ seed })],
])('isolation forest, %s', (_, create) => {
  it('refuses to predict before it was trained', () => {
    expect(() => create(1).predict([0, 0])).toThrow(
      'isolation forest: predict was called before train',
    );
  });

  it('isolates a far point sooner than any of the cloud', () => {
    const forest = create(1);
    forest.train(cloud(300), 2);
    expect(forest.predict([8, 8])).toBeGreaterThan(forest.cut);
    expect(forest.predict([0, 0])).toBeLessThan(0.5);
  });

  it('cuts at the 99 % quantile of the training scores', () => {
    const forest = create(1);
    const data = cloud(400);
    forest.train(data, 2);
    let above = 0;
    for (let row = 0; row < 400; row += 1) {
      if (forest.predict(data.subarray(2 * row, 2 * row + 2)) > forest.cut) above += 1;
    }
    expect(above).toBe(4);
  });

  it('scores the same with the same seed only', () => {
    const [a, b, c] = [create(5), create(5), create(6)];
    for (const forest of [a, b, c]) forest.train(cloud(100), 2);
    expect(a.predict([1, 2])).toBe(b.predict([1, 2]));
    expect(a.predict([1, 2])).not.toBe(c.predict([1, 2]));
  });

  it('leaves Math.random as it was, even when training fails', () => {
    const { random } = Math;
    create(1).train(cloud(20), 2);
    expect(() => create(1).train(new Float64Array(2), 2)).toThrow(/at least two/);
    expect(Math.random).toBe(random);
  });

  it('does not mind rows that are all alike', () => {
    const forest = create(1);
    forest.train(new Float64Array(200).fill(3), 2);
    expect(Number.isFinite(forest.predict([3, 3]))).toBe(true);
  });
});

describe('average path length', () => {
  it('is what a binary search tree of that many rows has', () => {
    expect(averagePathLength(1)).toBe(0);
    expect(averagePathLength(2)).toBe(1);
    expect(averagePathLength(256)).toBeCloseTo(10.2448, 3);
  });
});
