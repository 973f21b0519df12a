import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resultOf } from '../lab/hand-made.ts';
import { fixtureScorecard } from '../reports/fixture-scorecard.ts';
import { temporaryFolder } from './firedrill.ts';
import { inProcess } from './in-process.ts';

const folder = temporaryFolder();

function folderWith(name: string, file: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, file), text);
  return path;
}

it('compare reads runs and evaluations, and says what is neither', async () => {
  const card = fixtureScorecard();
  const run = folderWith('run', 'scorecard.json', JSON.stringify(card));
  const other = folderWith('other', 'scorecard.json', JSON.stringify({ ...card, seed: 3 }));
  const trial = JSON.stringify({ detector: 'default', ...resultOf() });
  const evaluation = folderWith('evaluation', 'trials.jsonl', `${trial}\n`);
  const cut = folderWith('cut', 'trials.jsonl', `${trial}\n{"detector":"de`);
  const empty = folderWith('empty', 'trials.jsonl', '\n');
  const { detection: _, ...blind } = card;
  const hollow = folderWith('hollow', 'scorecard.json', JSON.stringify(blind));
  const mistyped = { ...resultOf(), scorecard: { ...card, seed: 'two' } };
  const wrong = folderWith('wrong', 'trials.jsonl', `${trial}\n${JSON.stringify(mistyped)}\n`);
  const digest = folderWith('digest', 'scorecard.json', '{"digest":"d"}');
  const page = join(folder, 'page.html');
  const runs = await inProcess('compare', run, other, '--json', '--html', page);
  const same = await inProcess('compare', evaluation, join(evaluation, 'trials.jsonl'));
  const mixed = await inProcess('compare', run, evaluation);
  const nothing = await inProcess('compare', run, folder);
  const broken = await inProcess('compare', evaluation, cut);
  expect(JSON.parse(runs.stdout)).toMatchObject({ kind: 'runs', first: run, same: true });
  expect(readFileSync(page, 'utf8')).toContain('Two runs, side by side');
  expect(same.stdout).toContain('two evaluations  the same to the byte');
  expect([runs.code, same.code]).toEqual([0, 0]);
  expect(mixed.stderr).toContain('compare two runs, or two evaluations');
  expect(nothing.stderr).toContain('holds neither a run (scorecard.json) nor an evaluation');
  expect(broken.stderr).toContain(`${join(cut, 'trials.jsonl')}:2: not JSON`);
  expect([mixed.code, nothing.code, broken.code]).toEqual([2, 2, 2]);
  for (const [first, second, message] of [
    [evaluation, empty, `${join(empty, 'trials.jsonl')}:1: expected a trial per line, found none`],
    [empty, empty, `${join(empty, 'trials.jsonl')}:1: expected a trial per line`],
    [run, hollow, `${join(hollow, 'scorecard.json')}: detection: `],
    [evaluation, wrong, `${join(wrong, 'trials.jsonl')}:2: scorecard.seed: `],
    [run, digest, `${join(digest, 'scorecard.json')}: schemaVersion: `],
  ] as const) {
    const { code, stderr } = await inProcess('compare', first, second);
    expect(stderr).toContain(message);
    expect(stderr).toContain('play it again');
    expect(code).toBe(2);
  }
});
