import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { createPointDetector } from '../../../detectors/index.ts';
import { LeftMatrixProfile } from '../../../detectors/univariate/left-matrix-profile.ts';
import { SubPca } from '../../../detectors/univariate/sub-pca.ts';

const window = 24;

/** A wave far from zero with noise; its shape, not its size, is another in rows 1500 to 1530. */
function wave(points: number): number[] {
  const stream = createStream(1, 'wave');
  return Array.from({ length: points }, (_, t) => {
    const odd = t >= 1500 && t < 1530 ? 8 * Math.sin(t) : 0;
    return 1e6 + 10 * Math.sin(t / 8) + stream.normal() + odd;
  });
}

function peakOf(values: readonly number[], from: number): number {
  return values.reduce(
    (best, value, i) => (i >= from && value > (values[best] as number) ? i : best),
    from,
  );
}

describe('left matrix profile', () => {
  const series = wave(2000);
  const historyPoints = 300;

  it('equals z-normalised distances computed from scratch, also after the history has rolled', () => {
    const profile = new LeftMatrixProfile({ windowPoints: window, historyPoints });
    const normal = (end: number): number[] => {
      const shape = series.slice(end - window + 1, end + 1);
      const mean = shape.reduce((sum, x) => sum + x, 0) / window;
      const scale = Math.sqrt(shape.reduce((sum, x) => sum + (x - mean) ** 2, 0) / window);
      return shape.map((x) => (x - mean) / scale);
    };
    series.forEach((value, t) => {
      if (t % 113 === 0 && t > 600) {
        const newest = normal(t);
        let best = Number.POSITIVE_INFINITY;
        for (let lag = window; lag <= historyPoints - window; lag += 1) {
          const other = normal(t - lag);
          best = Math.min(best, Math.hypot(...newest.map((x, i) => x - (other[i] as number))));
        }
        expect(profile.statistic(value)).toBeCloseTo(best, 8);
      }
      profile.learn(value);
    });
  });

  it('peaks where the shape is new', () => {
    const profile = new LeftMatrixProfile({ windowPoints: window, historyPoints });
    const scores = series.map((value) => {
      const score = profile.statistic(value);
      profile.learn(value);
      return score;
    });
    const peak = peakOf(scores, 500);
    expect(peak).toBeGreaterThan(1500);
    expect(peak).toBeLessThan(1530 + window);
  });

  it('takes flat stretches for alike, however small their noise', () => {
    const profile = new LeftMatrixProfile({ windowPoints: window, historyPoints });
    const flat = Array.from({ length: 900 }, (_, t) => (t % 300 < 100 ? 10 * Math.sin(t / 4) : 0));
    for (const value of flat) profile.learn(value);
    for (let i = 0; i < 2 * window; i += 1) profile.learn(1e-7 * Math.sin(i * 7));
    expect(profile.statistic(1e-7)).toBe(0);
  });
});

describe('streaming sub-PCA', () => {
  it('peaks where the shape is new', () => {
    const components = new SubPca({ windowPoints: window });
    const scores = wave(2000).map((value) => {
      const score = components.statistic(value);
      components.learn(value);
      return score;
    });
    const peak = peakOf(scores, 600);
    expect(peak).toBeGreaterThan(1500);
    expect(peak).toBeLessThan(1530 + window);
  });

  it('explains a periodic series with few components', () => {
    const components = new SubPca({ windowPoints: window, components: 2 });
    for (let t = 0; t < 3000; t += 1) components.learn(Math.sin(t / 5));
    // Two components hold a sine; what is left is the distance along them, about one each.
    expect(components.statistic(Math.sin(600))).toBeLessThan(4);
    expect(components.statistic(Math.sin(600) + 3)).toBeGreaterThan(8);
  });
});

it.each(['left_matrix_profile', 'sub_pca'])(
  '%s finds it rarer than one in a thousand, calibrated to its own past',
  (name) => {
    const detector = createPointDetector(name);
    const alarms: number[] = [];
    wave(2000).forEach((value, t) => {
      if (detector.score(value, t * 60_000).score >= 3) alarms.push(t);
      detector.learn(value, t * 60_000);
    });
    const inside = alarms.filter((t) => t >= 1500 && t < 1600);
    expect(inside.length).toBeGreaterThan(0);
    expect(alarms.length - inside.length).toBeLessThan(10);
  },
);
