import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../core/truth/index.ts';
import { renderEvaluationHtml, renderEvaluationTable } from '../../reports/index.ts';
import { fixtureEvaluation } from './evaluation-fixture.ts';

const render = (evaluation: Evaluation): string => renderEvaluationHtml(evaluation, { plotly: '' });
const page = render(fixtureEvaluation());

/** The text of one section. */
function section(id: string, text = page): string {
  return new RegExp(`<section id="${id}">([\\s\\S]*?)</section>`).exec(text)?.[1] ?? '';
}

describe('an evaluation page', () => {
  it('has a leaderboard with every detector and every test', () => {
    const text = section('leaderboard');
    for (const name of ['default', 'z_score', 'three_sigma']) expect(text).toContain(name);
    expect(text).toContain('8 : 1');
    expect(text).toContain('<b>&lt; 0.001</b>');
    expect(text).toContain('Recall at one false a day');
    expect(text).toContain('counted over 5 healthy hours');
  });

  it('colours every mechanism by its share, under its section of the catalogue', () => {
    const text = section('mechanisms');
    expect(text).toContain('Network, DNS, routing');
    expect(text).toContain('style="--heat:0.950">0.95<');
    expect(text).toContain('memory leak');
  });

  it('says how much the weight of a first suspect is worth, where anything was diagnosed', () => {
    const evaluation = fixtureEvaluation();
    expect(section('calibration')).toContain('miss the shares by 0.04 on average');
    expect(section('calibration')).toContain('id="reliability"');
    const { diagnosisReliability: known } = evaluation;
    const silent = render({ ...evaluation, diagnosisReliability: { ...known, bins: [] } });
    expect(section('calibration', silent)).toBe('');
  });

  it('leaves other thresholds out when there were none', () => {
    const evaluation = fixtureEvaluation();
    const plain = render({
      ...evaluation,
      leaderboard: evaluation.leaderboard.map((one) => ({ ...one, operatingCurve: [] })),
    });
    expect(section('curves')).toContain('id="operating"');
    expect(section('curves', plain)).toBe('');
    expect(plain).not.toContain('id="operating"');
  });

  it('escapes what detectors are called', () => {
    const evaluation = fixtureEvaluation();
    const [first] = evaluation.leaderboard;
    const hostile = render({
      ...evaluation,
      leaderboard: first ? [{ ...first, name: '<img src=x onerror=hit=1>' }] : [],
    });
    expect(hostile).not.toContain('<img src=x');
  });
});

it('a table of many scenarios shows the worst, and says so', () => {
  const evaluation = fixtureEvaluation();
  const [zone, leak] = evaluation.byScenario;
  if (!zone || !leak) throw new Error('the fixture has no scenarios');
  const many = Array.from({ length: 40 }, (_, i) => ({
    ...zone,
    id: `scenario_${i}`,
    detection: {
      ...zone.detection,
      recall: { ...zone.detection.recall, value: i === 31 ? 0.1 : 1 },
    },
  }));
  const text = renderEvaluationTable(
    { ...evaluation, byScenario: many },
    { color: false, width: 200 },
  );
  expect(text).toContain('the 12 scenarios that went worst; the report has all');
  expect(text).toContain('scenario_31');
  expect(text).not.toContain('scenario_39');
});
