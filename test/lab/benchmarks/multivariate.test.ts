import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { findEntities, loadEntity } from '../../../lab/benchmarks/multivariate/corpus.ts';
import { renderMultivariateTable, runMultivariate } from '../../../lab/index.ts';
import { expectBenchmarkReport } from './benchmark-report.ts';

function folder(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'multivariate-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

/** Three columns that move together; where it is broken, not in rows 200 to 230 of the test. */
function entity(seed: number, broken: boolean): { train: string; test: string; labels: string } {
  const stream = createStream(seed, 'entity');
  const rows = (count: number, isBroken: (row: number) => boolean): string =>
    Array.from({ length: count }, (_, row) => {
      const load = Math.sin(row / 20) + 0.3 * stream.normal();
      const away = isBroken(row) ? -2 : 0;
      const value = (weight: number) => weight * load + 0.1 * stream.normal();
      return [value(1), value(2) + away, value(-1), 0].map((x) => x.toFixed(4)).join(',');
    }).join('\n');
  const isBroken = (row: number): boolean => broken && row >= 200 && row < 230;
  return {
    train: rows(500, () => false),
    test: `${rows(400, isBroken)}\n`,
    labels: Array.from({ length: 400 }, (_, row) => (isBroken(row) ? 1 : 0)).join('\r\n'),
  };
}

function twoEntities(): string {
  const [a, b] = [entity(1, true), entity(2, false)];
  return folder({
    'a_train.csv': a.train,
    'a_test.csv': a.test,
    'a_test_label.csv': a.labels,
    'b-2_train.csv': b.train,
    'b-2_test.csv': b.test,
    'b-2_test_label.csv': b.labels,
  });
}

describe('the benchmark of multivariate series', () => {
  it('scores every entity with every row, and means where they are defined', async () => {
    const seen: number[] = [];
    const report = await runMultivariate(twoEntities(), {
      onProgress: (done, total) => seen.push(done / total),
    });
    expectBenchmarkReport(report);
    expect(report).toMatchObject({ benchmark: 'multivariate', default: 'default' });
    expect(report.rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'default',
        'pca_reconstruction',
        'random',
        'isolation_forest',
        'ml_isolation_forest',
      ]),
    );
    expect(report.entities).toHaveLength(2 * report.rows.length);
    const scoresOf = (row: string, name: string) =>
      report.entities.find((one) => one.row === row && one.name === name)?.scores;
    expect(scoresOf('default', 'a')?.AP).toBeGreaterThan(0.9);
    expect(scoresOf('default', 'a')?.eventF1).toBe(1);
    expect(scoresOf('random', 'a')?.VUSPR).toBeLessThan(0.2);
    // Without a labelled row only false alarms can be counted.
    expect(scoresOf('default', 'b-2')).toMatchObject({ AP: null, VUSPR: null, eventF1: null });
    expect(scoresOf('default', 'b-2')?.falseAlarmsPer1000).toBeLessThan(20);
    const [ours] = report.rows;
    expect(ours?.scores.AP).toBe(scoresOf('default', 'a')?.AP);
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(1);
    expect([...seen].sort((x, y) => x - y)).toEqual(seen);
    expect(renderMultivariateTable(report)).toMatch(/^\* default \(ours\) +[\d.]+ +[\d.]+/m);
  });

  it('keeps fitted models, and gives the same scores from them', async () => {
    const files = new Map<string, string>();
    const stale: string[] = [];
    const models = {
      command: 'npm run benchmark',
      read: (name: string) => {
        const text = files.get(name);
        return text === undefined ? undefined : { text, file: `${name}.model.json` };
      },
      write: (name: string, text: string) => void files.set(name, text),
      onStale: (file: string) => void stale.push(file),
    };
    const dir = twoEntities();
    const defaultOf = async () =>
      (await runMultivariate(dir, { models })).entities.filter(({ row }) => row === 'default');
    const fitted = await defaultOf();
    expect([...files.keys()]).toEqual(['a', 'b-2']);
    expect(JSON.parse(files.get('a') as string)).toMatchObject({
      schemaVersion: 1,
      model: 'default',
      columns: 4,
      command: 'npm run benchmark',
    });
    expect(await defaultOf()).toEqual(fitted);
    expect(stale).toEqual([]);

    const before = new Map(files);
    writeFileSync(join(dir, 'a_train.csv'), entity(3, false).train);
    const again = await defaultOf();
    expect(stale).toEqual(['a.model.json']);
    expect([files.get('a') === before.get('a'), files.get('b-2')]).toEqual([
      false,
      before.get('b-2'),
    ]);
    files.clear();
    expect(await defaultOf()).toEqual(again);
  });
});

describe('files of the benchmark', () => {
  const good = { 'm_train.csv': '1,2\n3,4\n', 'm_test.csv': '1,2\n', 'm_test_label.csv': '0\n' };
  const load = (files: Readonly<Record<string, string>>) => () => {
    const [first] = findEntities(folder({ ...good, ...files }));
    if (first) loadEntity(first);
  };

  it('reads numbers, NaN for a missing one, and any line ends', () => {
    const [files] = findEntities(
      folder({
        ...good,
        'm_test.csv': '\ufeff1e-3, 2\r\nNaN,-4',
        'm_test_label.csv': '0\r\n1\r\n',
      }),
    );
    expect(files && loadEntity(files)).toMatchObject({
      name: 'm',
      columns: 2,
      test: Float64Array.of(1e-3, 2, Number.NaN, -4),
      labels: Uint8Array.of(0, 1),
    });
  });

  it.each([
    [
      'a header',
      { 'm_train.csv': 'cpu,memory\n1,2\n' },
      'm_train.csv:1:1: expected a number, got "cpu"',
    ],
    [
      'an empty field',
      { 'm_train.csv': '1,2\n3,\n' },
      'm_train.csv:2:3: expected a number, got ""',
    ],
    [
      'a short row',
      { 'm_test.csv': '1,2\n3\n' },
      'm_test.csv:2:1: expected 2 values as in the first',
    ],
    ['an empty file', { 'm_test.csv': '' }, 'm_test.csv:1:1: expected rows of numbers, found none'],
    ['infinity', { 'm_test.csv': '1,Infinity\n' }, 'm_test.csv:1:3: expected a number'],
    [
      'an empty line',
      { 'm_train.csv': '1,2\n\n3,4\n' },
      'm_train.csv:2:1: expected a number, got ""',
    ],
    ['other columns', { 'm_test.csv': '1,2,3\n' }, 'm_test.csv:1:1: expected 2 columns as in'],
    [
      'another label',
      { 'm_test_label.csv': '2\n' },
      'm_test_label.csv:1:1: expected a label 0 or 1, got 2',
    ],
    ['labels of more rows', { 'm_test_label.csv': '0\n1\n' }, 'expected 1 labels, one per row of'],
    [
      'one row to learn from',
      { 'm_train.csv': '1,2\n' },
      'm_train.csv:1:1: expected two rows or more',
    ],
  ])('names the place of %s', (_, files, message) => {
    expect(load(files)).toThrow(message);
  });

  it('names the files that are missing', () => {
    expect(() => findEntities(folder({}))).toThrow('expected files *_train.csv in');
    expect(() => findEntities('nowhere')).toThrow('expected a folder nowhere');
    expect(() => findEntities(folder({ 'm_train.csv': '1\n' }))).toThrow(
      'm has no file m_test.csv',
    );
  });
});
