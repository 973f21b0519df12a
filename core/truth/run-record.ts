import type {
  ActionOutcome,
  AuditEntry,
  ChangeEvent,
  ComponentId,
  Diagnosis,
  Incident,
  LogEvidence,
  LogRecord,
  Plan,
  Span,
  Topology,
} from '../observable/index.ts';
import type { Fault } from './fault.ts';
import type { GroundTruth } from './ground-truth.ts';
import type { Expectation, ScenarioEnd } from './scenario.ts';
import type { SliSeries } from './sli-series.ts';

/** One thing that happened in the loop; the arrows of the architecture picture. */
export type LabEvent =
  | {
      readonly type: 'fault_injected' | 'fault_rolled_back';
      readonly atMs: number;
      readonly fault: Fault;
    }
  | {
      readonly type: 'incident_opened' | 'incident_updated' | 'incident_closed';
      readonly atMs: number;
      readonly incident: Incident;
    }
  | {
      readonly type: 'logs_changed';
      readonly atMs: number;
      readonly evidence: readonly LogEvidence[];
    }
  | { readonly type: 'diagnosed'; readonly atMs: number; readonly diagnosis: Diagnosis }
  | { readonly type: 'planned'; readonly atMs: number; readonly plan: Plan }
  | { readonly type: 'audited'; readonly atMs: number; readonly entry: AuditEntry }
  | { readonly type: 'acted'; readonly atMs: number; readonly outcome: ActionOutcome };

/** The incidents that would have opened at another threshold. */
export interface AlarmLevel {
  /** In units of the detector's own threshold. */
  readonly level: number;
  readonly openedAtMs: readonly number[];
}

/** Everything a report, a scorecard or a replay needs of one run. */
export interface RunRecord {
  readonly schemaVersion: 1;
  readonly packageVersion: string;
  readonly scenario: {
    readonly id: string;
    readonly version: number;
    readonly title: string;
    readonly description: string;
    readonly ends: ScenarioEnd;
    readonly sourceHash: string;
  };
  readonly seed: number;
  readonly options: {
    readonly detectors: string;
    readonly localizer: string;
    readonly healer: string;
    /** SHA-256 per external file (manifests, workload, policy), keyed by its role and name. */
    readonly inputHashes: Readonly<Record<string, string>>;
  };
  readonly topology: Topology;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly expect: Expectation;
  readonly truth: GroundTruth;
  readonly events: readonly LabEvent[];
  readonly changes: readonly ChangeEvent[];
  readonly sli: {
    readonly healed: SliSeries;
    readonly unhealed: SliSeries;
    readonly noFault: SliSeries;
  };
  /** Tolerance of the good ratio per journey: differences below are no difference. */
  readonly sliTolerance: readonly number[];
  /** When actions were played that lost more requests than leaving things alone would have. */
  readonly harmfulAtMs: readonly number[];
  /** The best of the plans tried by forking, and its lost requests; null when not asked for. */
  readonly oracle: { readonly lostRequests: number; readonly plan: string } | null;
  /** From the lowest level up. */
  readonly alarmLevels: readonly AlarmLevel[];
  /** What trivial detectors and localizers made of the same run. */
  readonly baselines: {
    readonly detectors: readonly {
      readonly detector: string;
      readonly opened: readonly {
        readonly id: string;
        readonly openedAtMs: number;
        readonly component: ComponentId;
      }[];
    }[];
    readonly ranked: readonly {
      readonly localizer: string;
      readonly incidentId: string;
      readonly atMs: number;
      /** Best first. */
      readonly components: readonly ComponentId[];
    }[];
  };
  readonly exhibits: {
    /** One slow or failed request, all its spans. */
    readonly slowTrace: readonly Span[];
    readonly slowTraceFindings: readonly string[];
    readonly logPatterns: {
      readonly total: number;
      readonly distribution: Readonly<Record<string, number>>;
      readonly firstLines: readonly LogRecord[];
    };
  };
  readonly telemetry: {
    readonly series: number;
    readonly points: number;
    readonly logs: number;
    readonly spans: number;
    readonly digest: string;
  };
  /** Digest of every exogenous draw (arrivals, noise): equal for any two healers. */
  readonly exogenousDigest: string;
  /** Wall-clock figures; not part of the digest. */
  readonly performance: { readonly simulatedMs: number; readonly wallMs: number };
}
