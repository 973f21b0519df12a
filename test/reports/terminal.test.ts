import { describe, expect, it } from 'vitest';
import { renderEvaluationTable, renderRunSummary } from '../../reports/index.ts';
import { sparkline } from '../../reports/terminal-text.ts';
import { fixtureEvaluation } from './evaluation-fixture.ts';
import { fixtureRecord } from './fixture.ts';
import { fixtureScorecard } from './fixture-scorecard.ts';
import { expectGolden } from './golden.ts';
import { poison } from './hostile.ts';

const colorStart = '\u001b[';

describe('run summary', () => {
  const files = {
    folder: 'runs/zone_failure-1007-default',
    names: ['report.html', 'scorecard.json'],
  };
  const plain = renderRunSummary(fixtureRecord(), fixtureScorecard(), {
    color: false,
    width: 100,
    files,
  });

  it('is as its golden file', () => {
    expectGolden('run-summary.txt', plain);
  });

  it('has colour only when asked for, and says the same either way', () => {
    const colored = renderRunSummary(fixtureRecord(), fixtureScorecard(), {
      color: true,
      width: 100,
      files,
    });
    expect(plain).not.toContain(colorStart);
    expect(colored).toContain(colorStart);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is how colour is written.
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain);
  });

  it.each([60, 80, 120])('keeps its story within %i columns', (width) => {
    const story = renderRunSummary(fixtureRecord(), fixtureScorecard(), { color: false, width })
      .split('\n')
      .slice(0, 17);
    for (const line of story) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('lets no control character of a name reach the terminal', () => {
    const text = renderRunSummary(poison(fixtureRecord()), poison(fixtureScorecard()), {
      color: false,
      width: 200,
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  it('says MISSED and why when a criterion is missed', () => {
    const card = fixtureScorecard();
    const criteria = card.resilience.criteria.map((one, i) =>
      i === 0 ? { ...one, value: 0.97, passed: false } : one,
    );
    const text = renderRunSummary(
      fixtureRecord(),
      { ...card, outcome: 'degraded', resilience: { ...card.resilience, passed: false, criteria } },
      { color: false, width: 100 },
    );
    expect(text).toContain('MISSED  degraded');
    expect(text).toMatch(/availability +> 0\.99 +0\.9700 +✗ missed/);
  });
});

describe('sparkline', () => {
  it('shows the worst of what shares a column and leaves gaps open', () => {
    expect(sparkline([1, 1, 1, 0, null, null], { low: 0, high: 1, width: 3 })).toBe('█▁ ');
  });

  it('is flat for a constant', () => {
    expect(sparkline([1, 1], { low: 1, high: 1, width: 2 })).toBe('██');
  });
});

describe('evaluation table', () => {
  it.each([100, 220])('is as its golden file at %i columns', (width) => {
    expectGolden(
      `evaluation-${width}.txt`,
      renderEvaluationTable(fixtureEvaluation(), { color: false, width }),
    );
  });

  it('keeps every table within the width', () => {
    const lines = renderEvaluationTable(fixtureEvaluation(), { color: false, width: 90 }).split(
      '\n',
    );
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(90);
  });
});
