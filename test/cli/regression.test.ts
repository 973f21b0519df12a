import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firedrill, readJson, temporaryFolder, writeScenario } from './firedrill.ts';
import { inProcess } from './in-process.ts';

const folder = temporaryFolder();
const full = process.env.FIREDRILL_FULL === '1';
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
});

it('the gate tries itself', async () => {
  const { code, stdout } = await inProcess('regression', '--simulate', '4', '--json');
  expect(code).toBe(0);
  const { rows } = JSON.parse(stdout);
  expect(rows).toHaveLength(6);
  expect(rows[1]).toMatchObject({ plantedLoss: 0.05, verdicts: { failed: 4 } });
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
