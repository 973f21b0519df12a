/** An evaluation by hand: two faulty scenarios and a healthy one over twenty seeds. */
import type {
  Contestant,
  Evaluation,
  EvaluationFigures,
  Figure,
  ScenarioEvaluation,
} from '../../core/truth/index.ts';

const none: Figure = { value: null, low: null, high: null, n: 0 };
const figure = (value: number, low: number, high: number, n = 20): Figure => ({
  value,
  low,
  high,
  n,
});
const count = (value: number): Figure => figure(value, value, value);

interface Essence {
  readonly recall: Figure;
  readonly top1: Figure;
  readonly recovered: Figure;
  readonly mttr: Figure;
  readonly incidents: Figure;
  readonly quiet: Figure;
}

function figures({ recall, top1, recovered, mttr, incidents, quiet }: Essence): EvaluationFigures {
  return {
    detection: {
      truePositives: recall,
      falsePositives: count(0),
      falseNegatives: count(0),
      duplicates: count(0),
      selfInflicted: count(0),
      precision: recall,
      recall,
      f1: recall,
      timeToDetectMs: recall.value === null ? none : figure(21_000, 17_000, 26_000),
      timeToDetectMsP50: recall.value === null ? none : figure(15_000, 12_000, 20_000),
      timeToDetectMsP95: recall.value === null ? none : figure(80_000, 60_000, 120_000),
      leadTimeMs: none,
      healthyHours: count(0.25),
      falseIncidentsPerDay: count(0),
      incidents,
      alerts: count(7.5),
      quiet,
    },
    diagnosis: { top1, top3: top1, rank: none, faultClassCorrect: top1, timeToDiagnoseMs: none },
    healing: {
      actions: count(3),
      timeToDecideMs: none,
      recovered,
      timeToRecoverMs: mttr,
      harmfulActions: count(0),
      regret: none,
    },
    resilience: { passed: recovered, availability: none, recoveryTimeMs: mttr },
  };
}

const faulty: Essence = {
  recall: figure(0.95, 0.76, 0.99),
  top1: figure(0.7, 0.48, 0.85),
  recovered: figure(0.9, 0.7, 0.97),
  mttr: figure(122_400, 109_800, 135_100),
  incidents: figure(1.1, 1, 1.25),
  quiet: none,
};
const healthy: Essence = {
  recall: none,
  top1: none,
  recovered: none,
  mttr: none,
  incidents: figure(0.05, 0, 0.15),
  quiet: figure(0.95, 0.76, 0.99),
};

function scenario(
  [id, mechanism]: readonly [string, string],
  ends: ScenarioEvaluation['ends'],
  essence: Essence,
): ScenarioEvaluation {
  return { id, mechanism, ends, trials: 20, ...figures(essence) };
}

const doNothing = figures({
  ...faulty,
  recovered: figure(0, 0, 0.16),
  mttr: figure(1_797_000, 1_795_000, 1_799_000),
});

function contestant(name: string, recall: number, kind: Contestant['kind']): Contestant {
  const isOurs = kind === 'contestant';
  return {
    name,
    kind,
    recall: figure(recall, recall - 0.08, recall + 0.04, 40),
    precision: figure(0.8, 0.7, 0.88),
    falseIncidentsPerDay: figure(0.7, 0.4, 1.1),
    ...(isOurs && { recallAtOneFalsePerDay: figure(recall, recall - 0.1, recall + 0.05, 40) }),
    timeToDetectMsP50: figure(15_000, 12_000, 20_000),
    top1: isOurs ? faulty.top1 : none,
    recovered: isOurs ? faulty.recovered : none,
    delaysMs: Array.from({ length: 38 }, (_, i) => 3000 * (i + 1)),
    missed: 2,
    operatingCurve: isOurs
      ? [8, 4, 2, 1, 0.5].map((threshold, i) => ({
          threshold,
          recall: recall - 0.4 + 0.1 * (i + 1),
          precision: 1 - 0.12 * i,
          falseIncidentsPerDay: 0.08 * 4 ** i,
        }))
      : [],
  };
}

export function fixtureEvaluation(): Evaluation {
  return {
    schemaVersion: 1,
    suite: 'core',
    seeds: Array.from({ length: 20 }, (_, i) => 1001 + i),
    trials: 59,
    leftOut: [
      {
        scenario: 'memory_leak',
        seed: 1007,
        why: 'no steady state before injection: 85.4 % of user requests good, expected 90 % or more',
      },
    ],
    ...figures({ ...faulty, quiet: healthy.quiet }),
    byScenario: [
      scenario(['zone_failure', 'N20'], 'remedied', faulty),
      scenario(['memory_leak', 'R1'], 'remedied', {
        ...faulty,
        mttr: figure(702_000, 640_000, 799_000),
      }),
      scenario(['healthy_day', 'H1'], 'healthy', healthy),
    ],
    leaderboard: [
      contestant('default', 0.92, 'contestant'),
      contestant('z_score', 0.75, 'contestant'),
      contestant('three_sigma', 0.5, 'trivial'),
    ],
    comparisons: [
      {
        measure: 'recall',
        first: 'default',
        second: 'z_score',
        firstValue: 0.92,
        secondValue: 0.75,
        difference: figure(-0.17, -0.25, -0.08, 40),
        discordant: { firstOnly: 8, secondOnly: 1 },
        test: 'mcnemar',
        p: 0.039,
        pHolm: 0.078,
        minimumDetectableChange: 0.12,
      },
      {
        measure: 'timeToDetectMs',
        first: 'default',
        second: 'z_score',
        firstValue: 21_000,
        secondValue: 48_000,
        difference: figure(27_000, 12_000, 41_000, 30),
        discordant: null,
        test: 'sign_flip',
        p: 0.0002,
        pHolm: 0.0004,
        minimumDetectableChange: 15_000,
      },
    ],
    minimumDetectableChange: {
      recall: 0.08,
      falseIncidentsPerDay: 0.6,
      timeToDetectMs: 12_000,
      top1: 0.11,
      recovered: null,
    },
    diagnosisReliability: {
      bins: [
        { stated: 0.45, right: figure(0.4, 0.17, 0.69, 10) },
        { stated: 0.68, right: figure(0.7, 0.4, 0.89, 10) },
        { stated: 0.92, right: figure(0.95, 0.76, 0.99, 20) },
      ],
      expectedCalibrationError: 0.037,
      brier: 0.11,
      brierOfMean: 0.179,
    },
    worst: [
      {
        scenario: 'memory_leak',
        seed: 1013,
        why: 'not recovered (degraded)',
        replay: 'npm run scenario memory_leak -- --seed 1013',
      },
    ],
    baselines: [
      {
        name: 'do nothing',
        healer: 'none',
        healing: doNothing.healing,
        resilience: doNothing.resilience,
        byScenario: ['zone_failure', 'memory_leak'].map((id) => ({
          id,
          trials: 20,
          healing: doNothing.healing,
          resilience: doNothing.resilience,
        })),
      },
    ],
    trivial: [
      {
        score: 'recall',
        baseline: 'three_sigma',
        ours: figure(0.95, 0.9, 0.99),
        theirs: figure(0.6, 0.5, 0.7),
        informative: true,
      },
      {
        score: 'top1',
        baseline: 'loudest_service',
        ours: figure(0.5, 0.4, 0.6),
        theirs: figure(0.45, 0.35, 0.55),
        informative: false,
      },
    ],
    intervalMethod: '95 % bootstrap over seeds within each of 3 scenarios',
    replay: 'npm run evaluate -- --suite core --seed-list 1001-1020',
  };
}
