import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { type Example, twoSampleTest } from '../../../lab/fidelity/two-sample.ts';

/** Points of two entities' clouds; `shift` moves the second sample, `twist` only turns it. */
function sample(options: {
  shift?: number;
  twist?: boolean;
  own?: number;
  seed?: number;
}): Example[] {
  const { shift = 0, twist = false, own = 0, seed = 1 } = options;
  const stream = createStream(seed, 'examples');
  return Array.from({ length: 400 }, (_, i) => {
    const positive = i % 2 === 1;
    const entity = `e${Math.floor(i / 2) % 10}`;
    const habit = own * Math.sin(17 * (Math.floor(i / 2) % 10) + (positive ? 5 : 0));
    const [a, b] = [stream.normal(), stream.normal()];
    const [x, y] = twist ? [a, positive ? a + 0.3 * b : -a + 0.3 * b] : [a, b];
    const features = Float64Array.of(x + (positive ? shift : 0) + habit, y, 3);
    return { entity, features, positive };
  });
}

describe('classifier two-sample test', () => {
  it('is at chance for one law, with chance in its interval', () => {
    const { logistic, nearest } = twoSampleTest(sample({}));
    for (const figure of [logistic, nearest]) {
      expect(figure.low).toBeLessThan(0.5);
      expect(figure.high).toBeGreaterThan(0.4);
      expect(figure.value).toBeCloseTo(0.5, 0);
      expect(figure.n).toBe(400);
    }
  });

  it('has the area that theory gives for a shift', () => {
    // Two normals one sd apart: Φ(1/√2) = 0.760.
    const { logistic } = twoSampleTest(sample({ shift: 1 }));
    expect(logistic.value).toBeCloseTo(0.76, 1);
    expect(twoSampleTest(sample({ shift: 6 })).logistic.value).toBeGreaterThan(0.99);
  });

  it('sees by its neighbours what no plane separates', () => {
    const { logistic, nearest } = twoSampleTest(sample({ twist: true }));
    expect(logistic.value).toBeLessThan(0.65);
    expect(nearest.value).toBeGreaterThan(0.8);
  });

  it('does not take what is particular to single entities for a difference', () => {
    // Entities differ far more than the samples; only folds by entity can tell.
    const { nearest } = twoSampleTest(sample({ own: 8 }));
    expect(nearest.value).toBeLessThan(0.7);
  });

  it('says nothing with one entity on a side', () => {
    const lone = sample({ shift: 6 }).map((example) =>
      example.positive ? { ...example, entity: 'only' } : example,
    );
    expect(twoSampleTest(lone).logistic.value).toBeNull();
  });

  it('is the same twice', () => {
    expect(twoSampleTest(sample({ shift: 1 }))).toEqual(twoSampleTest(sample({ shift: 1 })));
  });
});
