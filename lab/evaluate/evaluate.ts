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
} from '../../core/truth/index.ts';
import { compareSides } from '../compare/compare-outcomes.ts';
import { outcomeOf } from '../compare/trial-outcome.ts';
import {
  bootstrapFigure,
  type Groups,
  quantileFigure,
  rateFigure,
} from '../statistics/statistics.ts';
import type { TrialResult, VoidTrial } from '../trial.ts';
import { detectableChanges } from './detectable-changes.ts';
import { rankContestants } from './leaderboard.ts';
import { recallAtOneFalsePerDay } from './pooled-curve.ts';
import { falseAlarmRate, incidentVerdicts } from './pooled-rates.ts';
import { reliabilityOf, type Statement } from './reliability.ts';
import { compareWithTrivial } from './trivial-comparison.ts';

export interface EvaluationInput {
  readonly suite: string;
  readonly seeds: readonly number[];
  /** Of the stack that is evaluated. */
  readonly results: readonly TrialResult[];
  readonly voids?: readonly VoidTrial[];
  /** That stack's detector, and others on the same scenarios and seeds. */
  readonly detector?: string;
  readonly others?: readonly { readonly name: string; readonly results: readonly TrialResult[] }[];
  /** As the catalogue numbers mechanisms; null for scenarios that are not in it. */
  readonly mechanismOf?: (scenario: string) => string | null;
  readonly replay: string;
}

/** Reduces trials to figures with intervals. Pure; the order of the results is their only order. */
export function summariseEvaluation({
  suite,
  seeds,
  results,
  voids = [],
  detector = 'default',
  others = [],
  mechanismOf = () => null,
  replay,
}: EvaluationInput): Evaluation {
  const ids = [...new Set(results.map((result) => result.scenario))];
  const groups = groupsOf(results, ids);
  const contestants = [{ name: detector, results }, ...others];
  const figures = suiteFigures(groups);
  return {
    schemaVersion: 1,
    suite,
    seeds,
    trials: results.length,
    leftOut: voids.map(({ scenario, seed, voidBecause }) => ({ scenario, seed, why: voidBecause })),
    ...figures,
    byScenario: groups.map((group, i) => ({
      id: ids[i] as string,
      mechanism: mechanismOf(ids[i] as string),
      ends: (group[0] as TrialResult).ends,
      trials: group.length,
      ...figuresOf([group]),
    })),
    leaderboard: rankContestants(
      contestants.map((one, i) => ({
        ...one,
        ...(i === 0 ? figures : suiteFigures(groupsOf(one.results, ids))),
      })),
    ),
    comparisons: compareSides(
      contestants.map((one) => ({ name: one.name, outcomes: one.results.map(outcomeOf) })),
    ),
    minimumDetectableChange: detectableChanges(figures),
    diagnosisReliability: reliabilityOf(results.flatMap(firstSuspects)),
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

/** What the diagnosis of a detected fault stated of its first suspect. */
function firstSuspects({ scorecard: { detection, diagnosis } }: TrialResult): Statement[] {
  const first = diagnosis.suspects[0];
  if (detection.recall !== 1 || !first || diagnosis.top1 === null) return [];
  return [{ stated: first.weight, isRight: diagnosis.top1 }];
}

type TrialGroups = readonly (readonly TrialResult[])[];

function groupsOf(results: readonly TrialResult[], ids: readonly string[]): TrialGroups {
  return ids.map((id) => results.filter((result) => result.scenario === id));
}

function figuresOf(groups: TrialGroups): EvaluationFigures {
  return {
    detection: detectionFigures(groups),
    diagnosis: diagnosisFigures(groups),
    healing: healingFigures(groups),
    resilience: resilienceFigures(groups),
  };
}

/** With what makes sense over a whole suite alone: one threshold for all of its scenarios. */
function suiteFigures(groups: TrialGroups): EvaluationFigures {
  const figures = figuresOf(groups);
  const recall = recallAtOneFalsePerDay(groups);
  if (!recall) return figures;
  return { ...figures, detection: { ...figures.detection, recallAtOneFalsePerDay: recall } };
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
  const delays = pick(groups, ({ scorecard }) => scorecard.detection.timeToDetectMs);
  return {
    truePositives: meanOf((d) => d.truePositives),
    falsePositives: meanOf((d) => d.falsePositives),
    falseNegatives: meanOf((d) => d.falseNegatives),
    duplicates: meanOf((d) => d.duplicates),
    selfInflicted: meanOf((d) => d.selfInflicted),
    precision: rateFigure(
      groups.map((group) =>
        group.flatMap(({ scorecard }) => incidentVerdicts(scorecard.detection)),
      ),
    ),
    recall: rateFigure(pick(groups, ({ scorecard }) => scorecard.detection.recall)),
    f1: meanOf((d) => d.f1),
    timeToDetectMs: meanOf((d) => d.timeToDetectMs),
    timeToDetectMsP50: quantileFigure(delays, 0.5),
    timeToDetectMsP95: quantileFigure(delays, 0.95),
    healthyHours: meanOf((d) => d.healthyHours),
    falseIncidentsPerDay: falseAlarmRate(groups.flat().map(({ scorecard }) => scorecard.detection)),
    leadTimeMs: meanOf((d) => d.leadTimeMs),
    incidents: meanOf((d) => d.incidents.length),
    alerts: meanOf((d) => d.alerts ?? null),
    quiet: rateFigure(
      pick(groups, (result) =>
        isFaulty(result) ? null : result.scorecard.detection.incidents.length === 0,
      ),
    ),
  };
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
