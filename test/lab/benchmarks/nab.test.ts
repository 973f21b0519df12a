import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadNabCorpus, type NabSeries } from '../../../lab/benchmarks/nab/corpus.ts';
import { renderNabTable, runNab } from '../../../lab/benchmarks/nab/index.ts';
import {
  loadPerRowScores,
  loadProfiles,
  loadPublished,
  type ProfileKey,
  profileKeys,
} from '../../../lab/benchmarks/nab/published.ts';
import type { NabProfile } from '../../../lab/benchmarks/nab/scorer.ts';
import {
  prepareSweep,
  scaledSigmoid,
  scoreAt,
  scoreBest,
} from '../../../lab/benchmarks/nab/scorer.ts';
import { expectBenchmarkReport } from './benchmark-report.ts';

const profiles: Readonly<Record<ProfileKey, NabProfile>> = {
  standard: { truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  lowFP: { truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  lowFN: { truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
};

/** Two hundred rows, window in rows 100 to 119; 30 probationary rows. */
const one: NabSeries = {
  name: 'c/a.csv',
  category: 'c',
  atMs: Float64Array.from({ length: 200 }, (_, i) => i * 300_000),
  values: new Float64Array(200),
  windows: [{ first: 100, last: 119 }],
  probationRows: 30,
};

function alarmsAt(...rows: number[]): Float64Array {
  const scores = new Float64Array(200);
  for (const row of rows) scores[row] = 1;
  return scores;
}

function standardAt(...rows: number[]): number {
  return scoreAt(prepareSweep([one], [alarmsAt(...rows)]), profiles.standard, 1).score;
}

describe('NAB scorer', () => {
  it('gives 100 for the first row of a window, and counts only the earliest hit', () => {
    expect(standardAt(100)).toBeCloseTo(100, 10);
    expect(standardAt(100, 105, 119)).toBeCloseTo(100, 10);
  });

  it('gives half of 1 + the sigmoid at the last row', () => {
    const raw = scaledSigmoid(-1 / 20) / scaledSigmoid(-1);
    expect(standardAt(119)).toBeCloseTo((100 * (raw + 1)) / 2, 10);
  });

  it('charges a false alarm in full before the first window and by distance after it', () => {
    expect(standardAt(50, 100)).toBeCloseTo(100 - 5.5, 10);
    const distant = (100 * 0.11 * scaledSigmoid(10 / 19)) / 2;
    expect(standardAt(129, 100)).toBeCloseTo(100 + distant, 10);
    expect(standardAt(199, 100)).toBeCloseTo(100 - 5.5, 10);
  });

  it('ignores probationary rows', () => {
    expect(standardAt(29, 100)).toBeCloseTo(100, 10);
    expect(standardAt(30, 100)).toBeLessThan(95);
  });

  it('finds the best threshold, and may prefer silence', () => {
    const scores = alarmsAt(100);
    scores[60] = 0.5;
    const best = scoreBest(prepareSweep([one], [scores]), profiles.standard);
    expect(best).toMatchObject({ threshold: 1 });
    expect(best.score).toBeCloseTo(100, 10);
    const noise = scoreBest(prepareSweep([one], [new Float64Array(200).fill(0.7)]), profiles.lowFP);
    expect(noise).toEqual({ score: 0, raw: -1, threshold: Number.POSITIVE_INFINITY });
  });
});

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function corpusWith(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'nab-'));
  folders.push(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

const costs = (fp: number, fn: number) => ({
  CostMatrix: { tpWeight: 1, fpWeight: fp, fnWeight: fn },
});
const smallCorpus = {
  'config/profiles.json': JSON.stringify({
    standard: costs(0.11, 1),
    reward_low_FP_rate: costs(0.22, 1),
    reward_low_FN_rate: costs(0.11, 2),
  }),
  'labels/combined_windows.json': JSON.stringify({
    'made/a.csv': [['2020-01-02 00:00:00.000000', '2020-01-02 02:00:00.000000']],
    'other/b.csv': [],
  }),
  'results/final_results.json': JSON.stringify({
    perfect: { standard: 100, reward_low_FP_rate: 100, reward_low_FN_rate: 100 },
  }),
  'data/made/a.csv': seriesText((row) => (row >= 288 ? 50 : 5 + (row % 7))),
  'data/other/b.csv': seriesText((row) => 5 + (row % 7)),
};

function seriesText(value: (row: number) => number): string {
  const rows = Array.from({ length: 400 }, (_, row) => {
    const instant = new Date(Date.UTC(2020, 0, 1) + row * 300_000).toISOString();
    return `${instant.slice(0, 10)} ${instant.slice(11, 19)},${value(row)}`;
  });
  return `timestamp,value\n${rows.join('\n')}\n`;
}

describe('NAB benchmark', () => {
  it('scores a corpus, prints it beside the published table, and reports progress', () => {
    const steps: number[] = [];
    const report = runNab(corpusWith(smallCorpus), {
      detectors: ['default', 'isolation_forest', 'null'],
      onProgress: (done, total) => steps.push(done / total),
    });
    expectBenchmarkReport(report);
    expect(report).toMatchObject({ benchmark: 'nab', default: 'default' });
    expect(report.rows.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'default ours',
      'isolation_forest ours',
      'null baseline',
      'perfect published',
    ]);
    expect(report.rows[0]?.scores.standard).toBeCloseTo(100, 0);
    expect(report.rows[2]?.scores).toEqual({
      standard: 0,
      lowFP: 0,
      lowFN: 0,
      fixedThreshold: 0,
      leaveOneCategoryOut: 0,
    });
    expect(report.entities.find(({ name }) => name === 'other')?.scores.standard).toBeNull();
    expect(steps.at(-1)).toBe(1);
    const table = renderNabTable(report);
    expect(table).toMatch(/\* default \(ours\) +100\.0/);
    expect(table).toMatch(/perfect \(published\) +100\.0 +100\.0 +100\.0 +- +-/);
  });

  it('says what is missing, where, and what to do', () => {
    expect(() => runNab('/nowhere/nab')).toThrow(
      'expected the file /nowhere/nab/config/profiles.json',
    );
    const { 'data/other/b.csv': _, ...incomplete } = smallCorpus;
    expect(() => runNab(corpusWith(incomplete))).toThrow(
      /expected the file .*other\/b\.csv, found none/,
    );
    const wrong = {
      ...smallCorpus,
      'data/other/b.csv': 'timestamp,value\n2020-01-01 00:00:00,x\n',
    };
    expect(() => runNab(corpusWith(wrong))).toThrow(
      /b\.csv:2:1: expected an instant, a comma and a number/,
    );
    expect(() => runNab(corpusWith(smallCorpus), { detectors: ['hal'] })).toThrow(
      'unknown detector "hal"',
    );
  });
});

const data = process.env.FIREDRILL_DATA;

describe.skipIf(!data)('NAB corpus (needs FIREDRILL_DATA, the folder that holds nab/)', () => {
  const dir = join(data ?? '', 'nab');
  let series: readonly NabSeries[] = [];
  beforeAll(() => {
    series = loadNabCorpus(dir);
  });

  function bestAt(rowOf: (first: number, last: number) => number): number[] {
    const scores = series.map(({ values, windows }) => {
      const own = new Float64Array(values.length);
      for (const { first, last } of windows) own[rowOf(first, last)] = 1;
      return own;
    });
    const sweep = prepareSweep(series, scores);
    return profileKeys.map((key) =>
      Number(scoreBest(sweep, loadProfiles(dir)[key]).score.toFixed(2)),
    );
  }

  it('has the published numbers of series, rows and windows', () => {
    expect(series).toHaveLength(58);
    expect(series.reduce((sum, { values }) => sum + values.length, 0)).toBe(365_558);
    expect(series.reduce((sum, { windows }) => sum + windows.length, 0)).toBe(116);
  });

  it('scores first, middle and last rows of the windows as it should', () => {
    expect(bestAt((first) => first)).toEqual([100, 100, 100]);
    expect(bestAt((first, last) => Math.floor((first + last) / 2))).toEqual([93.12, 93.12, 95.41]);
    expect(bestAt((_, last) => last)).toEqual([50.9, 50.9, 67.27]);
  });

  it('charges an alarm on every row what it should', () => {
    const always = series.map(({ values }) => new Float64Array(values.length).fill(1));
    const sweep = prepareSweep(series, always);
    expect(scoreAt(sweep, profiles.standard, 1).score).toBeCloseTo(-13_694.8, 1);
    expect(scoreBest(sweep, profiles.standard).score).toBe(0);
  });

  it.each(['contextOSE', 'knncad', 'numenta', 'relativeEntropy', 'windowedGaussian'])(
    'reproduces the published scores of %s to 0.1',
    (detector) => {
      const sweep = prepareSweep(series, loadPerRowScores(dir, detector, series));
      const published = loadPublished(dir).find(({ name }) => name === detector);
      for (const key of profileKeys) {
        const { score } = scoreBest(sweep, loadProfiles(dir)[key]);
        expect(Math.abs(score - (published?.scores[key] as number))).toBeLessThan(0.1);
      }
    },
  );

  it('gives the cumulative z-score and the default stack what was measured', () => {
    const report = runNab(dir, { detectors: ['default', 'cumulative_z'] });
    const [ours, baseline] = report.rows;
    expect(baseline?.scores.standard).toBeCloseTo(40.6, 1);
    expect(ours?.scores.standard).toBeGreaterThan(70);
    expect(ours?.scores.fixedThreshold).toBeGreaterThan(65);
    expect(ours?.scores.leaveOneCategoryOut).toBeGreaterThan(65);
  });
});
