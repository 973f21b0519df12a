import { describe, expect, it } from 'vitest';
import type { Contestant, Evaluation, OperatingPoint } from '../../core/truth/index.ts';
import { summariseEvaluation, type TrialResult } from '../../lab/index.ts';
import { score } from '../../lab/score/score.ts';
import {
  durationMs,
  healthyRecordOf,
  injectedMs,
  opened,
  recordOf,
  resultOf,
} from './hand-made.ts';

/** Ten trials, of which so many were detected, `delayMs` after onset. */
function trials(detected: number, delayMs = 30_000): TrialResult[] {
  return Array.from({ length: 10 }, (_, i) =>
    resultOf({
      result: { seed: i + 1 },
      detection: {
        recall: Number(i < detected),
        truePositives: Number(i < detected),
        falseNegatives: Number(i >= detected),
        timeToDetectMs: i < detected ? delayMs + i * 1000 : null,
        healthyHours: 2.4,
        falseIncidentsPerDay: i === 0 ? 10 : 0,
      },
    }),
  );
}

function evaluate(...contestants: [string, TrialResult[]][]): Evaluation {
  const [[detector, results] = ['', []], ...rest] = contestants;
  return summariseEvaluation({
    suite: 'by hand',
    seeds: [1],
    detector,
    results,
    others: rest.map(([name, others]) => ({ name, results: others })),
    mechanismOf: () => 'K8',
    replay: 'replay',
  });
}

const byName = ({ leaderboard }: Evaluation, name: string): Contestant =>
  leaderboard.find((one) => one.name === name) as Contestant;

describe('the leaderboard', () => {
  const evaluation = evaluate(['ours', trials(6)], ['theirs', trials(9, 60_000)]);

  it('has the best first, and trivial ones last', () => {
    const kinds = evaluation.leaderboard.map(({ name, kind }) => `${kind} ${name}`);
    expect(kinds.slice(0, 2)).toEqual(['contestant theirs', 'contestant ours']);
    expect(kinds.slice(2).every((kind) => kind.startsWith('trivial '))).toBe(true);
  });

  it('has the figures of each, medians and what was missed among them', () => {
    expect(byName(evaluation, 'ours')).toMatchObject({
      recall: { value: 0.6, n: 10 },
      timeToDetectMsP50: { value: 32_500, n: 6 },
      delaysMs: [30_000, 31_000, 32_000, 33_000, 34_000, 35_000],
      missed: 4,
    });
    expect(byName(evaluation, 'ours').falseIncidentsPerDay.value).toBeCloseTo(1, 9);
  });

  it('keeps the figures of the first, whoever is best', () => {
    expect(evaluation.detection.recall.value).toBe(0.6);
    expect(evaluation.byScenario[0]).toMatchObject({ mechanism: 'K8', trials: 10 });
  });

  it('tests every two on their common trials', () => {
    expect(evaluation.comparisons[0]).toMatchObject({
      measure: 'recall',
      first: 'ours',
      second: 'theirs',
      difference: { n: 10 },
      discordant: { firstOnly: 0, secondOnly: 3 },
    });
    expect(evaluation.comparisons[0]?.p).toBeCloseTo(0.25, 12);
  });

  it('says which change a second evaluation would show', () => {
    const { recall } = evaluation.minimumDetectableChange;
    // The Wilson interval of 6 of 10 is 0.31 to 0.83: 2.8 √2 standard errors are 0.53.
    expect(recall).toBeCloseTo(0.53, 1);
  });
});

describe('the operating curve', () => {
  const point = (threshold: number, truePositive: 0 | 1 | null, wrong: number): OperatingPoint => ({
    threshold,
    truePositive,
    falseIncidents: wrong,
    healthyHours: 12,
    delayMs: null,
  });
  const results = [
    resultOf({ detection: { operatingPoints: [point(1, 1, 3), point(2, 0, 0)] } }),
    resultOf({ detection: { operatingPoints: [point(1, 1, 0), point(2, 1, 1)] } }),
    resultOf({ detection: { operatingPoints: [point(1, null, 1), point(2, null, 0)] } }),
  ];

  it('pools every threshold over all trials, the healthy ones for false incidents alone', () => {
    expect(byName(evaluate(['ours', results]), 'ours').operatingCurve).toEqual([
      { threshold: 2, recall: 0.5, precision: 0.5, falseIncidentsPerDay: 24 / 36 },
      { threshold: 1, recall: 1, precision: 2 / 6, falseIncidentsPerDay: (4 * 24) / 36 },
    ]);
  });

  it('gives recall at the threshold that finds most with one false incident a day', () => {
    const { detection } = evaluate(['ours', results]);
    expect(detection.recallAtOneFalsePerDay).toMatchObject({ value: 0.5, n: 2 });
    const loud = resultOf({ detection: { operatingPoints: [point(1, 1, 9)] } });
    expect(evaluate(['ours', [loud]]).detection.recallAtOneFalsePerDay).toMatchObject({
      value: 0,
      n: 1,
    });
    expect(evaluate(['ours', trials(3)]).detection.recallAtOneFalsePerDay).toBeUndefined();
  });

  it('is empty where only one threshold ran', () => {
    expect(byName(evaluate(['ours', trials(3)]), 'ours').operatingCurve).toEqual([]);
  });
});

describe('two that never look', () => {
  it('always_on finds every fault and alarms 288 times a day; constant finds none', () => {
    const { detection } = score(recordOf(), '').baselines;
    const always = detection.find(({ detector }) => detector === 'always_on');
    expect(always).toMatchObject({ recall: 1, timeToDetectMs: 0 });
    const constant = detection.find(({ detector }) => detector === 'constant');
    expect(constant).toMatchObject({ recall: 0, falsePositives: 0, falseIncidentsPerDay: 0 });
    const healthy = score(healthyRecordOf(), '').baselines.detection;
    expect(healthy.find(({ detector }) => detector === 'always_on')).toMatchObject({
      recall: null,
      falsePositives: durationMs / 300_000,
    });
  });
});

describe('alerts', () => {
  it('are counted once per incident, component and signal', () => {
    const first = opened(injectedMs, 'inc-1');
    const { detection } = score(
      recordOf({ events: [first, { ...first, atMs: injectedMs + 15_000 }] }),
      '',
    );
    expect(first.type).toBe('incident_opened');
    if (first.type !== 'incident_opened') return;
    const distinct = new Set(
      first.incident.anomalies.map(({ component, signal }) => `${component} ${signal}`),
    );
    expect(detection.incidents.length).toBeGreaterThan(0);
    expect(detection.alerts).toBe(distinct.size);
    expect(score(recordOf(), '').detection.alerts).toBe(0);
  });
});
