/** An evaluation by hand: two faulty scenarios and a healthy one over twenty seeds. */
import type {
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
      leadTimeMs: none,
      healthyHours: count(0.25),
      falseIncidentsPerDay: count(0),
      incidents,
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
  id: string,
  ends: ScenarioEvaluation['ends'],
  essence: Essence,
): ScenarioEvaluation {
  return { id, ends, trials: 20, ...figures(essence) };
}

const doNothing = figures({
  ...faulty,
  recovered: figure(0, 0, 0.16),
  mttr: figure(1_797_000, 1_795_000, 1_799_000),
});

export function fixtureEvaluation(): Evaluation {
  return {
    schemaVersion: 1,
    suite: 'core',
    seeds: Array.from({ length: 20 }, (_, i) => 1001 + i),
    trials: 60,
    ...figures({ ...faulty, quiet: healthy.quiet }),
    byScenario: [
      scenario('zone_failure', 'remedied', faulty),
      scenario('memory_leak', 'remedied', { ...faulty, mttr: figure(702_000, 640_000, 799_000) }),
      scenario('healthy_day', 'healthy', healthy),
    ],
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
