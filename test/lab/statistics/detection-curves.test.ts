import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import {
  averagePrecision,
  labelledEvents,
  scoreAlarms,
  volumeUnderPrecisionRecall,
} from '../../../lab/statistics/detection-curves.ts';

/** The definition of the paper's authors, point by point and threshold by threshold. */
function bruteVolume(scores: number[], labels: number[], bufferMax: number): number {
  const n = labels.length;
  const events = labelledEvents(labels);
  const sorted = [...scores].sort((a, b) => b - a);
  const thresholds = Array.from(
    { length: 250 },
    (_, k) => sorted[Math.floor((k * (n - 1)) / 249)] as number,
  );
  const positives = labels.reduce((sum, label) => sum + label, 0);
  let volume = 0;
  for (let buffer = 0; buffer <= bufferMax; buffer += 1) {
    const half = Math.floor(buffer / 2);
    const soft = labels.map((label, i) => {
      let sum = label;
      for (const { from, until } of events) {
        const distance = i < from ? from - i : i > until ? i - until : 0;
        if (distance > 0 && distance <= half) sum += Math.sqrt(1 - distance / buffer);
      }
      return Math.min(1, sum);
    });
    const groups: { from: number; until: number }[] = [];
    for (const { from, until } of events) {
      const last = groups.at(-1);
      if (last && last.until >= from - half) last.until = until + half;
      else groups.push({ from: from - half, until: until + half });
    }
    let reached = 0;
    for (const threshold of thresholds) {
      const isHit = (i: number): boolean => (scores[i] as number) >= threshold;
      const hits = soft.reduce((sum, value, i) => sum + (isHit(i) ? value : 0), 0);
      const told = soft.reduce(
        (sum, value, i) => sum + (labels[i] === 1 || isHit(i) ? value : 0),
        0,
      );
      const predicted = scores.filter((_, i) => isHit(i)).length;
      const touched = groups.filter(({ from, until }) =>
        scores.some((_, i) => i >= from && i <= until && isHit(i)),
      ).length;
      const recall = Math.min(1, hits / ((positives + told) / 2)) * (touched / groups.length);
      volume += (recall - reached) * (hits / predicted);
      reached = recall;
    }
  }
  return volume / (bufferMax + 1);
}

function drawn(seed: number, rows: number): { scores: number[]; labels: number[] } {
  const stream = createStream(seed, 'curves');
  const labels = new Array<number>(rows).fill(0);
  for (let event = 0; event < 4; event += 1) {
    const from = stream.integer(rows - 12);
    labels.fill(1, from, from + 1 + stream.integer(10));
  }
  const scores = labels.map((label) => Math.round(8 * (stream.normal() + label)) / 8);
  return { scores, labels };
}

describe('average precision', () => {
  it('is the sum of recall gained times precision, ties taken together', () => {
    expect(averagePrecision([4, 3, 2, 1], [1, 0, 1, 0])).toBeCloseTo(0.5 + 0.5 * (2 / 3), 12);
    expect(averagePrecision([1, 1, 1, 1], [1, 0, 0, 0])).toBe(0.25);
    expect(averagePrecision([0.9, 0.1, Number.NaN], [1, 0, 0])).toBe(1);
    expect(averagePrecision([1, 2], [0, 0])).toBeNaN();
  });
});

describe('volume under the precision-recall surface', () => {
  it.each([1, 2, 3, 4, 5])('equals the definition computed by brute force, seed %i', (seed) => {
    const { scores, labels } = drawn(seed, 120 + 100 * seed);
    for (const buffer of [0, 1, 7, 20]) {
      const expected = bruteVolume(scores, labels, buffer);
      expect(volumeUnderPrecisionRecall(scores, labels, buffer)).toBeCloseTo(expected, 10);
    }
  });

  it('forgives what is late by less than the buffer, as average precision does not', () => {
    const labels = new Array<number>(2000).fill(0).fill(1, 1000, 1020);
    const late = labels.map((_, i) => (i >= 1010 && i < 1030 ? 1 : 0));
    expect(averagePrecision(late, labels)).toBeLessThan(0.35);
    expect(volumeUnderPrecisionRecall(late, labels)).toBeGreaterThan(0.6);
    expect(volumeUnderPrecisionRecall(labels, labels, 0)).toBe(1);
  });

  it('gives chance little and is not defined without an event', () => {
    const stream = createStream(3, 'chance');
    const labels = new Array<number>(4000).fill(0).fill(1, 2000, 2080);
    const scores = labels.map(() => stream.next());
    expect(volumeUnderPrecisionRecall(scores, labels)).toBeLessThan(0.06);
    expect(volumeUnderPrecisionRecall(scores, new Array<number>(4000).fill(0))).toBeNaN();
  });
});

describe('alarms at a threshold', () => {
  it('counts events found, runs that touch none, and rows outside', () => {
    const labels = [0, 1, 1, 0, 0, 0, 1, 0, 0, 0];
    const scores = [0, 9, 0, 9, 0, 9, 0, 0, 9, 9];
    // The run of row 3 is on its own: it touches no event, and neither do those of rows 5 and 8-9.
    const { eventF1, precision, recall, falseAlarmsPer1000 } = scoreAlarms(scores, labels, 5);
    expect(precision).toBe(1 / 4);
    expect(recall).toBe(1 / 2);
    expect(eventF1).toBeCloseTo((2 * 0.25 * 0.5) / 0.75, 12);
    expect(falseAlarmsPer1000).toBe(400);
  });

  it('does not adjust points: one hit in a long event is one hit', () => {
    const labels = new Array<number>(100).fill(0).fill(1, 40, 90);
    const scores = labels.map((_, i) => (i === 60 ? 1 : 0));
    expect(averagePrecision(scores, labels)).toBeLessThan(0.6);
    expect(scoreAlarms(scores, labels, 0.5)).toMatchObject({ eventF1: 1, falseAlarmsPer1000: 0 });
  });

  it('takes a threshold that is reached for no alarm', () => {
    expect(scoreAlarms([1, 1], [0, 1], 1).eventF1).toBe(0);
  });
});
