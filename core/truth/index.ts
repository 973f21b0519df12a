/** The door of what only the lab knows: detectors, rca and healers never come through here. */
export type { Fault, FaultKind } from './fault.ts';
export type { GroundTruth } from './ground-truth.ts';
export type { LabEvent, RunRecord, SliSeries } from './run-record.ts';
export type { Episode, Expectation, FaultTemplate, Range, Scenario, ScenarioEnd } from './scenario.ts';
export type { Outcome, Scorecard } from './scorecard.ts';
export type {
  CallSpec,
  JourneySpec,
  NetworkSpec,
  NodeSpec,
  OperationSpec,
  ServiceSpec,
  TwinSpec,
  WorkloadSpec,
} from './twin-spec.ts';
