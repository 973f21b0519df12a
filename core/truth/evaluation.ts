import type { ScenarioEnd } from './scenario.ts';

/** A mean over `n` trials with its 95 % interval; all three are null when no trial has the figure. */
export interface Figure {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** What there is to say of no trials. */
export const noFigure: Figure = { value: null, low: null, high: null, n: 0 };

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
  /** Over the trials in which the incident was open before users felt anything. */
  readonly leadTimeMs: Figure;
  readonly healthyHours: Figure;
  readonly falseIncidentsPerDay: Figure;
  /** Incidents opened per trial, right or wrong. */
  readonly incidents: Figure;
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

/** `evaluation.json` of a suite. Field names are a contract: add, don't rename. */
export interface Evaluation extends EvaluationFigures {
  readonly schemaVersion: 1;
  readonly suite: string;
  readonly seeds: readonly number[];
  /** Scenarios times seeds. */
  readonly trials: number;
  readonly byScenario: readonly ScenarioEvaluation[];
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
