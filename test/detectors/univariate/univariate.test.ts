import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createStream,
  mean,
  median,
  medianAbsoluteDeviation,
  standardDeviation,
} from '../../../core/tools/index.ts';
import { RobustZ, SeriesSurprise, SlidingZScore } from '../../../detectors/index.ts';
import { RecordPeak } from '../../../detectors/series/record-peak.ts';
import { SortedWindows } from '../../../detectors/univariate/sorted-windows.ts';
import { WindowedMoments } from '../../../detectors/univariate/windowed-moments.ts';

const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), {
  minLength: 2,
  maxLength: 300,
});

describe('windowed moments', () => {
  it('equal mean and deviation computed from scratch, at any offset', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 40 }), (series, windowPoints) => {
        const moments = new WindowedMoments(windowPoints);
        moments.grow(33);
        for (const value of series) moments.push(32, value);
        const window = series.slice(-windowPoints);
        const spread = Math.max(...series.map(Math.abs), 1);
        expect(Math.abs(moments.mean(32) - mean(window))).toBeLessThan(1e-9 * spread);
        expect(Math.abs(moments.deviation(32) - standardDeviation(window))).toBeLessThan(
          1e-5 * spread,
        );
      }),
    );
  });

  it('keep their precision over a million values far from zero', () => {
    const stream = createStream(1, 'moments');
    const moments = new WindowedMoments(1000);
    moments.grow(1);
    const window: number[] = [];
    for (let i = 0; i < 200_000; i += 1) {
      const value = 1e9 + stream.normal();
      moments.push(0, value);
      if (i >= 199_000) window.push(value);
    }
    expect(moments.deviation(0)).toBeCloseTo(standardDeviation(window), 6);
  });
});

describe('sorted windows', () => {
  it('give the median and never a scale below the MAD', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 64 }), (series, windowPoints) => {
        const windows = new SortedWindows(windowPoints);
        windows.grow(1);
        for (const value of series) windows.push(0, value);
        const window = series.slice(-windowPoints);
        expect(windows.median(0)).toBe(median(window));
        const scaled = 1.4826 * medianAbsoluteDeviation(window);
        expect(windows.scale(0)).toBeGreaterThanOrEqual(scaled * (1 - 1e-12));
      }),
    );
  });

  it('take the widest of MAD, quartiles and range for the scale', () => {
    const windows = new SortedWindows(7);
    windows.grow(1);
    for (const value of [1, 1, 2, 2, 4, 6, 9]) windows.push(0, value);
    expect(windows.scale(0)).toBeCloseTo((5 - 1.5) / 1.349, 10);
    for (const value of [0, 0, 0, 1, 2, 2, 2]) windows.push(0, value);
    expect(windows.scale(0)).toBeCloseTo(Math.max(1.4826, 2 / 1.349), 10);
    for (const value of [3, 3, 3, 3, 3, 3, 8]) windows.push(0, value);
    expect(windows.scale(0)).toBeCloseTo((3 + 0.94 * 5 - 3) / 4.65, 10);
  });
});

describe('sliding z-score', () => {
  it('has no opinion before 60 values and alarms at three standard deviations after', () => {
    const detector = new SlidingZScore();
    const stream = createStream(2, 'z');
    for (let i = 0; i < 60; i += 1) {
      expect(detector.score(0, i).verdict).toBe('warming_up');
      detector.learn(stream.normal());
    }
    expect(detector.score(0, 60)).toMatchObject({ atMs: 60, value: 0, verdict: 'normal' });
    expect(detector.score(4.5, 60).verdict).toBe('anomaly');
    expect(detector.score(4.5, 60).score).toBeGreaterThan(3);
  });

  it('does not divide by a vanished deviation', () => {
    const detector = new SlidingZScore();
    for (let i = 0; i < 100; i += 1) detector.learn(5);
    expect(detector.score(5, 100).score).toBe(0);
    expect(Number.isFinite(detector.score(6, 100).score)).toBe(true);
  });

  it('refuses windows over a thousand points', () => {
    expect(() => new SlidingZScore({ windowPoints: 1001 })).toThrow(
      /from 2 to 1000 points, got 1001/,
    );
  });
});

describe('robust z-score', () => {
  it('keeps its centre when a third of its window is anomalous', () => {
    const robust = new RobustZ();
    const plain = new SlidingZScore({ windowPoints: 128 });
    const stream = createStream(3, 'robust');
    for (let i = 0; i < 128; i += 1) {
      const value = i % 3 === 0 ? 30 : stream.normal();
      robust.learn(value);
      plain.learn(value);
    }
    expect(robust.score(0, 0).score).toBeLessThan(0.1);
    expect(plain.score(0, 0).score).toBeGreaterThan(0.5);
  });

  it('skips missing values', () => {
    const detector = new RobustZ();
    for (let i = 0; i < 100; i += 1) detector.learn(i % 2 ? Number.NaN : i % 7);
    expect(detector.score(Number.NaN, 1).verdict).toBe('warming_up');
    expect(detector.score(3, 1).verdict).toBe('normal');
  });
});

describe('series surprise', () => {
  const learnt = (noise: (draw: number) => number, options = {}): SeriesSurprise => {
    const detector = new SeriesSurprise({ record: null, ...options });
    const stream = createStream(4, 'surprise');
    for (let i = 0; i < 2000; i += 1) detector.learn(100 + noise(stream.normal()), i);
    return detector;
  };

  it('alarms on a jump, not on ordinary values', () => {
    const detector = learnt((z) => z);
    expect(detector.score(100.5, 0).verdict).toBe('normal');
    expect(detector.score(115, 0).verdict).toBe('anomaly');
  });

  it('raises its own bar where tails are heavy', () => {
    const light = learnt((z) => z);
    const heavy = learnt((z) => z * z * z);
    expect(heavy.score(100 + 15 * 15 ** 0.5, 0).score).toBeLessThan(light.score(115, 0).score);
  });
});

describe('record peak', () => {
  it('agrees with the maximum over the memory', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), (scores) => {
        const records = new RecordPeak({ historyShare: 0, pointsMin: 10 });
        scores.forEach((score, atMs) => {
          const recent = scores.slice(Math.max(0, atMs - 10), atMs);
          expect(records.isRecord(score)).toBe(recent.every((other) => score > other));
          records.learn(score);
        });
      }),
    );
  });
});
