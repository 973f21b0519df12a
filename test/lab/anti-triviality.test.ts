import { describe, expect, it } from 'vitest';
import type { MetricsFrame, SeriesDescriptor } from '../../core/observable/index.ts';
import {
  chooseConstant,
  chooseThreshold,
  eventF1,
  isSolved,
} from '../../lab/anti-triviality/choose-constant.ts';
import { metadataGates } from '../../lab/anti-triviality/judge-metadata.ts';
import { scoreOneLiners, signalGates } from '../../lab/anti-triviality/judge-suite.ts';
import { uniformityOf } from '../../lab/anti-triviality/kolmogorov-smirnov.ts';
import { type Case, logOdds } from '../../lab/anti-triviality/metadata.ts';
import { oneLiners, scoreFrames } from '../../lab/anti-triviality/one-liners.ts';
import type { RecordingSummary } from '../../lab/anti-triviality/summarise-recording.ts';

const rowOf = (name: string): number => oneLiners.findIndex((liner) => liner.name === name);

describe('constants', () => {
  it('are the point that most recordings agree on', () => {
    const intervals = [
      { elsewhere: 1, inTime: 5 },
      { elsewhere: 3, inTime: 9 },
      { elsewhere: 4, inTime: 6 },
      { elsewhere: 8, inTime: 2 },
    ];
    const constant = chooseConstant(intervals);
    expect(constant).toBeGreaterThanOrEqual(4);
    expect(constant).toBeLessThan(5);
    expect(intervals.map((interval) => isSolved(interval, constant))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('solve nothing where every alarm is too late or also elsewhere', () => {
    const never = { elsewhere: 3, inTime: 3 };
    expect(isSolved(never, chooseConstant([never]))).toBe(false);
  });
});

describe('event F1', () => {
  const recording = (row: number[], event: readonly [number, number] | null) => ({
    row: Float64Array.from(row),
    isEvent: row.map((_, i) => event !== null && i >= event[0] && i < event[1]),
    isFaulty: event !== null,
  });

  it('counts an event once, and alarms in a row elsewhere once', () => {
    const found = recording([0, 9, 9, 0, 5, 5, 9], [4, 7]);
    const missed = recording([0, 0, 0, 1], [2, 4]);
    // One found, one missed, one false alarm.
    expect(eventF1([found, missed], 4)).toBeCloseTo(0.5, 9);
    expect(eventF1([recording([9, 0, 9], null)], 4)).toBe(0);
  });

  it('counts an alarm that never stops again every ten minutes', () => {
    // 100 frames of 15 s before the event: alarms at the first, the fortieth and the eightieth.
    const always = recording(new Array<number>(120).fill(9), [100, 120]);
    expect(eventF1([always], 4)).toBeCloseTo(2 / (2 + 3), 9);
  });

  it('finds a threshold that separates, when there is one', () => {
    const recordings = [1, 2, 3].map((seed) =>
      recording([...new Array<number>(97).fill(seed / 10), 5, 5, 5], [97, 100]),
    );
    expect(eventF1(recordings, chooseThreshold(recordings))).toBe(1);
  });
});

describe('one-liners', () => {
  const series: SeriesDescriptor[] = ['cart', 'front'].map((service) => ({
    signal: 'error_ratio',
    component: `service/${service}`,
    labels: { service },
  }));
  const frames = Array.from(
    { length: 20 },
    (_, i): MetricsFrame => ({
      atMs: 15_000 * i,
      index: { series },
      values: Float64Array.from([i === 15 ? 0.5 : 0.01, 0.02]),
    }),
  );

  it('see a jump of one service in every family, when it happens', () => {
    const rows = scoreFrames(frames, 1);
    for (const family of ['max', 'max |diff|', 'max moving range', 'max moving sd', 'max |z|']) {
      const row = rows[rowOf(`${family} error_ratio`)] as Float64Array;
      const before = Math.max(...row.slice(11, 15).filter((score) => !Number.isNaN(score)));
      expect(row[15], family).toBeGreaterThan(2 * before);
    }
    expect((rows[rowOf('share beyond 4 sd')] as Float64Array)[15]).toBe(0.5);
    expect((rows[rowOf('max latency_ms_p50')] as Float64Array).every(Number.isNaN)).toBe(true);
  });

  it('are many, and those on what users feel stand apart', () => {
    expect(oneLiners.filter(({ reads }) => reads === 'component').length).toBeGreaterThan(100);
    expect(oneLiners[rowOf('max user_error_ratio')]?.reads).toBe('entry');
    expect(new Set(oneLiners.map(({ name }) => name)).size).toBe(oneLiners.length);
  });
});

describe('metadata', () => {
  it('is learnt from other scenarios when it leaks, and not from the asked one', () => {
    const cases: Case[] = ['a', 'b', 'c', 'd'].flatMap((scenario) =>
      ['popular', 'rare', 'rare'].map((popularity) => ({
        scenario,
        attributes: [popularity],
        isPositive: popularity === 'popular',
      })),
    );
    const [asked, other] = cases as [Case, Case];
    expect(logOdds(cases, asked)).toBeGreaterThan(logOdds(cases, other));
    const alone = cases.filter(({ scenario }) => scenario === 'a');
    expect(logOdds(alone, asked)).toBe(logOdds(alone, other));
  });

  it('uniformity is told from crowding', () => {
    const even = Array.from({ length: 99 }, (_, i) => (i + 0.5) / 99);
    expect(uniformityOf(even).p).toBeGreaterThan(0.9);
    expect(uniformityOf(even.map((value) => value * value)).p).toBeLessThan(0.001);
    // Tabulated 5 % point of the Kolmogorov distribution.
    const shifted = Array.from({ length: 1000 }, (_, i) => Math.min(1, (i + 0.5) / 1000 + 0.0425));
    expect(uniformityOf(shifted).p).toBeCloseTo(0.05, 2);
  });
});

/** A faulty recording in which one one-liner has scores and all others are silent. */
function summary(
  scenario: string,
  seed: number,
  said: { readonly solvedBy: string | null; readonly loudest: boolean },
): RecordingSummary {
  const silent = (): Float64Array => new Float64Array(oneLiners.length).fill(0);
  const inTime = silent();
  if (said.solvedBy !== null) inTime[rowOf(said.solvedBy)] = 5;
  return {
    ...{ scenario, seed, topology: 'online_boutique', isFaulty: true },
    ...{ onsetMs: 300_000, durationMs: 4_500_000, inTime, elsewhere: silent() },
    rows: oneLiners
      .filter(({ isThreshold }) => isThreshold)
      .map(() => Float64Array.from([0, 0, 0, 0])),
    isEvent: [false, false, true, true],
    localization: {
      loudestServiceFound: said.loudest,
      causeIsLoudest: said.loudest,
      rootServices: ['redis-cart'],
      services: 11,
    },
  };
}

describe('gates', () => {
  const suite = (solvedBy: string | null, loudest: boolean) => {
    const names = ['bad_deploy', 'database_slowdown', 'memory_leak', 'zone_failure'];
    const make = (seed: number): RecordingSummary[] =>
      names.map((name) => summary(name, seed, { solvedBy, loudest }));
    return { chosenOn: make(1), judged: make(2) };
  };

  it('fail a suite that one line solves and whose loudest service is the cause', () => {
    const recordings = suite('max error_ratio', true);
    const liners = scoreOneLiners(recordings, 'component');
    expect(liners[0]).toMatchObject({ name: 'max error_ratio', solved: { value: 1, n: 4 } });
    const gates = signalGates(recordings, liners);
    expect(gates.map(({ passed }) => passed)).toEqual([false, true, false, false]);
  });

  it('pass one that neither solves, and do not count what users feel', () => {
    const recordings = suite('max user_error_ratio', false);
    const gates = signalGates(recordings, scoreOneLiners(recordings, 'component'));
    expect(gates.map(({ passed }) => passed)).toEqual([true, true, true, true]);
    expect(scoreOneLiners(recordings, 'entry')[0]?.solved.value).toBe(1);
  });

  it('take seeds of a scenario for one case of what is known of its run', () => {
    const { chosenOn, judged } = suite(null, false);
    const [, byRun] = metadataGates([...chosenOn, ...judged], []);
    expect(byRun?.reached.n).toBe(4);
  });

  it('tell when the same service is always at fault', () => {
    const [rootCause] = metadataGates(suite(null, false).judged, []);
    expect(rootCause).toMatchObject({ passed: false, reached: { value: 0.5, n: 4 } });
  });
});
