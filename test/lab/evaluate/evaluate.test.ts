import { describe, expect, it } from 'vitest';
import type { Evaluation, Scorecard, TrivialComparison } from '../../../core/truth/index.ts';
import { summariseEvaluation, type TrialResult } from '../../../lab/index.ts';
import { resultOf } from '../hand-made.ts';

const evaluationOf = (...results: TrialResult[]): Evaluation =>
  summariseEvaluation({ suite: 'by hand', seeds: [1], results, replay: 'replay' });

describe('an evaluation', () => {
  it('counts a trial that never recovered to the end of its run', () => {
    const { healing } = evaluationOf(
      resultOf({ healing: { timeToRecoverMs: 100_000 } }),
      resultOf({ healing: { timeToRecoverMs: null, recovered: false } }),
      resultOf({ healing: { timeToRecoverMs: null }, result: { observedMs: null } }),
    );
    expect(healing.timeToRecoverMs).toMatchObject({ value: 350_000, n: 2 });
  });

  it('pools precision over all incidents of all trials', () => {
    const { detection } = evaluationOf(
      resultOf({ detection: { truePositives: 1, falsePositives: 0 } }),
      resultOf({ detection: { truePositives: 1, falsePositives: 2 } }),
    );
    expect(detection.precision).toMatchObject({ value: 0.5, n: 4 });
  });

  it('pools false incidents over all healthy hours', () => {
    const { detection } = evaluationOf(
      resultOf({ detection: { falseIncidentsPerDay: 96, healthyHours: 0.5 } }),
      resultOf({ detection: { falseIncidentsPerDay: 0, healthyHours: 1.5 } }),
      resultOf({ detection: { falseIncidentsPerDay: null, healthyHours: 0 } }),
    );
    const { value, high } = detection.falseIncidentsPerDay;
    expect(value).toBeCloseTo(24, 9);
    // The exact upper Poisson limit for two events is 7.2247.
    expect((high as number) / 12).toBeCloseTo(7.2247, 1);
  });

  it('says of healthy trials alone whether they were quiet', () => {
    const loud = resultOf({ result: { ends: 'healthy' } });
    const quiet = resultOf({ result: { ends: 'healthy' }, detection: { incidents: [] } });
    expect(evaluationOf(loud, quiet, resultOf()).detection.quiet).toMatchObject({
      value: 0.5,
      n: 2,
    });
  });

  it('keeps each scenario apart as well', () => {
    const { byScenario, trials } = evaluationOf(
      resultOf({ healing: { recovered: false } }),
      resultOf({ result: { scenario: 'other' } }),
      resultOf({ result: { scenario: 'other', seed: 2 } }),
    );
    expect(trials).toBe(3);
    expect(
      byScenario.map(({ id, trials: n, healing }) => [id, n, healing.recovered.value]),
    ).toEqual([
      ['zone_failure', 1, 0],
      ['other', 2, 1],
    ]);
  });

  it('judges first suspects of detected faults alone', () => {
    const suspects = [{ component: 'service/db', weight: 0.9, why: 'slow' }] as const;
    const right = resultOf({ diagnosis: { top1: true, suspects } });
    const undetected = resultOf({
      detection: { recall: 0 },
      diagnosis: { top1: false, suspects },
    });
    const { bins } = evaluationOf(right, undetected).diagnosisReliability;
    expect(bins).toMatchObject([{ stated: 0.9, right: { value: 1, n: 1 } }]);
  });

  it('lists the worst trials first', () => {
    const { worst } = evaluationOf(
      resultOf({ result: { seed: 1 } }),
      resultOf({ result: { seed: 2 }, healing: { recovered: false } }),
      resultOf({ result: { seed: 3 }, detection: { falseNegatives: 1 } }),
    );
    expect(worst.map(({ seed }) => seed)).toEqual([3, 2]);
  });
});

describe('the do-nothing baseline', () => {
  const { baselines } = evaluationOf(
    resultOf(),
    resultOf({
      result: {
        seed: 2,
        doNothing: { recovered: true, timeToRecoverMs: 200_000, availability: 0.9, passed: true },
      },
    }),
  );

  it('is what the unhealed runs of the same trials reached', () => {
    expect(baselines).toHaveLength(1);
    expect(baselines[0]).toMatchObject({
      healer: 'none',
      healing: { recovered: { value: 0.5, n: 2 }, timeToRecoverMs: { value: 400_000, n: 2 } },
      resilience: {
        passed: { value: 0.5, n: 2 },
        availability: { value: 0.7, n: 2 },
        recoveryTimeMs: { value: 200_000, n: 1 },
      },
    });
  });

  it('has the same scenarios', () => {
    expect(baselines[0]?.byScenario).toMatchObject([
      { id: 'zone_failure', trials: 2, resilience: { passed: { value: 0.5 } } },
    ]);
  });
});

describe('the comparison with trivial ones', () => {
  /** `ours` and `theirs` of ten faulty trials were detected, and diagnosed at first. */
  function compare(ours: number, theirs: number): readonly TrivialComparison[] {
    const trials = Array.from({ length: 10 }, (_, i): TrialResult => {
      const baselines: Scorecard['baselines'] = {
        detection: [
          {
            detector: 'random',
            truePositives: Number(i < theirs),
            falsePositives: Number(i >= theirs),
            recall: Number(i < theirs),
            timeToDetectMs: null,
            falseIncidentsPerDay: 0,
          },
        ],
        diagnosis: [{ localizer: 'random', top1: i < theirs, top3: i < theirs, rank: null }],
      };
      const detection = {
        truePositives: Number(i < ours),
        falsePositives: Number(i >= ours),
        recall: Number(i < ours),
      };
      return resultOf({ detection, diagnosis: { top1: i < ours, top3: i < ours }, baselines });
    });
    return evaluationOf(...trials).trivial;
  }
  const informative = (comparisons: readonly TrivialComparison[]): string[] =>
    comparisons.filter((entry) => entry.informative).map(({ score }) => score);

  it('says something when we are above the interval of theirs', () => {
    expect(informative(compare(10, 2))).toEqual(['recall', 'precision', 'top1', 'top3']);
  });

  it('says nothing when we are above their value alone', () => {
    const comparisons = compare(7, 5);
    expect(comparisons[0]).toMatchObject({
      score: 'recall',
      ours: { value: 0.7 },
      theirs: { value: 0.5 },
      informative: false,
    });
    expect(informative(comparisons)).toEqual([]);
    expect(informative(compare(2, 10))).toEqual([]);
  });

  // Rounding leaves the upper Wilson limit of 10 of 10 a hair below 1.
  it('says nothing when both are always right', () => {
    expect(informative(compare(10, 10))).toEqual([]);
  });
});
