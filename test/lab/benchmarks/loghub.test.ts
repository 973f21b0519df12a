import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { renderLoghubTable, runLoghub } from '../../../lab/benchmarks/loghub/index.ts';
import { parseCsv } from '../../../lab/benchmarks/loghub/parse-csv.ts';
import { scoreTemplates } from '../../../lab/benchmarks/loghub/scorer.ts';
import { expectBenchmarkReport } from './benchmark-report.ts';

describe('scores of templates', () => {
  const truth = { groups: ['a', 'a', 'b', 'b', 'c'], templates: ['A', 'A', 'B', 'B', 'C'] };

  it('are 1 for the truth under other names', () => {
    const parsed = { groups: [7, 7, 2, 2, 9], templates: truth.templates };
    expect(scoreTemplates(parsed, truth)).toEqual({
      groupingAccuracy: 1,
      groupF1: 1,
      parsingAccuracy: 1,
      templateF1: 1,
    });
  });

  it('count a group only when it has all of its lines and no others', () => {
    const split = scoreTemplates({ groups: [1, 1, 2, 3, 4], templates: null }, truth);
    expect(split).toMatchObject({ groupingAccuracy: 0.6, groupF1: 4 / 7, templateF1: null });
    const merged = scoreTemplates({ groups: [1, 1, 2, 2, 2], templates: null }, truth);
    expect(merged).toMatchObject({ groupingAccuracy: 0.4, groupF1: 2 / 5 });
    const nothing = scoreTemplates({ groups: [1, 1, 1, 1, 1], templates: null }, truth);
    expect(nothing).toMatchObject({ groupingAccuracy: 0, groupF1: 0, parsingAccuracy: null });
  });

  it('want the group and the text for a template, the text alone for a line', () => {
    const parsed = { groups: [1, 1, 2, 3, 4], templates: ['A', 'A', 'B', 'B', 'wrong'] };
    expect(scoreTemplates(parsed, truth)).toMatchObject({
      parsingAccuracy: 0.8,
      templateF1: 2 / 7,
    });
  });
});

describe('CSV', () => {
  it('has fields in quotes, line ends of all kinds, and empty fields', () => {
    const text = '\ufeffa,b,c\r\n"1,2","say ""hi""\nyou",\n,,"x"\n';
    expect(parseCsv(text, 'f.csv')).toEqual([
      ['a', 'b', 'c'],
      ['1,2', 'say "hi"\nyou', ''],
      ['', '', 'x'],
    ]);
    expect(parseCsv('a,b\n1,', 'f.csv')).toEqual([
      ['a', 'b'],
      ['1', ''],
    ]);
    expect(parseCsv('', 'f.csv')).toEqual([]);
  });

  it('says where it is broken', () => {
    expect(() => parseCsv('a,b\n1,"2', 'f.csv')).toThrow('f.csv:2:3: expected a closing quote');
    expect(() => parseCsv('a\n"1"2\n', 'f.csv')).toThrow('f.csv:2:4: expected a comma');
  });
});

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'loghub-'));
  folders.push(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

const lines = Array.from({ length: 20 }, (_, i) => [
  `${i + 1},"sent ${i * 37} bytes, all to 10.0.0.${i}",E1,"sent <*> bytes, all to <*>"`,
  `${i + 21},closed by peer,E2,closed by peer`,
]).flat();
const structured = ['LineId,Content,EventId,EventTemplate', ...lines, ''].join('\n');
const relabelled = structured.replaceAll(',E2,closed by peer', ',E2,closed by <*>');

describe('Loghub benchmark', () => {
  it('scores the systems of a folder beside baselines and what is published', () => {
    const steps: number[] = [];
    const dir = folderWith({
      LICENSE: 'none of its business',
      'Apache/Apache_2k.log_structured.csv': structured,
      'Apache/Apache_2k.log_structured_corrected.csv': relabelled,
      'Novel/Novel_2k.log_structured.csv': structured,
    });
    const report = runLoghub(dir, (done, total) => steps.push(done / total));
    expectBenchmarkReport(report);
    expect(report).toMatchObject({
      benchmark: 'loghub',
      default: 'default',
      uncorrected: ['Novel'],
    });
    expect(report.rows.map(({ name, kind, n }) => `${name} ${kind} ${n}`).slice(0, 6)).toEqual([
      'default ours 2',
      'plain_drain baseline 2',
      'digit_mask baseline 2',
      'first_token baseline 2',
      'token_count baseline 2',
      'Brain published 1',
    ]);
    expect(report.rows[0]?.scores).toEqual({ GA: 1, FGA: 1, PA: 0.75, FTA: 0.75 });
    expect(report.rows[5]?.scores).toEqual({ GA: 1, FGA: null, PA: null, FTA: null });
    const own = report.entities.filter(({ row }) => row === 'default');
    expect(own).toEqual([
      { name: 'Apache', row: 'default', scores: { GA: 1, FGA: 1, PA: 0.5, FTA: 0.5 }, n: 40 },
      { name: 'Novel', row: 'default', scores: { GA: 1, FGA: 1, PA: 1, FTA: 1 }, n: 40 },
    ]);
    expect(steps.at(-1)).toBe(1);
    const table = renderLoghubTable(report);
    expect(table).toMatch(/^\* default \(ours\) +1\.000 +1\.000 +0\.750 +0\.750 +2$/m);
    expect(table).toMatch(/^Novel +1\.000 +1\.000 +1\.000 +1\.000/m);
    expect(table).toContain('no corrected labels, hence the original ones: Novel');
  });

  it('takes the folder of one system, too, and has no published rows for others', () => {
    const { rows } = runLoghub(folderWith({ 'Novel_2k.log_structured.csv': structured }));
    expect(rows.map(({ kind }) => kind)).not.toContain('published');
    expect(rows[0]).toMatchObject({ name: 'default', n: 1 });
  });

  it('says what is missing or wrong, where, and what to do', () => {
    expect(() => runLoghub('/nowhere/loghub')).toThrow('expected a folder /nowhere/loghub');
    expect(() => runLoghub(folderWith({ 'HDFS/readme.txt': '' }))).toThrow(
      /expected files \*\.log_structured\.csv in folders of .*, found HDFS/,
    );
    const with1 = (text: string): string => folderWith({ 'X/X_2k.log_structured.csv': text });
    expect(() => runLoghub(with1('LineId,Content,EventId\n1,a,E1\n'))).toThrow(
      /structured\.csv:1:1: expected a column EventTemplate, found LineId, Content, EventId/,
    );
    expect(() => runLoghub(with1('LineId,Content,EventId,EventTemplate\n'))).toThrow(
      'expected lines below the header, found none',
    );
    expect(() => runLoghub(with1('LineId,Content,EventId,EventTemplate\n1,a,E1\n'))).toThrow(
      'record 1: expected 4 fields, got 3',
    );
  });
});

const data = process.env.FIREDRILL_DATA;

describe.skipIf(!data)('Loghub-2k (needs FIREDRILL_DATA, the folder that holds loghub/)', () => {
  it('gives the baselines what is known of them, and the miner what was measured', () => {
    const { rows } = runLoghub(join(data ?? '', 'loghub'));
    const scoresOf = (name: string) => rows.find((row) => row.name === name)?.scores;
    expect(scoresOf('digit_mask')?.GA).toBeCloseTo(0.796, 3);
    expect(scoresOf('digit_mask')?.FGA).toBeCloseTo(0.836, 3);
    expect(scoresOf('digit_mask')?.PA).toBeCloseTo(0.456, 3);
    expect(scoresOf('digit_mask')?.FTA).toBeCloseTo(0.533, 3);
    expect(scoresOf('first_token')?.GA).toBeCloseTo(0.862, 3);
    expect(scoresOf('first_token')?.FGA).toBeCloseTo(0.862, 3);
    const ours = scoresOf('default');
    expect(ours?.GA).toBeGreaterThan(0.97);
    expect(ours?.FGA).toBeGreaterThan(0.98);
    expect(ours?.PA).toBeGreaterThan(0.9);
    expect(ours?.FTA).toBeGreaterThan(0.85);
  });
});
