import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { StateReader } from '../../../detectors/checkpoint/state-reader.ts';
import { pooledSurprise, SeriesEnsemble, StateWriter } from '../../../detectors/index.ts';
import { adjustForTests } from '../../../detectors/tails/false-discoveries.ts';
import { predictiveSurprise } from '../../../detectors/tails/lomax-tail.ts';
import { ScoreTail } from '../../../detectors/univariate/score-tail.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

function bytesOf(part: { writeState(writer: StateWriter): void }): Uint8Array {
  const writer = new StateWriter();
  part.writeState(writer);
  return writer.bytes();
}

/** An ensemble that has learnt some columns of noise around 100, five minutes apart. */
function trained(columns: number, points: number): SeriesEnsemble {
  const ensemble = new SeriesEnsemble();
  ensemble.grow(columns);
  const stream = createStream(5, 'ensemble');
  for (let i = 0; i < points; i += 1) {
    ensemble.moveTo(5 * i * minuteMs);
    for (let column = 0; column < columns; column += 1) {
      ensemble.learn(column, 100 + stream.normal());
    }
  }
  return ensemble;
}

describe('series ensemble', () => {
  it('scores without a trace, and columns do not touch each other', () => {
    const ensemble = trained(3, 500);
    const before = bytesOf(ensemble);
    // An hour that has not come yet.
    ensemble.moveTo(100 * hourMs);
    const other = ensemble.surprise(2, 100.5);
    expect(ensemble.surprise(1, 120)).toBeGreaterThan(4);
    expect(ensemble.surprise(1, Number.NaN)).toBeNaN();
    ensemble.learn(1, Number.NaN);
    expect(Buffer.from(bytesOf(ensemble)).equals(before)).toBe(true);
    for (let i = 0; i < 50; i += 1) ensemble.learn(1, 500);
    expect(ensemble.surprise(2, 100.5)).toBe(other);
  });

  it('goes on from its state, new columns and forgotten ones included', () => {
    const straight = trained(3, 500);
    straight.forget(0);
    const resumed = new SeriesEnsemble();
    resumed.readState(new StateReader(bytesOf(straight)));
    expect(resumed.count(0)).toBe(0);
    for (const ensemble of [straight, resumed]) {
      ensemble.grow(40);
      for (let i = 0; i < 60; i += 1) {
        ensemble.moveTo((60 + i) * hourMs);
        for (let column = 0; column < 40; column += 1) ensemble.learn(column, column + (i % 5));
      }
    }
    expect(resumed.surprise(39, 60)).toBe(straight.surprise(39, 60));
    expect(Buffer.from(bytesOf(resumed)).equals(bytesOf(straight))).toBe(true);
  });

  it('alarms on ordinary noise about as often as its eight views may', () => {
    const ensemble = trained(1, 4000);
    const stream = createStream(6, 'ensemble');
    let rare = 0;
    for (let i = 4000; i < 24_000; i += 1) {
      ensemble.moveTo(5 * i * minuteMs);
      const value = 100 + stream.normal();
      if (ensemble.surprise(0, value) >= 3) rare += 1;
      ensemble.learn(0, value);
    }
    expect(rare / 20_000).toBeLessThan(8 * 2e-3);
    expect(rare).toBeGreaterThan(0);
  });

  it.each([
    ['a jump', (noise: number) => 112 + noise],
    ['a fall', (noise: number) => 88 + noise],
    ['a lasting shift', (noise: number) => 104 + noise],
    ['more variance', (noise: number) => 100 + 6 * noise],
  ])('finds %s', (_, change) => {
    const ensemble = trained(1, 3000);
    const stream = createStream(8, 'ensemble');
    let loudest = 0;
    for (let i = 0; i < 40; i += 1) {
      ensemble.moveTo(5 * (3000 + i) * minuteMs);
      const value = change(stream.normal());
      loudest = Math.max(loudest, ensemble.surprise(0, value));
      ensemble.learn(0, value);
    }
    expect(loudest).toBeGreaterThan(3.5);
  });

  it('knows working weeks: the busy hour is odd on a Sunday', () => {
    const ensemble = new SeriesEnsemble();
    ensemble.grow(1);
    const stream = createStream(9, 'ensemble');
    const level = (hour: number): number => (hour % 168 < 120 && hour % 24 >= 9 ? 160 : 100);
    for (let hour = 0; hour < 10 * 168; hour += 1) {
      ensemble.moveTo(hour * hourMs);
      ensemble.learn(0, level(hour) + stream.normal());
    }
    const busyAt = (hour: number): number => {
      ensemble.moveTo((10 * 168 + hour) * hourMs);
      return ensemble.surprise(0, 160);
    };
    expect(busyAt(6 * 24 + 12)).toBeGreaterThan(2 + busyAt(2 * 24 + 12));
  });
});

describe('pooled surprise', () => {
  it('grows with the surprise and is 0 at 0', () => {
    expect(pooledSurprise(0)).toBe(0);
    const heights = [0.5, 2, 4, 9, 100, 5000, 1e9].map(pooledSurprise);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
  });

  it('believes no series that something is one in 1e100', () => {
    expect(pooledSurprise(100)).toBeLessThan(10);
  });
});

describe('predictive surprise', () => {
  it('is the less the fewer excesses it was learnt from, and as it was before the tail', () => {
    const told = [1, 10, 100].map((excesses) => predictiveSurprise(10, { from: 2, excesses }));
    expect(told).toEqual([...told].sort((a, b) => a - b));
    // P(X > x) = (1 + x / n)^-n of n excesses of mean 1; 8 powers of ten beyond the start.
    expect(told[0]).toBeCloseTo(2 + Math.log10(1 + 8 * Math.LN10), 9);
    expect(predictiveSurprise(10, { from: 2, excesses: 1e9 })).toBeCloseTo(10, 5);
    expect(predictiveSurprise(1.5, { from: 2, excesses: 1 })).toBe(1.5);
  });
});

describe('adjustment for many tests', () => {
  it('asks one finding for as much as Bonferroni, several for less', () => {
    expect(adjustForTests([4], 100)).toEqual([2]);
    expect(adjustForTests([4, 4, 4, 4, 4, 4, 4, 4, 4, 4], 100)[0]).toBeCloseTo(3, 9);
    expect(adjustForTests([3, 1], 10)).toEqual([2, 1 - Math.log10(5)]);
  });
});

describe('score tail', () => {
  it.each([
    ['light', (u: number) => -Math.log(u)],
    ['heavy', (u: number) => 5 * (u ** -0.2 - 1)],
  ])('is right within twofold at 1e-3 where the tail is %s', (_, draw) => {
    const stream = createStream(4, 'tail');
    const tail = new ScoreTail();
    let rare = 0;
    for (let i = 0; i < 30_000; i += 1) {
      const score = draw(1 - stream.next());
      if (i >= 5000 && tail.surprise(score) >= 3) rare += 1;
      tail.learn(score);
    }
    expect(rare / 25_000).toBeGreaterThan(5e-4);
    expect(rare / 25_000).toBeLessThan(2e-3);
  });

  it.each([1e160, Number.MAX_VALUE, Number.POSITIVE_INFINITY])('survives a score of %d', (huge) => {
    const stream = createStream(5, 'tail');
    const tail = new ScoreTail();
    for (let i = 0; i < 2000; i += 1) {
      tail.learn(i === 1500 ? huge : -Math.log(1 - stream.next()));
    }
    expect(tail.surprise(20)).toBeGreaterThan(2.5);
  });
});
