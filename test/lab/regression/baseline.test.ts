import { describe, expect, it } from 'vitest';
import type {
  RegressionBaseline,
  RegressionReport,
  TrialOutcome,
} from '../../../core/truth/index.ts';
import { defaultMargins, holdAgainstBaseline } from '../../../lab/index.ts';
import { missed, outcome } from '../outcomes.ts';

const scenarios = Array.from({ length: 60 }, (_, i) => `s${i}`);
const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
const baseline: RegressionBaseline = {
  schemaVersion: 1,
  packageVersion: '0.1.0',
  code: 'c',
  node: 'v24',
  architecture: 'x64',
  suite: 'core',
  scenarios,
  seeds,
  stack: [],
  trials: trialsOn(seeds),
};

function trialsOn(some: readonly number[], now: Partial<TrialOutcome> = {}): TrialOutcome[] {
  return scenarios.flatMap((scenario) =>
    some.map((seed) => outcome({ scenario, seed, replay: `play ${scenario} ${seed}`, ...now })),
  );
}

/** The report, and the portions of seeds that were played for it. */
async function hold(
  change: (trial: TrialOutcome) => TrialOutcome,
  begins: (trial: TrialOutcome) => boolean = () => true,
): Promise<{ report: RegressionReport; portions: number[] }> {
  const portions: number[] = [];
  const report = await holdAgainstBaseline({
    baseline,
    scenarios,
    seeds,
    margins: defaultMargins,
    notes: ['a note'],
    replay: 'replay',
    play: async (some) => {
      portions.push(some.length);
      return trialsOn(some).filter(begins).map(change);
    },
  });
  return { report, portions };
}

describe('current code against a baseline', () => {
  it('needs a few seeds to pass what is the same', async () => {
    const { report, portions } = await hold((trial) => trial);
    expect(report).toMatchObject({
      verdict: 'passed',
      differing: 0,
      firstDifference: null,
      seedsMax: 20,
      notes: ['a note'],
    });
    expect(report.seeds.length).toBeLessThanOrEqual(8);
    expect(portions.reduce((sum, n) => sum + n, 0)).toBe(report.seeds.length);
    expect(report.pairs).toBe(60 * report.seeds.length);
  });

  it('goes on after a first portion in which no trial began', async () => {
    let first = 0;
    const { report } = await hold(
      (trial) => trial,
      ({ seed }) => {
        first ||= seed;
        return seed > first + 3;
      },
    );
    expect(report.verdict).toBe('passed');
    expect(report.pairs).toBeGreaterThan(0);
    const none = hold(
      (trial) => trial,
      () => false,
    );
    await expect(none).rejects.toThrow('no trial of these scenarios and seeds began');
  });

  it('passes what is the same to the byte after all seeds, however few they are', async () => {
    const few = {
      ...baseline,
      trials: baseline.trials.filter(({ scenario }) => scenario === 's1'),
    };
    const request = {
      baseline: few,
      scenarios: ['s1'],
      seeds,
      margins: defaultMargins,
      notes: [],
      replay: '',
    };
    const own = (some: readonly number[], now: Partial<TrialOutcome> = {}) =>
      Promise.resolve(trialsOn(some, now).filter(({ scenario }) => scenario === 's1'));
    const same = await holdAgainstBaseline({ ...request, play: (some) => own(some) });
    expect(same).toMatchObject({ verdict: 'passed', pairs: 20, seeds });
    const other = await holdAgainstBaseline({
      ...request,
      play: (some) => own(some, { digest: 'other' }),
    });
    expect(other.verdict).toBe('inconclusive');
    const lost = await holdAgainstBaseline({
      ...request,
      play: (some) => own(some, { recovered: 0 }),
    });
    expect(lost.verdict).toBe('failed');
  });

  it('does not take for unchanged what the baseline has in part', async () => {
    const few = [1, 2, 3];
    const request = {
      scenarios: ['s1'],
      seeds: few,
      margins: defaultMargins,
      notes: [],
      replay: '',
      play: async (some: readonly number[]) =>
        trialsOn(some).filter(({ scenario }) => scenario === 's1'),
    };
    const kept = (...some: number[]): RegressionBaseline => ({
      ...baseline,
      trials: baseline.trials.filter(
        ({ scenario, seed }) => scenario === 's1' && some.includes(seed),
      ),
    });
    const whole = await holdAgainstBaseline({ ...request, baseline: kept(...few) });
    expect(whole.verdict).toBe('passed');
    const part = await holdAgainstBaseline({ ...request, baseline: kept(1, 2) });
    expect(part).toMatchObject({ verdict: 'inconclusive', pairs: 2, differing: 0 });
    await expect(holdAgainstBaseline({ ...request, baseline: kept() })).rejects.toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining('has none of the 1 trials that were played'),
        hint: expect.stringContaining('--write-baseline'),
      }),
    );
  });

  it('stops at the first portion when much is lost, and shows the first trial that lost it', async () => {
    const { report, portions } = await hold((trial) =>
      trial.scenario === 's7' || Number(trial.scenario.slice(1)) % 3 === 2
        ? { ...trial, ...missed }
        : { ...trial, digest: 'other' },
    );
    expect(portions).toEqual([4]);
    expect(report.verdict).toBe('failed');
    expect(report.differing).toBe(report.pairs);
    expect(report.firstDifference).toEqual({
      scenario: 's2',
      seed: 1,
      what: 'detected after 20 s, now missed; root cause first, now not root cause first',
      replay: 'play s2 1',
    });
  });

  it('leaves out trials of another version, and tells when the world itself changed', async () => {
    const { report } = await hold((trial) =>
      trial.scenario === 's0' ? { ...trial, version: 2 } : { ...trial, exogenousDigest: 'y' },
    );
    expect(report.pairs).toBe(59 * report.seeds.length);
    expect(report.notes.join('\n')).toMatch(/have no partner in the baseline/);
    expect(report.notes.join('\n')).toMatch(/the world itself changed/);
  });

  it('plays all seeds before it says that they do not tell', async () => {
    const { report, portions } = await hold((trial) =>
      (trial.seed * 7 + Number(trial.scenario.slice(1))) % 50 === 0
        ? { ...trial, ...missed }
        : trial,
    );
    expect(portions).toEqual([4, 4, 6, 6]);
    expect(report.verdict).toBe('inconclusive');
    expect(report.measures[0]?.moreSeeds).toBeGreaterThan(0);
  });
});
