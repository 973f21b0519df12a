import type { Figure } from './figure.ts';
import type { PairedComparison, PairedMeasure } from './paired.ts';
import type { ScenarioEnd } from './scenario.ts';

/** Counts are means per trial; ratios are 0 to 1; `n` says over how many trials. */
export interface DetectionFigures {
  readonly truePositives: Figure;
  readonly falsePositives: Figure;
  readonly falseNegatives: Figure;
  readonly duplicates: Figure;
  readonly selfInflicted: Figure;
  readonly precision: Figure;
  readonly recall: Figure;
  readonly f1: Figure;
  /** Over the trials in which the fault was detected. */
  readonly timeToDetectMs: Figure;
  /** Their median and 95th percentile. */
  readonly timeToDetectMsP50: Figure;
  readonly timeToDetectMsP95: Figure;
  /** Over the trials in which the incident was open before users felt anything. */
  readonly leadTimeMs: Figure;
  readonly healthyHours: Figure;
  readonly falseIncidentsPerDay: Figure;
  /** Incidents opened per trial, right or wrong. */
  readonly incidents: Figure;
  /** Alerts per trial that a stack without grouping would have sent instead. */
  readonly alerts: Figure;
  /** Recall at the lowest threshold with at most one false incident a day; absent with a healer. */
  readonly recallAtOneFalsePerDay?: Figure;
  /** Share of healthy trials without any incident; null where all trials are faulty. */
  readonly quiet: Figure;
}

/** Shares are over all faulty trials: undetected counts as wrong. */
export interface DiagnosisFigures {
  readonly top1: Figure;
  readonly top3: Figure;
  /** Over the trials in which the root cause was ranked. */
  readonly rank: Figure;
  readonly faultClassCorrect: Figure;
  readonly timeToDiagnoseMs: Figure;
}

export interface HealingFigures {
  /** Actions played per trial. */
  readonly actions: Figure;
  readonly timeToDecideMs: Figure;
  /** Share of the faulty trials that users noticed. */
  readonly recovered: Figure;
  /** The MTTR: a restricted mean, in which a trial that never recovered counts to its end. */
  readonly timeToRecoverMs: Figure;
  readonly harmfulActions: Figure;
  readonly regret: Figure;
}

export interface ResilienceFigures {
  /** Share of trials that met all criteria. */
  readonly passed: Figure;
  readonly availability: Figure;
  /** Over the trials that have one. */
  readonly recoveryTimeMs: Figure;
}

export interface EvaluationFigures {
  readonly detection: DetectionFigures;
  readonly diagnosis: DiagnosisFigures;
  readonly healing: HealingFigures;
  readonly resilience: ResilienceFigures;
}

export interface ScenarioEvaluation extends EvaluationFigures {
  readonly id: string;
  /** Which mechanism it is a case of, as the catalogue numbers them; null for others' scenarios. */
  readonly mechanism: string | null;
  readonly ends: ScenarioEnd;
  readonly trials: number;
}

/** What another way of healing, such as doing nothing, reached on the same seeds. */
export interface EvaluationBaseline {
  /** For people, e.g. `do nothing`. */
  readonly name: string;
  /** The `--healer` that gives it, e.g. `none`. */
  readonly healer: string;
  readonly healing: HealingFigures;
  readonly resilience: ResilienceFigures;
  readonly byScenario: readonly {
    readonly id: string;
    readonly trials: number;
    readonly healing: HealingFigures;
    readonly resilience: ResilienceFigures;
  }[];
}

/** One score of the stack beside the same score of something that costs nothing. */
export interface TrivialComparison {
  readonly score: 'recall' | 'precision' | 'top1' | 'top3';
  readonly baseline: string;
  readonly ours: Figure;
  readonly theirs: Figure;
  /** False unless our value lies above the baseline's interval: the score then says nothing. */
  readonly informative: boolean;
}

/** What one alarm threshold gives over all trials. */
export interface OperatingCurvePoint {
  /** In units of the detector's own threshold. */
  readonly threshold: number;
  readonly recall: number;
  readonly precision: number | null;
  readonly falseIncidentsPerDay: number;
}

/**
 * How often what was stated with a certainty was right. Ideal: `right` equals `stated` in each bin.
 */
export interface Reliability {
  /** From the least certain statements up: their mean certainty, and the share that was right. */
  readonly bins: readonly { readonly stated: number; readonly right: Figure }[];
  /** Mean distance between the two, weighted by statements; null where nothing was stated. */
  readonly expectedCalibrationError: number | null;
  /** Mean squared error of the certainties (Brier 1950), and of always stating the mean share. */
  readonly brier: number | null;
  readonly brierOfMean: number | null;
}

/** One detector on the leaderboard, on the same scenarios and seeds as the others. */
export interface Contestant {
  readonly name: string;
  /** `trivial`: what costs nothing, on the runs of the first contestant. */
  readonly kind: 'contestant' | 'trivial';
  readonly recall: Figure;
  readonly precision: Figure;
  readonly falseIncidentsPerDay: Figure;
  readonly recallAtOneFalsePerDay?: Figure;
  readonly timeToDetectMsP50: Figure;
  /** Null figures for those that only detect. */
  readonly top1: Figure;
  readonly recovered: Figure;
  /** Of the faults that were detected, ascending; and how many were not. */
  readonly delaysMs: readonly number[];
  readonly missed: number;
  /** From the highest threshold down; empty where only one was tried. */
  readonly operatingCurve: readonly OperatingCurvePoint[];
}

/** `evaluation.json` of a suite. Field names are a contract: add, don't rename. */
export interface Evaluation extends EvaluationFigures {
  readonly schemaVersion: 1;
  readonly suite: string;
  readonly seeds: readonly number[];
  /** Scenarios times seeds, without those that were left out. */
  readonly trials: number;
  /** Trials in which nothing was injected, since users were not well when the fault was due. */
  readonly leftOut: readonly {
    readonly scenario: string;
    readonly seed: number;
    readonly why: string;
  }[];
  readonly byScenario: readonly ScenarioEvaluation[];
  /**
   * Every detector that was asked for, best recall at its false incidents first, then trivial ones.
   */
  readonly leaderboard: readonly Contestant[];
  /** Every two of them that were asked for, on their common trials. */
  readonly comparisons: readonly PairedComparison[];
  /** The smallest change that a second evaluation of this size would show, 80 % power at 5 %. */
  readonly minimumDetectableChange: Readonly<Record<PairedMeasure, number | null>>;
  /**
   * Of the first suspects of the faults that were detected: their weights, and who was the cause.
   */
  readonly diagnosisReliability: Reliability;
  /** The trials to look at first, worst first. */
  readonly worst: readonly {
    readonly scenario: string;
    readonly seed: number;
    readonly why: string;
    readonly replay: string;
  }[];
  /** Paired with the trials above; empty when none was asked for. */
  readonly baselines: readonly EvaluationBaseline[];
  /** Trivial detectors and localizers on the very same runs. */
  readonly trivial: readonly TrivialComparison[];
  /** How the intervals were made, in one sentence for people. */
  readonly intervalMethod: string;
  /** The command that makes this file again. */
  readonly replay: string;
}
