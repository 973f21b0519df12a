import type {
  DetectionFigures,
  DiagnosisFigures,
  Evaluation,
  EvaluationBaseline,
  EvaluationFigures,
  Figure,
  HealingFigures,
  ResilienceFigures,
  Scorecard,
} from '../core/truth/index.ts';
import { bootstrapFigure, type Groups, poissonRateFigure, rateFigure } from './statistics.ts';
import type { TrialResult } from './trial.ts';
import { compareWithTrivial } from './trivial-comparison.ts';

export interface EvaluationInput {
  readonly suite: string;
  readonly seeds: readonly number[];
  readonly results: readonly TrialResult[];
  readonly replay: string;
}

/** Reduces trials to figures with intervals. Pure; the order of the results is their only order. */
export function summariseEvaluation({
  suite,
  seeds,
  results,
  replay,
}: EvaluationInput): Evaluation {
  const ids = [...new Set(results.map((result) => result.scenario))];
  const groups = ids.map((id) => results.filter((result) => result.scenario === id));
  return {
    schemaVersion: 1,
    suite,
    seeds,
    trials: results.length,
    ...figuresOf(groups),
    byScenario: groups.map((group, i) => ({
      id: ids[i] as string,
      ends: (group[0] as TrialResult).ends,
      trials: group.length,
      ...figuresOf([group]),
    })),
    worst: findWorst(results),
    baselines: [doNothingBaseline(ids, groups)],
    trivial: compareWithTrivial(groups),
    intervalMethod:
      ids.length >= 10
        ? '95 % two-level bootstrap (scenarios, then seeds), Wilson for rates at 0 or 1; false incidents per day: Poisson'
        : `95 % bootstrap over seeds within each of ${ids.length} scenarios; rates: Wilson over all trials; false incidents per day: Poisson`,
    replay,
  };
}

type TrialGroups = readonly (readonly TrialResult[])[];

function figuresOf(groups: TrialGroups): EvaluationFigures {
  return {
    detection: detectionFigures(groups),
    diagnosis: diagnosisFigures(groups),
    healing: healingFigures(groups),
    resilience: resilienceFigures(groups),
  };
}

/** The values that trials have; null leaves a trial out. */
function pick(groups: TrialGroups, read: (result: TrialResult) => number | boolean | null): Groups {
  return groups.map((group) =>
    group.flatMap((result) => {
      const value = read(result);
      return value === null ? [] : [Number(value)];
    }),
  );
}

function detectionFigures(groups: TrialGroups): DetectionFigures {
  const meanOf = (read: (detection: Scorecard['detection']) => number | null): Figure =>
    bootstrapFigure(pick(groups, ({ scorecard }) => read(scorecard.detection)));
  return {
    truePositives: meanOf((d) => d.truePositives),
    falsePositives: meanOf((d) => d.falsePositives),
    falseNegatives: meanOf((d) => d.falseNegatives),
    duplicates: meanOf((d) => d.duplicates),
    selfInflicted: meanOf((d) => d.selfInflicted),
    precision: pooledPrecision(groups),
    recall: rateFigure(pick(groups, ({ scorecard }) => scorecard.detection.recall)),
    f1: meanOf((d) => d.f1),
    timeToDetectMs: meanOf((d) => d.timeToDetectMs),
    healthyHours: meanOf((d) => d.healthyHours),
    falseIncidentsPerDay: pooledFalseAlarms(groups),
    leadTimeMs: meanOf((d) => d.leadTimeMs),
    incidents: meanOf((d) => d.incidents.length),
    quiet: rateFigure(
      pick(groups, (result) =>
        isFaulty(result) ? null : result.scorecard.detection.incidents.length === 0,
      ),
    ),
  };
}

/** All false incidents of healthy time over all of that time. */
function pooledFalseAlarms(groups: TrialGroups): Figure {
  let events = 0;
  let hours = 0;
  const cards = groups.flat().map(({ scorecard }) => scorecard.detection);
  for (const { falseIncidentsPerDay, healthyHours } of cards) {
    events += ((falseIncidentsPerDay ?? 0) * healthyHours) / 24;
    hours += healthyHours;
  }
  return poissonRateFigure(Math.round(events), { total: hours, unit: 24 }, cards.length);
}

/** One value per incident (duplicates apart): 1 right, 0 false, so that the mean is TP / (TP + FP). */
function pooledPrecision(groups: TrialGroups): Figure {
  return rateFigure(
    groups.map((group) =>
      group.flatMap(({ scorecard: { detection } }) => [
        ...new Array<number>(detection.truePositives).fill(1),
        ...new Array<number>(detection.falsePositives).fill(0),
      ]),
    ),
  );
}

function diagnosisFigures(groups: TrialGroups): DiagnosisFigures {
  const read = (
    field: 'top1' | 'top3' | 'faultClassCorrect' | 'rank' | 'timeToDiagnoseMs',
  ): Groups => pick(groups, ({ scorecard }) => scorecard.diagnosis[field]);
  return {
    top1: rateFigure(read('top1')),
    top3: rateFigure(read('top3')),
    rank: bootstrapFigure(read('rank')),
    faultClassCorrect: rateFigure(read('faultClassCorrect')),
    timeToDiagnoseMs: bootstrapFigure(read('timeToDiagnoseMs')),
  };
}

function healingFigures(groups: TrialGroups): HealingFigures {
  return {
    actions: bootstrapFigure(pick(groups, ({ scorecard }) => scorecard.healing.actions.length)),
    timeToDecideMs: bootstrapFigure(
      pick(groups, ({ scorecard }) => scorecard.healing.timeToDecideMs),
    ),
    recovered: rateFigure(pick(groups, ({ scorecard }) => scorecard.healing.recovered)),
    timeToRecoverMs: bootstrapFigure(
      pick(groups, (result) => restricted(result, result.scorecard.healing.timeToRecoverMs)),
    ),
    harmfulActions: bootstrapFigure(
      pick(groups, ({ scorecard }) => scorecard.healing.harmfulActions),
    ),
    regret: bootstrapFigure(pick(groups, ({ scorecard }) => scorecard.healing.regret)),
  };
}

function resilienceFigures(groups: TrialGroups): ResilienceFigures {
  return {
    passed: rateFigure(pick(groups, ({ scorecard }) => scorecard.resilience.passed)),
    availability: bootstrapFigure(
      pick(groups, ({ scorecard }) => scorecard.resilience.availability),
    ),
    recoveryTimeMs: bootstrapFigure(
      pick(groups, ({ scorecard }) => scorecard.resilience.recoveryTimeMs),
    ),
  };
}

/** The unhealed runs of the very same trials. */
function doNothingBaseline(ids: readonly string[], groups: TrialGroups): EvaluationBaseline {
  const figures = (
    some: TrialGroups,
  ): { healing: HealingFigures; resilience: ResilienceFigures } => ({
    healing: {
      ...healingFigures([]),
      recovered: rateFigure(pick(some, ({ doNothing }) => doNothing.recovered)),
      timeToRecoverMs: bootstrapFigure(
        pick(some, (result) => restricted(result, result.doNothing.timeToRecoverMs)),
      ),
    },
    resilience: {
      passed: rateFigure(pick(some, ({ doNothing }) => doNothing.passed)),
      availability: bootstrapFigure(pick(some, ({ doNothing }) => doNothing.availability)),
      recoveryTimeMs: bootstrapFigure(pick(some, ({ doNothing }) => doNothing.timeToRecoverMs)),
    },
  });
  return {
    name: 'do nothing',
    healer: 'none',
    ...figures(groups),
    byScenario: groups.map((group, i) => ({
      id: ids[i] as string,
      trials: group.length,
      ...figures([group]),
    })),
  };
}

/** Restricted mean: a trial that never recovered counts to the end of its run. */
function restricted({ observedMs }: TrialResult, timeToRecoverMs: number | null): number | null {
  return observedMs === null ? null : Math.min(timeToRecoverMs ?? observedMs, observedMs);
}

function isFaulty(result: TrialResult): boolean {
  return result.ends !== 'healthy';
}

function findWorst(results: readonly TrialResult[]): Evaluation['worst'] {
  return results
    .flatMap((result) => {
      const trouble = troubleOf(result);
      return trouble === null ? [] : [{ result, ...trouble }];
    })
    .sort((a, b) => b.weight - a.weight || a.result.seed - b.result.seed)
    .slice(0, 10)
    .map(({ result, why }) => ({
      scenario: result.scenario,
      seed: result.seed,
      why,
      replay: result.scorecard.replay,
    }));
}

function troubleOf({ scorecard, ends }: TrialResult): { weight: number; why: string } | null {
  const { detection, diagnosis, healing, resilience } = scorecard;
  if (ends === 'healthy' && detection.incidents.length > 0) {
    return { weight: 90, why: `${detection.incidents.length} incidents in a healthy run` };
  }
  if (detection.falseNegatives > 0) return { weight: 100, why: 'fault not detected' };
  if (healing.recovered === false)
    return { weight: 80, why: `not recovered (${scorecard.outcome})` };
  if (detection.falsePositives > 0)
    return { weight: 60, why: `${detection.falsePositives} false incidents` };
  if (diagnosis.top1 === false) {
    return {
      weight: 50,
      why: `root cause ranked ${diagnosis.rank ?? 'nowhere'}, first ${diagnosis.suspects[0]?.component ?? 'nothing'}`,
    };
  }
  if (!resilience.passed) {
    const missed = resilience.criteria.filter((c) => !c.passed).map((c) => c.name);
    return { weight: 40, why: `missed ${missed.join(' and ')}` };
  }
  return null;
}
