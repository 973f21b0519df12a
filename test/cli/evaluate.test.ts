import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stackOf } from '../../cli/stack-options.ts';
import { TrialJournal } from '../../cli/trial-journal.ts';
import { resultOf } from '../lab/hand-made.ts';
import {
  firedrill,
  type Running,
  startFiredrill,
  temporaryFolder,
  writeScenario,
} from './firedrill.ts';
import { inProcess } from './in-process.ts';

const folder = temporaryFolder();
const scenario = writeScenario(folder, 'short');
const trials = 4;
const name = `evaluate-short-11-${10 + trials}-none`;

function argumentsFor(out: string): string[] {
  const seeds = ['--first-seed', '11', '--seeds', String(trials)];
  return ['evaluate', '--scenario', scenario, ...seeds, '--healer', 'none', '--out', out];
}

/** Waits until the journal has so many whole lines; rejects when the process ends before. */
async function untilDone({ ended }: Running, journal: string, lines: number): Promise<void> {
  let isOver = false;
  ended.then(() => {
    isOver = true;
  });
  while (!existsSync(journal) || linesOf(journal).length < lines) {
    if (isOver) throw new Error(`ended before ${lines} trials were done`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

function linesOf(journal: string): string[] {
  return readFileSync(journal, 'utf8').split('\n').slice(0, -1);
}

const evaluationIn = (out: string): string =>
  readFileSync(join(out, name, 'evaluation.json'), 'utf8');

it('an evaluation goes on after Ctrl-C and after kill -9, and comes out the same', {
  timeout: 300_000,
}, async () => {
  const whole = join(folder, 'whole');
  const uninterrupted = firedrill(...argumentsFor(whole), '--jobs', '2', '--json');

  const out = join(folder, 'stopped');
  const journal = join(out, `${name}.journal.jsonl`);
  const first = startFiredrill(...argumentsFor(out), '--jobs', '1');
  await untilDone(first, journal, 1);
  first.child.kill('SIGINT');
  const interrupted = await first.ended;
  const kept = linesOf(journal).length;
  expect(interrupted.stderr).toContain(
    `firedrill: interrupted; ${kept} of ${trials} trials are kept in ${journal}\n` +
      '  the same command goes on from there\n',
  );
  expect(interrupted.code).toBe(130);
  expect(readdirSync(out)).toEqual([`${name}.journal.jsonl`]);

  const second = startFiredrill(...argumentsFor(out), '--jobs', '1');
  await untilDone(second, journal, kept + 1);
  second.child.kill('SIGKILL');
  await second.ended;
  expect(readdirSync(out)).toEqual([`${name}.journal.jsonl`]);
  const done = linesOf(journal).length;
  appendFileSync(journal, '{"key":"half a li');

  const third = await firedrill(...argumentsFor(out), '--jobs', '1', '--json');
  expect(third.stderr).toContain(
    `going on with an evaluation that was stopped: ${done} of ${trials} trials are in ${journal}\n`,
  );
  expect(third.code).toBe(0);
  expect(readdirSync(out)).toEqual([name]);

  const { code, stdout } = await uninterrupted;
  expect(code).toBe(0);
  expect(JSON.parse(third.stdout)).toEqual(JSON.parse(stdout));
  expect(evaluationIn(out)).toBe(evaluationIn(whole));
  expect(evaluationIn(out)).toBe(stdout);
  expect(JSON.parse(stdout)).toMatchObject({
    trials,
    suite: 'short',
    replay: `npm run evaluate -- --scenario ${scenario} --seed-list 11-14 --healer none`,
  });
});

it('refuses hours beside a list of seeds, and a JUnit file with no place, before it plays', async () => {
  const out = join(folder, 'refused');
  const common = ['evaluate', '--scenario', scenario, '--out', out];
  const both = await inProcess(...common, '--hours', '1', '--seed-list', '1-2');
  expect(both.code).toBe(2);
  expect(both.stderr).toContain("'--hours <n>' cannot be used with option '--seed-list <list>'");
  const nowhere = await inProcess(...common, '--junit', join(scenario, 'junit.xml'));
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toContain('junit.xml: ');
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
});

it('fails, with its report, when too many worlds were not well', async () => {
  const stack = stackOf({
    ...{ detector: 'default', localizer: 'combined' },
    ...{ healer: 'none', workloadScale: 'mean' },
  });
  const play = async (name: string, voidSeeds: readonly number[]) => {
    const out = join(folder, name);
    mkdirSync(out);
    // As if all trials had been played by a command that was stopped.
    const journal = new TrialJournal(join(out, 'evaluate-zone_failure-1-3-none.journal.jsonl'));
    for (const seed of [1, 2, 3]) {
      const place = { scenario: 'zone_failure', seed };
      const isVoid = voidSeeds.includes(seed);
      const trial = isVoid ? { ...place, voidBecause: 'nobody was well' } : null;
      journal.append({ ...place, ...stack }, trial ?? resultOf({ result: place }));
    }
    const { code, stderr } = await inProcess(
      ...['evaluate', '--scenario', 'zone_failure', '--seed-list', '1-3', '--healer', 'none'],
      ...['--out', out],
    );
    const report = join(out, 'evaluate-zone_failure-1-3-none', 'report.html');
    return { code, stderr, hasReport: existsSync(report) };
  };
  const one = await play('one void', [2]);
  expect(one).toMatchObject({ code: 0, hasReport: true });
  expect(one.stderr).toContain('left out: zone_failure 2: nobody was well\n');
  const two = await play('two void', [1, 2]);
  expect(two).toMatchObject({ code: 1, hasReport: true });
  expect(two.stderr).toContain('2 trials were left out: too many for a world that is well');
  expect(await play('all void', [1, 2, 3])).toMatchObject({ code: 1, hasReport: false });
});
