import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { createPointDetector, pointDetectorNames } from '../../../detectors/index.ts';
import type { CalibratedPoint } from '../../../detectors/univariate/calibrated-point.ts';

const stepMs = 300_000;
/** Two periods of the batch reference, and the start of its tail, are known by then. */
const known = 1000;
/** Peaks enough for a chance of 1e-4 to be told from one of 1e-3. */
const longKnown = 3000;

type Sight = 'spike' | 'shift' | 'variance';

/** What each method is for: a planted change of this kind gives an alarm. */
const finds: Readonly<Record<string, readonly Sight[]>> = {
  ewma: ['spike', 'shift', 'variance'],
  holt_winters: ['spike', 'variance'],
  online_stl: ['spike', 'variance'],
  arima: ['spike', 'variance'],
  spot: ['spike', 'shift', 'variance'],
  dspot: ['spike', 'variance'],
  cusum: ['shift', 'variance'],
  page_hinkley: ['shift', 'variance'],
  bocpd: ['spike', 'shift', 'variance'],
  spectral_residual: ['spike', 'variance'],
  batch_stl: ['spike', 'shift', 'variance'],
};

/** Alarms among healthy values that a method may raise; 3 sigma on few values is not calibrated. */
const alarmShareMax = (name: string): number => (name === 'batch_stl' ? 0.05 : 1e-3);

const planted: Readonly<Record<Sight, (noise: number, isFirst: boolean) => number>> = {
  spike: (noise, isFirst) => noise + (isFirst ? 20 : 0),
  shift: (noise) => noise + 5,
  variance: (noise) => 6 * noise,
};

function noiseOf(seed: number, length: number): Float64Array {
  const stream = createStream(seed, 'points');
  return Float64Array.from({ length }, () => stream.normal());
}

function learn(detector: CalibratedPoint, values: Float64Array): void {
  values.forEach((value, i) => {
    detector.learn(value, i * stepMs);
  });
}

function trained(name: string, seed = 1, length = known): CalibratedPoint {
  const detector = createPointDetector(name);
  learn(detector, noiseOf(seed, length));
  return detector;
}

describe.each(pointDetectorNames)('point detector %s', (name) => {
  it('says the same twice, and scoring leaves no trace', () => {
    const scored = trained(name);
    const untouched = trained(name);
    const atMs = known * stepMs;
    const first = scored.score(1.5, atMs);
    expect(scored.score(1.5, atMs)).toEqual(first);
    scored.score(-40, atMs + 7 * stepMs);
    expect(Buffer.from(scored.save()).equals(untouched.save())).toBe(true);
    scored.learn(1.5, atMs);
    untouched.learn(1.5, atMs);
    expect(Buffer.from(scored.save()).equals(untouched.save())).toBe(true);
  });

  it('has no opinion at first, and none on a missing value, which it does not learn', () => {
    const fresh = createPointDetector(name);
    expect(fresh.score(1, 0).verdict).toBe('warming_up');
    const detector = trained(name);
    const before = detector.save();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(detector.score(value, known * stepMs).score).toBeNaN();
      detector.learn(value, known * stepMs);
    }
    expect(Buffer.from(detector.save()).equals(before)).toBe(true);
  });

  it('is quiet on a constant series, of whatever size', () => {
    for (const constant of [0, 1e9]) {
      const detector = createPointDetector(name);
      for (let i = 0; i < known; i += 1) {
        expect(detector.score(constant, i * stepMs).verdict).not.toBe('anomaly');
        detector.learn(constant, i * stepMs);
      }
    }
  });

  it('goes on from a checkpoint to the byte', () => {
    const straight = trained(name);
    const resumed = createPointDetector(name);
    resumed.restore(trained(name).save());
    noiseOf(5, 200).forEach((value, i) => {
      const atMs = (known + i) * stepMs;
      expect(resumed.score(value, atMs)).toEqual(straight.score(value, atMs));
      resumed.learn(value, atMs);
      straight.learn(value, atMs);
    });
    expect(Buffer.from(resumed.save()).equals(straight.save())).toBe(true);
    expect(() => createPointDetector(name).restore(straight.save().slice(9))).toThrow();
  });

  it('alarms on white noise no more often than it says', () => {
    const detector = createPointDetector(name);
    const values = noiseOf(11, 4000);
    let alarms = 0;
    values.forEach((value, i) => {
      if (detector.score(20 + value, i * stepMs).verdict === 'anomaly') alarms += 1;
      detector.learn(20 + value, i * stepMs);
    });
    expect(alarms / values.length).toBeLessThan(alarmShareMax(name));
  });

  it.each(finds[name] ?? [])('finds a %s, and says so within 60 values', (sight) => {
    const detector = trained(name, 2, longKnown);
    const change = planted[sight];
    const values = noiseOf(3, 60);
    let loudest = 0;
    values.forEach((noise, i) => {
      const atMs = (longKnown + i) * stepMs;
      const value = change(noise, i === 0);
      loudest = Math.max(loudest, detector.score(value, atMs).score);
      detector.learn(value, atMs);
    });
    expect(loudest).toBeGreaterThanOrEqual(detector.threshold);
  });
});
