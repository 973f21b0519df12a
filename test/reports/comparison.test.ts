import { describe, expect, it } from 'vitest';
import type { RegressionReport, RunsCompared } from '../../core/truth/index.ts';
import {
  evaluationCases,
  regressionCases,
  renderComparison,
  renderComparisonHtml,
  renderJunit,
  renderRegression,
} from '../../reports/index.ts';
import { fixtureEvaluation } from './evaluation-fixture.ts';
import { fixtureScorecard } from './fixture-scorecard.ts';
import { expectGolden } from './golden.ts';

const plain = { color: false, width: 120 };

function reportOf(changes: Partial<RegressionReport> = {}): RegressionReport {
  return {
    schemaVersion: 1,
    verdict: 'failed',
    suite: 'core',
    seeds: [1, 2, 3, 4],
    seedsMax: 20,
    pairs: 508,
    differing: 61,
    measures: [
      {
        measure: 'recall',
        margin: 0.02,
        verdict: 'failed',
        baseline: 0.861,
        current: 0.79,
        loss: { value: 0.071, low: 0.049, high: 0.098, n: 464 },
        worse: 36,
        better: 3,
        minimumDetectableChange: 0.037,
        moreSeeds: null,
      },
      {
        measure: 'timeToDetectMs',
        margin: 15_000,
        verdict: 'inconclusive',
        baseline: 21_000,
        current: 29_500,
        loss: { value: 8500, low: -1000, high: 18_000, n: 361 },
        worse: 60,
        better: 41,
        minimumDetectableChange: 14_000,
        moreSeeds: 7,
      },
      {
        measure: 'recovered',
        margin: 0.03,
        verdict: null,
        baseline: null,
        current: null,
        loss: { value: null, low: null, high: null, n: 0 },
        worse: 0,
        better: 0,
        minimumDetectableChange: null,
        moreSeeds: null,
      },
    ],
    firstDifference: {
      scenario: 'disk_full',
      seed: 2,
      what: 'detected after 21 s, now missed',
      replay: 'npm run scenario disk_full -- --seed 2',
    },
    notes: ['two stacks are compared'],
    replay: 'npm run regression -- --baseline baseline.json',
    ...changes,
  };
}

describe('a regression report', () => {
  it('is as its golden file', () => {
    expectGolden('regression.txt', renderRegression(reportOf(), plain));
  });

  it('says how many seeds would decide when it is inconclusive, and no failure then', () => {
    const [, delay] = reportOf().measures;
    const report = reportOf({ verdict: 'inconclusive', measures: delay ? [delay] : [] });
    expect(renderRegression(report, plain)).toContain('about 7 more seeds would decide');
    expect(regressionCases(report).every(({ failure }) => failure === null)).toBe(true);
  });

  it('says so when everything is the same', () => {
    const report = reportOf({ verdict: 'passed', differing: 0, firstDifference: null });
    expect(renderRegression(report, plain)).toContain('every trial came out the same to the byte');
  });
});

describe('JUnit', () => {
  it('has a failure for what failed alone, with the line that shows it', () => {
    const xml = renderJunit('regression core', regressionCases(reportOf()));
    expect(xml).toContain('tests="2" failures="1"');
    expect(xml).toContain('<failure message="0.861, now 0.790: loss +0.071');
    expect(xml).toContain('npm run scenario disk_full -- --seed 2');
  });

  it('has a case per trial, whose missed criteria are its failure', () => {
    const card = fixtureScorecard();
    const missedCard = {
      ...card,
      resilience: {
        ...card.resilience,
        passed: false,
        criteria: [{ name: 'recovery', limit: '< 5 m', value: 400_000, passed: false }],
      },
    };
    const xml = renderJunit(
      'core',
      evaluationCases([card, missedCard], { contestant: 'mine', isHealed: true }),
    );
    expect(xml).toContain(`classname="mine.${card.scenario.id}" name="seed ${card.seed}"`);
    expect(xml).toContain('recovery 400000, expected &lt; 5 m');
    expect(xml).toMatch(/tests="2" failures="1"/);
  });

  it('judges detection alone where nobody heals', () => {
    const card = fixtureScorecard();
    const blind = {
      ...card,
      detection: { ...card.detection, falseNegatives: 1, falsePositives: 2 },
    };
    const options = { contestant: null, isHealed: false };
    expect(evaluationCases([blind], options)[0]).toMatchObject({
      className: card.scenario.id,
      failure: 'the fault was not detected; 2 false incidents',
    });
  });

  it('stays XML whatever the texts are', () => {
    const xml = renderJunit('a "b" <c>', [
      { className: '&', name: '\u0007', seconds: 1, failure: ']]>', detail: "it's" },
    ]);
    expect(xml).toContain('name="a &quot;b&quot; &lt;c&gt;"');
    expect(xml).toContain('classname="&amp;" name="\ufffd"');
    expect(xml).toContain('message="]]&gt;">it&apos;s<');
  });
});

describe('two side by side', () => {
  const compared: RunsCompared = {
    schemaVersion: 1,
    kind: 'evaluations',
    first: 'runs/before',
    second: 'runs/after <b>',
    same: false,
    figures: [{ name: 'commonTrials', first: 40, second: 40 }],
    comparisons: fixtureEvaluation().comparisons,
    scenarios: [{ id: 'disk_full', pairs: 20, worse: 4, better: 1 }],
    firstDifference: reportOf().firstDifference,
    notes: [],
  };

  it('are as their golden file', () => {
    expectGolden('comparison.txt', renderComparison(compared, plain));
  });

  it('make a page that escapes their names', () => {
    const page = renderComparisonHtml(compared, { plotly: '' });
    expect(page).toContain('runs/after &lt;b&gt;');
    expect(page).not.toContain('runs/after <b>');
    expect(page).toContain('npm run scenario disk_full -- --seed 2');
  });
});
