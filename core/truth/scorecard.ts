import type { ComponentId } from '../observable/index.ts';

export type Outcome = 'recovered' | 'degraded' | 'lost' | 'timed_out' | 'healthy';

/** What an incident was worth; self-inflicted ones count as false too. */
export type IncidentVerdict = 'true_positive' | 'duplicate' | 'false' | 'self_inflicted';

/** What one alarm threshold would have given in one run. */
export interface OperatingPoint {
  /** In units of the detector's own threshold. */
  readonly threshold: number;
  /** 1: the fault was detected; 0: it was missed; null: there was none to detect. */
  readonly truePositive: 0 | 1 | null;
  readonly falseIncidents: number;
  readonly healthyHours: number;
  /** From true onset to detection, ms. */
  readonly delayMs: number | null;
}

/**
 * The scores of one run. Field names are a contract: add, don't rename. Missing figures are null.
 */
export interface Scorecard {
  readonly schemaVersion: 1;
  readonly scenario: { readonly id: string; readonly version: number };
  readonly seed: number;
  readonly outcome: Outcome;
  readonly detection: {
    readonly truePositives: number;
    readonly falsePositives: number;
    readonly falseNegatives: number;
    readonly duplicates: number;
    readonly selfInflicted: number;
    readonly precision: number | null;
    readonly recall: number | null;
    readonly f1: number | null;
    /** From true onset; 0 when the incident was open before users felt anything. */
    readonly timeToDetectMs: number | null;
    /** How long before onset the incident was opened; null when it was not. */
    readonly leadTimeMs: number | null;
    readonly healthyHours: number;
    readonly falseIncidentsPerDay: number | null;
    /** Alerts that a stack without grouping would have sent instead of the incidents. */
    readonly alerts?: number;
    /** Every incident with what it was worth, in order of opening. */
    readonly incidents: readonly {
      readonly id: string;
      readonly openedAtMs: number;
      readonly component: ComponentId;
      readonly verdict: IncidentVerdict;
    }[];
    /** What other alarm thresholds would have given; absent where a healer acted on one of them. */
    readonly operatingPoints?: readonly OperatingPoint[];
  };
  readonly diagnosis: {
    readonly top1: boolean | null;
    readonly top3: boolean | null;
    readonly rank: number | null;
    readonly faultClassCorrect: boolean | null;
    readonly timeToDiagnoseMs: number | null;
    readonly suspects: readonly {
      readonly component: ComponentId;
      readonly weight: number;
      readonly why: string;
    }[];
  };
  readonly healing: {
    readonly actions: readonly {
      readonly atMs: number;
      readonly action: string;
      readonly target: string;
      readonly outcome: string;
    }[];
    readonly timeToDecideMs: number | null;
    readonly recovered: boolean | null;
    readonly timeToRecoverMs: number | null;
    /**
     * When users were back in the band for a minute, without a relapse after it; ms since run
     * start.
     */
    readonly recoveredAtMs: number | null;
    readonly harmfulActions: number;
    readonly regret: number | null;
  };
  readonly resilience: {
    readonly passed: boolean;
    readonly availability: number | null;
    readonly recoveryTimeMs: number | null;
    readonly criteria: readonly {
      readonly name: string;
      readonly limit: string;
      readonly value: number | null;
      readonly passed: boolean;
    }[];
  };
  /** Trivial detectors and localizers on the same run, scored the same way. */
  readonly baselines: {
    readonly detection: readonly {
      readonly detector: string;
      readonly truePositives: number;
      readonly falsePositives: number;
      readonly recall: number | null;
      readonly timeToDetectMs: number | null;
      readonly falseIncidentsPerDay: number | null;
    }[];
    readonly diagnosis: readonly {
      readonly localizer: string;
      readonly top1: boolean | null;
      readonly top3: boolean | null;
      readonly rank: number | null;
    }[];
  };
  readonly performance: {
    readonly simulatedMs: number;
    /** Null in a batch, where trials share cores. */
    readonly wallMs: number | null;
    readonly realTimeFactor: number | null;
    readonly series: number;
    readonly points: number;
  };
  readonly digest: string;
  readonly replay: string;
}
