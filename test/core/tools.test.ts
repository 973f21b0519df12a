import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  createDrawKey,
  createStream,
  digestOf,
  formatDuration,
  InputError,
  imageTag,
  normalAt,
  normalQuantile,
  parseDurationMs,
  parseQuantity,
  quantile,
  RunningDigest,
  renderDuration,
  suggestNames,
  UsageError,
  uniformAt,
  unknownNameError,
} from '../../core/tools/index.ts';

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['1.5m', 90_000],
    ['2d', 172_800_000],
  ])('%s is %d ms', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each(['500', '5 minutes', '', '-3s', '10 s'])(
    'refuses %j and says what is expected',
    (text) => {
      expect(() => parseDurationMs(text)).toThrow(InputError);
      expect(() => parseDurationMs(text)).toThrow('expected a duration such as 250ms');
    },
  );

  it('formats for people', () => {
    expect([850, 42_000, 200_000, 3_900_000, -12_000].map(formatDuration)).toEqual([
      '850 ms',
      '42 s',
      '3 m 20 s',
      '1 h 5 m',
      '-12 s',
    ]);
  });

  it('written for machines, are read back as they were, in the largest exact unit', () => {
    expect([0, 1500, 90_000, 300_000, 5_400_000, 7_200_000].map(renderDuration)).toEqual([
      '0s',
      '1500ms',
      '90s',
      '5m',
      '90m',
      '2h',
    ]);
    fc.assert(
      fc.property(fc.nat(10 * 86_400_000), (ms) => parseDurationMs(renderDuration(ms)) === ms),
      { seed: 1 },
    );
  });
});

describe('Kubernetes texts', () => {
  it.each([
    ['200m', 0.2],
    ['2', 2],
    ['64Mi', 67_108_864],
    ['1G', 1e9],
    ['1e3', 1000],
  ])('quantity %s is %d', (text, expected) => {
    expect(parseQuantity(text)).toBe(expected);
  });

  it.each([
    ['boutique/frontend:v0.10.2', 'v0.10.2'],
    ['localhost:5000/frontend', 'latest'],
    ['frontend:v1@sha256:0af', 'v1'],
    ['frontend@sha256:0af', 'latest'],
    ['', 'latest'],
  ])('the tag of %j is %s', (image, tag) => {
    expect(imageTag(image)).toBe(tag);
  });
});

describe('mistyped names', () => {
  const known = ['zone_failure', 'zone_flap', 'bad_deploy'];

  it('get the nearest known ones, else all of them', () => {
    expect(suggestNames('zone_falure', known)).toBe('did you mean zone_failure?');
    expect(suggestNames('zone', known)).toBe('did you mean zone_failure or zone_flap?');
    expect(suggestNames('quasar', known)).toBe('known: zone_failure, zone_flap, bad_deploy');
    expect(suggestNames('quasar', [])).toBe('there are none');
  });

  it('are a usage error with that advice as its next step', () => {
    const error = unknownNameError('scenario', 'bad_deplyo', known);
    expect(error).toBeInstanceOf(UsageError);
    expect([error.message, error.hint]).toEqual([
      'unknown scenario "bad_deplyo"',
      'did you mean bad_deploy?',
    ]);
  });
});

describe('digest', () => {
  it('does not depend on key order, -0 or typed arrays, but on every value', () => {
    expect(canonicalJson({ b: -0, a: [1, Number.NaN] })).toBe('{"a":[1,"NaN"],"b":0}');
    expect(digestOf({ a: new Float64Array([1, 2]) })).toBe(digestOf({ a: [1, 2] }));
    expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: 1.0000001 }));
  });

  it('is the same however values are cut into batches of rows', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1 }), (values) => {
        const whole = new RunningDigest();
        whole.addValues(Float64Array.from(values));
        const parts = new RunningDigest();
        for (const value of values) parts.addValues(Float64Array.of(value));
        expect(parts.hex()).toBe(whole.hex());
      }),
      { seed: 1 },
    );
  });
});

describe('random streams', () => {
  it('are set by seed and name alone', () => {
    const take = (seed: number, name: string): number[] => {
      const stream = createStream(seed, name);
      return Array.from({ length: 5 }, () => stream.next());
    };
    expect(take(1, 'a')).toEqual(take(1, 'a'));
    expect(take(1, 'a')).not.toEqual(take(1, 'b'));
    expect(take(1, 'a')).not.toEqual(take(2, 'a'));
  });

  it('shuffle keeps the items', () => {
    expect(createStream(1, 'shuffle').shuffle([1, 2, 3, 4]).toSorted()).toEqual([1, 2, 3, 4]);
  });
});

describe('draws by address', () => {
  const key = createDrawKey(7, 'test');
  const draws = (count: number, draw: (i: number) => number): number[] =>
    Array.from({ length: count }, (_, i) => draw(i));
  const meanOf = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  it('are uniform: every one of 64 bins within 5 sd of its share, along ticks and along entities', () => {
    for (const draw of [(i: number) => uniformAt(key, 3, i), (i: number) => uniformAt(key, i, 3)]) {
      const bins = new Array<number>(64).fill(0);
      const n = 64_000;
      for (const value of draws(n, draw))
        bins[Math.floor(value * 64)] = (bins[Math.floor(value * 64)] as number) + 1;
      const sd = Math.sqrt((n / 64) * (63 / 64));
      expect(bins.every((count) => Math.abs(count - n / 64) < 5 * sd)).toBe(true);
    }
  });

  it('are uncorrelated with the next tick, the next entity and the next key', () => {
    const n = 50_000;
    const base = draws(n, (i) => uniformAt(key, 3, i) - 0.5);
    for (const other of [
      draws(n, (i) => uniformAt(key, 3, i + 1) - 0.5),
      draws(n, (i) => uniformAt(key, 4, i) - 0.5),
      draws(n, (i) => uniformAt(key + 1, 3, i) - 0.5),
    ]) {
      const correlation = meanOf(base.map((value, i) => value * (other[i] as number))) * 12;
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n));
    }
  });

  it('normal draws have mean 0, variance 1 and the right tails', () => {
    const values = draws(100_000, (i) => normalAt(key, 1, i));
    expect(Math.abs(meanOf(values))).toBeLessThan(0.016);
    expect(Math.abs(meanOf(values.map((v) => v * v)) - 1)).toBeLessThan(0.025);
    expect(Math.abs(values.filter((v) => v > 1.959964).length / 100_000 - 0.025)).toBeLessThan(
      0.0025,
    );
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8);
  });
});

it('quantiles interpolate and ignore NaN', () => {
  expect(quantile([4, Number.NaN, 1, 3, 2], 0.5)).toBe(2.5);
});
