import { describe, expect, it } from 'vitest';
import { compareSides } from '../../lab/compare/compare-outcomes.ts';
import { compareEvaluations, compareScorecards } from '../../lab/index.ts';
import { mcnemarTest } from '../../lab/statistics/statistics-paired.ts';
import { fixtureScorecard } from '../reports/fixture-scorecard.ts';
import { missed, outcome, pairsOf } from './outcomes.ts';

describe('sides on common trials', () => {
  const pairs = pairsOf(100, (i) => (i % 10 === 3 ? { ...missed, timeToDetectMs: null } : {}));
  const sides = [
    { name: 'ours', outcomes: pairs.map(({ first }) => first) },
    { name: 'theirs', outcomes: pairs.map(({ second }) => second) },
  ];
  const [recall, falseIncidents, delay, top1] = compareSides(sides);

  it('differ by second minus first, tested by McNemar on trials', () => {
    expect(recall).toMatchObject({
      measure: 'recall',
      firstValue: 1,
      secondValue: 0.9,
      discordant: { firstOnly: 10, secondOnly: 0 },
      test: 'mcnemar',
      p: mcnemarTest(10, 0),
    });
    expect(recall?.difference.value).toBeCloseTo(-0.1, 12);
    expect(recall?.minimumDetectableChange).toBeGreaterThan(0);
  });

  it('has p values adjusted over all measures, and none where nothing differs', () => {
    expect(recall?.pHolm).toBeCloseTo(5 * mcnemarTest(10, 0), 12);
    expect(top1?.p).toBe(recall?.p);
    expect(falseIncidents).toMatchObject({ p: 1, pHolm: 1, minimumDetectableChange: null });
    expect(delay?.difference).toMatchObject({ value: 0, n: 90 });
  });

  it('is not certain of what few pairs agree on', () => {
    const four = pairsOf(4, () => missed);
    const [all] = compareSides([
      { name: 'a', outcomes: four.map(({ first }) => first) },
      { name: 'b', outcomes: four.map(({ second }) => second) },
    ]);
    expect(all?.difference).toMatchObject({ value: -1, n: 4 });
    expect(all?.difference.low).toBeCloseTo(-1, 6);
    expect(all?.difference.high as number).toBeGreaterThan(-0.7);
    expect(all?.minimumDetectableChange).toBeGreaterThan(0.3);
  });

  it('says nothing of sides that share no trial', () => {
    const [other] = compareSides([
      { name: 'a', outcomes: [outcome({ seed: 1 })] },
      { name: 'b', outcomes: [outcome({ seed: 2 })] },
    ]);
    expect(other).toMatchObject({ p: null, pHolm: null, difference: { value: null, n: 0 } });
  });

  it('holds every two of three against each other', () => {
    const three = compareSides([...sides, { name: 'third', outcomes: sides[0]?.outcomes ?? [] }]);
    expect(new Set(three.map(({ first, second }) => `${first} ${second}`)).size).toBe(3);
    expect(three).toHaveLength(15);
  });
});

describe('two evaluations', () => {
  const first = pairsOf(40).map((pair) => pair.first);

  it('are the same to the byte when they are', () => {
    const compared = compareEvaluations(
      { name: 'A', content: first },
      { name: 'B', content: first },
    );
    expect(compared).toMatchObject({
      same: true,
      firstDifference: null,
      scenarios: [],
      notes: [],
    });
  });

  it('test nothing when they share no trial', () => {
    const other = first.map((one) => ({ ...one, version: 2 }));
    const compared = compareEvaluations(
      { name: 'A', content: first },
      { name: 'B', content: other },
    );
    expect(compared).toMatchObject({ same: false, comparisons: [], firstDifference: null });
    expect(compared.notes[0]).toContain('no trial is common');
  });

  it('tell where they differ, worst scenario first, and which trial to look at', () => {
    const second = first.slice(5).map((one) => {
      if (one.scenario === 's7') return { ...one, ...missed };
      return one.scenario === 's6' ? { ...one, timeToDetectMs: 5000, digest: 'c' } : one;
    });
    const compared = compareEvaluations(
      { name: 'A', content: first },
      { name: 'B', content: second },
    );
    expect(compared.same).toBe(false);
    expect(compared.scenarios).toEqual([
      { id: 's7', pairs: 4, worse: 4, better: 0 },
      { id: 's6', pairs: 4, worse: 0, better: 4 },
    ]);
    expect(compared.firstDifference).toMatchObject({ scenario: 's6', seed: 0 });
    expect(compared.notes).toEqual(['only the 35 trials that both have are compared (40 and 35)']);
  });
});

describe('two runs', () => {
  const card = fixtureScorecard();

  it('are compared figure by figure, without a statistic', () => {
    const other = { ...card, outcome: 'lost' as const, digest: 'f'.repeat(64) };
    const compared = compareScorecards({ name: 'A', content: card }, { name: 'B', content: other });
    expect(compared).toMatchObject({ kind: 'runs', same: false, comparisons: [], notes: [] });
    const differing = compared.figures.filter(({ first, second }) => first !== second);
    expect(differing.map(({ name }) => name)).toEqual(['outcome', 'digest']);
  });

  it('says so when they are of two worlds', () => {
    const other = { ...card, seed: card.seed + 1 };
    const { notes } = compareScorecards(
      { name: 'A', content: card },
      { name: 'B', content: other },
    );
    expect(notes).toHaveLength(1);
  });
});
