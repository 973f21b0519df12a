import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Detector, MetricsFrame } from '../../core/observable/index.ts';
import {
  createDetector,
  detectorNames,
  findAnomalies,
  pointDetectorNames,
} from '../../detectors/index.ts';
import { SyntheticShop } from '../detectors/synthetic-cluster.ts';

const broken = (from: number) => (scrape: number, state: { userErrorRatio: { value: number } }) => {
  if (scrape >= from) state.userErrorRatio.value = 0.4;
};

function scoresOf(detector: Detector, frame: MetricsFrame): number[][] {
  const { scores, expected, zScores } = detector.score(frame);
  return [[...scores], [...expected], [...zScores]];
}

function trained(
  name: string,
  seed: number,
  scrapes: number,
): { detector: Detector; next: MetricsFrame } {
  const shop = new SyntheticShop(3, broken(scrapes));
  const detector = createDetector(name, { seed });
  for (let i = 0; i < scrapes; i += 1) detector.learn(shop.frame(i));
  return { detector, next: shop.frame(scrapes) };
}

/** The library's forests have no state that could be saved. */
const withoutCheckpoint = ['ml_isolation_forest'];

function bytesOf(detector: Detector): Buffer {
  return Buffer.from(detector.save?.() ?? []);
}

/** Univariate methods share an adapter and have a suite of their own: one stands for all. */
const framed = detectorNames.filter(
  (name) => name === 'ewma' || !pointDetectorNames.includes(name),
);

describe.each(framed)('detector %s', (name) => {
  it('says the same twice, and scoring leaves no trace', () => {
    const scored = trained(name, 1, 130);
    const untouched = trained(name, 1, 130);
    const first = scoresOf(scored.detector, scored.next);
    expect(scoresOf(scored.detector, scored.next)).toEqual(first);
    const other = new SyntheticShop(99).frame(500);
    scored.detector.score({
      ...other,
      index: scored.next.index,
      values: scored.next.values.map((v) => 3 * v),
    });
    scored.detector.learn(scored.next);
    untouched.detector.learn(untouched.next);
    expect(scoresOf(scored.detector, scored.next)).toEqual(
      scoresOf(untouched.detector, untouched.next),
    );
  });

  it('repeats itself for the same seed', () => {
    const a = trained(name, 4, 130);
    const b = trained(name, 4, 130);
    expect(scoresOf(a.detector, a.next)).toEqual(scoresOf(b.detector, b.next));
  });

  it('goes on from its checkpoint to the byte', () => {
    const shop = new SyntheticShop(6, (scrape, state) => {
      state.generation = scrape < 60 ? 0 : 1;
      if (scrape >= 110) state.userErrorRatio.value = 0.4;
    });
    const [going, restored] = [createDetector(name), createDetector(name)];
    for (let i = 0; i < 90; i += 1) going.learn(shop.frame(i));
    // Scores of a frame that is never learnt are no part of the state.
    going.score(shop.frame(90));
    const saved = going.save?.();
    if (saved) restored.restore?.(saved);
    expect(saved === undefined, 'no checkpoint').toBe(withoutCheckpoint.includes(name));
    if (!saved) return;
    expect(bytesOf(restored).equals(saved)).toBe(true);
    for (let i = 91; i < 130; i += 1) {
      const frame = shop.frame(i);
      const scores = going.score(frame).scores.slice();
      expect(restored.score(frame).scores.every((score, k) => Object.is(score, scores[k]))).toBe(
        true,
      );
      for (const detector of [restored, going]) detector.learn(frame);
    }
    expect(bytesOf(restored).equals(bytesOf(going))).toBe(true);
  });

  it('gives one entry per value and none for what was not scraped', () => {
    const { detector, next } = trained(name, 1, 130);
    const frame = { ...next, values: new Float64Array(next.values.length).fill(Number.NaN) };
    expect(findAnomalies(detector, frame)).toEqual([]);
    detector.learn(frame);
    const { scores } = detector.score(next);
    expect(scores).toHaveLength(next.values.length);
  });

  it('has no opinion before it has seen anything', () => {
    const detector = createDetector(name);
    const frame = new SyntheticShop(1).frame(0);
    if (name !== 'random') expect(findAnomalies(detector, frame)).toEqual([]);
  });

  it('takes new columns at the end', () => {
    const shop = new SyntheticShop(5, (scrape, state) => {
      state.generation = scrape < 100 ? 0 : 1;
    });
    const detector = createDetector(name);
    let columns = 0;
    for (let i = 0; i < 250; i += 1) {
      const frame = shop.frame(i);
      const { scores } = detector.score(frame);
      expect(scores).toHaveLength(frame.values.length);
      detector.learn(frame);
      if (i === 99) columns = frame.values.length;
    }
    expect(detector.score(shop.frame(250)).scores.length).toBeGreaterThan(columns);
  });

  it('is quiet on constant input', () => {
    const detector = createDetector(name);
    const frame = new SyntheticShop(1).frame(0);
    let alarms = 0;
    for (let i = 0; i < 300; i += 1) {
      const constant = { ...frame, atMs: i * 15_000 };
      alarms += findAnomalies(detector, constant).length;
      detector.learn(constant);
    }
    // Chance has its own rate: one in ten thousand.
    expect(alarms).toBeLessThanOrEqual(name === 'random' ? 20 : 0);
  });

  it('keeps its memory bounded', async () => {
    const detector = createDetector(name);
    const frame = new SyntheticShop(1).frame(0);
    const learnUntil = async (from: number, until: number): Promise<number> => {
      for (let i = from; i < until; i += 1) detector.learn({ ...frame, atMs: i * 15_000 });
      // What other tests of this process left behind is only freed between two turns of the loop.
      collectGarbage();
      await new Promise(setImmediate);
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const full = await learnUntil(0, 1100);
    expect((await learnUntil(1100, 1600)) - full).toBeLessThan(8e6);
  });
});

// Without a collection the figure below is whatever garbage happens to lie around.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('createDetector', () => {
  it('names the detectors it knows', () => {
    expect(() => createDetector('defualt')).toThrow('unknown detector "defualt"');
  });
});
