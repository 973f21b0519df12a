import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stackOf } from '../../cli/stack-options.ts';
import { TrialJournal } from '../../cli/trial-journal.ts';
import { digestOf } from '../../core/tools/index.ts';
import type { PlayedTrial } from '../../lab/index.ts';
import { resultOf } from '../lab/hand-made.ts';
import { outcome } from '../lab/outcomes.ts';
import { firedrill, readJson, temporaryFolder, writeScenario } from './firedrill.ts';
import { inProcess } from './in-process.ts';

const folder = temporaryFolder();
const full = process.env.FIREDRILL_FULL === '1';
/** A baseline of one trial of the scenario, as if it had been played. */
function writeHandMade(name: string, changes: object): string {
  const scenario = 'zone_failure';
  const file = join(folder, name);
  const head = { schemaVersion: 1, packageVersion: '0.1.0', code: 'c', suite: 'core' };
  const place = { node: process.version, architecture: process.arch, stack: [] };
  const trials = [outcome({ scenario, seed: 1 })];
  const baseline = { ...head, ...place, scenarios: [scenario], seeds: [1], trials, ...changes };
  writeFileSync(file, JSON.stringify(baseline));
  return file;
}

const why = full ? '' : ' (skipped: set FIREDRILL_FULL=1)';

describe('regression says what is wrong with', () => {
  it('a command without a baseline, a baseline that is none, and a margin of nothing', async () => {
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{"schemaVersion":1,"packageVersion":"0.1.0"}');
    const none = await inProcess('regression');
    const bad = await inProcess('regression', '--baseline', broken);
    const margin = await inProcess('regression', '--baseline', broken, '--margin', 'accuracy=0.1');
    const missing = await inProcess('regression', '--baseline', join(folder, 'nowhere.json'));
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('--write-baseline');
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain(`${broken} is no baseline: code: `);
    expect(margin.code).toBe(2);
    expect(margin.stderr).toContain('one of recall, falseIncidentsPerDay');
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('cannot read the baseline');
  });

  it.each(['Infinity', 'NaN', '-1', '0', ''])('a margin of %j', async (loss) => {
    const { code, stderr } = await inProcess('regression', '--margin', `recall=${loss}`);
    expect(code).toBe(2);
    expect(stderr).toContain('with a finite loss above 0');
  });

  it('a baseline without trials', async () => {
    const file = writeHandMade('none.json', { trials: [] });
    const { code, stderr } = await inProcess('regression', '--baseline', file);
    expect(code).toBe(2);
    expect(stderr).toContain(`${file} is no baseline: trials: `);
    expect(stderr).toContain('--write-baseline');
  });

  it.each([['--write-baseline'], ['--baseline', 'hand.json', '--junit']])(
    'a file that cannot be written (%s), before anything is played',
    async (...flags) => {
      const known = flags.map((flag) =>
        flag === 'hand.json' ? writeHandMade('hand.json', {}) : flag,
      );
      const [isFile, out] = [writeHandMade('a-file', {}), join(folder, 'unplayed')];
      const { code, stderr } = await inProcess(
        ...['regression', ...known, join(isFile, 'result'), '--out', out],
        ...['--scenario', 'zone_failure', '--seeds', '1'],
      );
      expect(code).toBe(2);
      expect(stderr).toContain('check the path and its permissions');
      expect(existsSync(out)).toBe(false);
    },
  );
});

it('the gate tries itself', async () => {
  const { code, stdout } = await inProcess('regression', '--simulate', '4', '--json');
  expect(code).toBe(0);
  const { rows } = JSON.parse(stdout);
  expect(rows).toHaveLength(6);
  expect(rows[1]).toMatchObject({ plantedLoss: 0.05, verdicts: { failed: 4 } });
  const lax = await inProcess(
    ...[
      'regression',
      '--simulate',
      '4',
      '--json',
      '--margin',
      'recall=0.2',
      '--margin',
      'top1=0.2',
    ],
  );
  const { margins, rows: passing } = JSON.parse(lax.stdout);
  expect(margins).toMatchObject({ recall: 0.2, top1: 0.2, recovered: 0.03 });
  expect(passing[1]).toMatchObject({ plantedLoss: 0.05, verdicts: { failed: 0 } });
});

/** A folder in which a stopped command has left the results of seeds 1, 2, ... of the scenario. */
function journalWith(
  name: string,
  results: readonly PlayedTrial[],
): { readonly out: string; readonly journal: TrialJournal } {
  const out = join(folder, name);
  const stack = stackOf({
    ...{ detector: 'default', localizer: 'combined' },
    ...{ healer: 'none', workloadScale: 'mean' },
  });
  const scenario = 'zone_failure';
  const key = digestOf([[scenario], stack]).slice(0, 12);
  mkdirSync(out);
  const journal = new TrialJournal(join(out, `regression-${key}.journal.jsonl`));
  for (const [i, result] of results.entries()) {
    journal.append({ scenario, seed: i + 1, ...stack }, result);
  }
  return { out, journal };
}

it('leaves out trials that never began, but not one that the baseline has', async () => {
  const scenario = 'zone_failure';
  const unwell = { scenario, seed: 2, voidBecause: 'nobody was well' };
  const results = [resultOf({ result: { seed: 1 } }), unwell];
  const file = join(folder, 'without.json');
  const write = async (name: string, seedList: string) =>
    inProcess(
      ...['regression', '--write-baseline', file, '--scenario', scenario, '--healer', 'none'],
      ...['--seed-list', seedList, '--out', journalWith(name, results).out, '--json'],
    );
  const none = await write('none began', '2');
  expect(none.code).toBe(1);
  expect(none.stderr).toContain('nobody was well (zone_failure, seed 2, and all others)');
  const written = await write('one began', '1,2');
  expect(written.stderr).toContain('left out: zone_failure 2: nobody was well\n');
  expect(JSON.parse(written.stdout)).toMatchObject({ trials: 1, played: 1 });

  const trials = [1, 2].map((seed) => outcome({ scenario, seed }));
  const baseline = writeHandMade('with.json', { seeds: [1, 2], trials });
  const { out } = journalWith('judged', results);
  const judged = await inProcess(
    ...['regression', '--baseline', baseline, '--healer', 'none', '--out', out],
  );
  expect(judged.code).toBe(1);
  expect(judged.stderr).toContain('the baseline has zone_failure 2, but now: nobody was well');
});

it('keeps what was played until its file is written, and tells the verdict before', async () => {
  const scenario = 'zone_failure';
  const { out, journal } = journalWith('kept', [resultOf()]);
  // A folder takes the file's name after the command has looked, and while it plays.
  const taken = join(folder, 'new', 'taken');
  const whileTaken = (...args: readonly string[]) => {
    rmSync(taken, { recursive: true, force: true });
    const ended = inProcess(...args);
    mkdirSync(taken);
    return ended;
  };
  const common = ['--healer', 'none', '--out', out];
  const write = await whileTaken(
    ...['regression', '--write-baseline', taken, '--scenario', scenario, '--seeds', '1'],
    ...common,
  );
  expect(write.stderr).toContain('1 of 1 trials are in');
  expect(write.stderr).toContain('cannot write results to');
  expect(write.code).toBe(2);
  expect(existsSync(journal.file)).toBe(true);

  const baseline = writeHandMade('kept.json', {});
  const judge = (junit: string) =>
    ['regression', '--baseline', baseline, '--junit', junit, ...common] as const;
  const unsaid = await whileTaken(...judge(taken));
  expect(unsaid.code).toBe(2);
  expect(unsaid.stderr).toContain('1 of 1 trials are in');
  expect(unsaid.stdout).toContain('inconclusive: these seeds do not tell');
  expect(existsSync(journal.file)).toBe(true);

  const junit = join(folder, 'made', 'for', 'it', 'gate.xml');
  const told = await inProcess(...judge(junit));
  expect(told.code).toBe(0);
  expect(readFileSync(junit, 'utf8')).toContain('failures="0"');
  expect(existsSync(journal.file)).toBe(false);
});

describe.skipIf(!full)(`a baseline${why}`, () => {
  it('is written, extended, passed by the same code and failed by a loss', {
    timeout: 900_000,
  }, async () => {
    const scenario = writeScenario(folder, 'short');
    const file = join(folder, 'baseline.json');
    const common = ['--out', join(folder, 'out'), '--json'];
    const write = (seeds: number) =>
      firedrill(
        ...['regression', '--write-baseline', file, '--scenario', scenario],
        ...['--healer', 'none', '--seeds', String(seeds), ...common],
      );
    expect(JSON.parse((await write(2)).stdout)).toMatchObject({ trials: 2, played: 2 });
    expect(JSON.parse((await write(10)).stdout)).toMatchObject({ trials: 10, played: 8 });

    const judge = (...flags: string[]) =>
      firedrill(
        ...['regression', '--baseline', file, '--healer', 'none', ...flags, ...common],
        ...['--margin', 'recovered=0.05', '--junit', join(folder, 'gate.xml')],
      );
    const same = await judge('--seeds', '2');
    expect(same.code).toBe(0);
    expect(JSON.parse(same.stdout)).toMatchObject({
      verdict: 'passed',
      differing: 0,
      firstDifference: null,
    });

    const baseline = readJson(file) as { trials: object[] };
    const trials = baseline.trials.map((trial) => ({ ...trial, recovered: 1 }));
    writeFileSync(file, JSON.stringify({ ...baseline, trials }));
    const lost = await judge();
    const report = JSON.parse(lost.stdout);
    expect(report.measures[4]).toMatchObject({ measure: 'recovered', verdict: 'failed' });
    expect(report.firstDifference.what).toBe('recovered, now not recovered');
    expect(lost.code).toBe(1);
    expect(readFileSync(join(folder, 'gate.xml'), 'utf8')).toContain('failures="1"');
    expect(existsSync(join(folder, 'out'))).toBe(true);
  });
});
