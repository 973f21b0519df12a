import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportStrayError } from '../../cli/stray-error.ts';
import { firedrill, temporaryFolder } from './firedrill.ts';
import { inProcess } from './in-process.ts';

/** Three hours of a minute each, of which the last five are broken. */
function series(name: string): { path: string; folder: string } {
  const folder = temporaryFolder();
  const rows = Array.from({ length: 180 }, (_, i) => {
    const value = i >= 175 ? 90 : 10 + Math.sin(i * i);
    return `${1_772_323_200 + 60 * i},${value}`;
  });
  const path = join(folder, name);
  writeFileSync(path, `timestamp,queue\n${rows.join('\n')}\n`);
  return { path, folder };
}

it('detect prints JSON alone, writes a page and saves its state', async () => {
  const { path, folder } = series('mine.csv');
  const state = join(folder, 'state.bin');
  const flags = ['--csv', path, '--out', folder, '--save-state', state, '--json'];
  const { code, stdout } = await firedrill('detect', ...flags);
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.incidents).toMatchObject([{ openedAtMs: 1_772_323_200_000 + 175 * 60_000 }]);
  const written = join(folder, 'detect-mine');
  expect(JSON.parse(readFileSync(join(written, 'incidents.json'), 'utf8'))).toEqual(report);
  expect(readFileSync(join(written, 'report.html'), 'utf8')).toContain('id="series-0"');
  expect(readFileSync(state).length).toBeGreaterThan(100);
});

it('detect says what is wrong and where, and writes nothing', async () => {
  const { path, folder } = series('bad.csv');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/,90\n/, ',many\n'));
  const { code, stderr } = await firedrill('detect', '--csv', path, '--out', folder);
  expect(code).toBe(2);
  expect(stderr).toContain('bad.csv:177:12: expected a number as value, got "many"');
});

it.each([
  ['mine.csv/state.bin', 'there is a file of that name'],
  ['mine.csv/none/state.bin', 'a part of the path is a file'],
  ['.', 'there is a folder of that name'],
])('detect refuses the state file %s before it runs', async (name, reason) => {
  const { path, folder } = series('mine.csv');
  const flags = ['--csv', path, '--out', folder, '--save-state', join(folder, name)];
  const { code, stderr } = await inProcess('detect', ...flags);
  expect(code).toBe(2);
  expect(stderr).toContain(`${join(folder, name)}: ${reason}`);
  expect(existsSync(join(folder, 'detect-mine'))).toBe(false);
});

it.each([
  ['--detector', "Promise.reject(new Error('late'));"],
  ['--detector', "setTimeout(() => { throw new Error('late'); }, 1);"],
  ['--detector=', "Promise.reject(new Error('late'));"],
])('detect tells an error that a detector file left running: %s, %s', async (flag, stray) => {
  const { path, folder } = series('mine.csv');
  const file = join(folder, 'mine.ts');
  writeFileSync(
    file,
    `export const createDetector = (name) => {
  ${stray}
  const empty = (frame) => new Float64Array(frame.values.length);
  const score = (frame) => ({ scores: empty(frame), expected: empty(frame), zScores: empty(frame) });
  return { name, threshold: 1, score, learn() {} };
};`,
  );
  const detector = flag.endsWith('=') ? [`${flag}${file}`] : [flag, file];
  const { code, stderr } = await firedrill('detect', '--csv', path, '--out', folder, ...detector);
  expect(stderr).toMatch(/mine\.ts:2:\d+: what it left running threw Error: late\n/);
  expect(stderr).not.toContain('    at ');
  expect(code).toBe(2);
});

it('an error that nobody waited for is our bug where no detector file is in use', () => {
  expect(reportStrayError(new Error('late'), ['detect', '--detector', 'robust_z'])).toEqual({
    text: expect.stringContaining('this is a bug in Firedrill'),
    exitCode: 3,
  });
});
