import { describe, expect, it } from 'vitest';
import type { Span } from '../../../../core/observable/index.ts';
import { AffectedLabels } from '../../../../lab/benchmarks/sampler/label-affected.ts';
import { renderSamplerTable } from '../../../../lab/benchmarks/sampler/render.ts';
import { reportSampler, runSampler } from '../../../../lab/benchmarks/sampler/run-sampler.ts';
import { scoreTrial, WindowTally } from '../../../../lab/benchmarks/sampler/score-trial.ts';
import { makeSpan } from '../../../detectors/traces/made-traces.ts';
import { expectBenchmarkReport } from '../benchmark-report.ts';

/** A request of 100 ms that asks the store for 20, give or take. */
function request(trace: string, store: { ms?: number; failed?: boolean; asked?: boolean } = {}) {
  const { ms = 20, failed = false, asked = true } = store;
  const spans = [makeSpan({ id: 'a', trace, service: 'front', duration: 80 + ms, failed })];
  const below = { id: 'b', parent: 'a', trace, service: 'store', duration: ms, failed };
  return asked ? [...spans, makeSpan(below)] : spans;
}

/** Labels that have seen the store take 20 ms with a deviation of 2. */
function taught(): AffectedLabels {
  const labels = new AffectedLabels();
  const spans = Array.from({ length: 100 }, (_, i) => request(`${i}`, { ms: i % 2 ? 18 : 22 }));
  labels.label({
    atMs: 0,
    spans: spans.flat(),
    paired: null,
    suspects: new Set(),
    restarted: new Set(),
  });
  return labels;
}

function effectOf(spans: readonly Span[], paired: readonly Span[]): string | undefined {
  const scrape = {
    atMs: 1,
    spans,
    paired,
    suspects: new Set<string>(),
    restarted: new Set<string>(),
  };
  return taught().label(scrape).effects.get('t');
}

describe('what a fault did to a request', () => {
  const sound = request('t');

  it.each([
    ['nothing', request('t'), undefined],
    ['a failure', request('t', { failed: true }), 'outcome'],
    ['a call that was not made', request('t', { asked: false }), 'path'],
    ['a longer time', request('t', { ms: 40 }), 'time'],
    ['a time that is only a little longer', request('t', { ms: 26 }), 'slight'],
    ['a time within what is usual', request('t', { ms: 23 }), undefined],
    ['a shorter time', request('t', { ms: 1 }), undefined],
  ])('%s', (_, spans, effect) => {
    expect(effectOf(spans, sound)).toBe(effect);
  });

  it('is nothing where the request failed in the sound world, too, or only there', () => {
    const failed = request('t', { failed: true });
    expect(effectOf(failed, failed)).toBeUndefined();
    expect(effectOf(sound, failed)).toBeUndefined();
  });

  it('cannot be told of requests that ask for something else', () => {
    const other = [makeSpan({ id: 'a', trace: 't', service: 'back', duration: 5 })];
    const scrape = {
      atMs: 1,
      spans: sound,
      paired: other,
      suspects: new Set<string>(),
      restarted: new Set<string>(),
    };
    const { effects, unpaired } = taught().label(scrape);
    expect([effects.size, unpaired]).toEqual([0, 1]);
  });
});

it('windows of five minutes tell few from many; slight effects do not count', () => {
  const tally = new WindowTally();
  tally.add(100, null);
  const affected = (count: number, name: string): Map<string, 'outcome' | 'slight'> => {
    const own = Array.from({ length: count }, (_, i) => [`${name}${i}`, 'outcome'] as const);
    return new Map([...own, [`${name}-slight`, 'slight']]);
  };
  for (let i = 0; i < 20; i += 1) tally.add(100, i === 0 ? affected(60, 'few') : new Map());
  tally.add(100, affected(4, 'many'));
  const kept = new Set(['few1', 'few2', 'many3']);
  const bytes = { all: 1, kept: 1, zstd: 1 };
  const score = scoreTrial({ scenario: 's', row: 'r' }, { kept, bytes }, tally);
  expect(score.whileFew).toHaveLength(60);
  expect(score.whileFew.reduce((sum, one) => sum + one, 0)).toBe(2);
  expect(score.whileMany).toEqual({ kept: 1, n: 4 });
  expect(score.byEffect.slight).toEqual({ kept: 0, n: 1 });
  expect(score.traces).toBe(2200);
  const ours = scoreTrial({ scenario: 's', row: 'adaptive' }, { kept, bytes }, tally);
  const report = reportSampler([ours], { scenarios: ['s', 'not played'], seeds: [1] });
  expectBenchmarkReport(report);
  expect(report.rows[0]).toMatchObject({
    name: 'adaptive',
    scores: { keptWhileFew: 2 / 60, keptWhileMany: 1 / 4, budgetUsed: 3 / 2200 },
    n: 60,
  });
  expect(report.entities[1]).toMatchObject({ name: 'not played', scores: { keptWhileFew: null } });
});

it.runIf(process.env.FIREDRILL_FULL)(
  'the adaptive sampler keeps to its budget and beats the coin',
  async () => {
    const options = { scenarios: ['passing_aborts'], seeds: [5], tracesPerScrape: 100 };
    const report = await runSampler(options);
    const scoresOf = (name: string) => report.rows.find((row) => row.name === name)?.scores;
    expect(scoresOf('adaptive')?.budgetUsed).toBeLessThanOrEqual(0.05);
    expect(scoresOf('adaptive')?.keptWhileFew).toBeGreaterThan(0.9);
    expect(scoresOf('head')?.keptWhileFew).toBeLessThan(0.2);
    expect(renderSamplerTable(report)).toContain('* adaptive (ours)');
    const [ours] = report.rows;
    expect(ours?.bytes.zstd).toBeLessThan(0.3 * (ours?.bytes.kept ?? 0));
  },
  120_000,
);
