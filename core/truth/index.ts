/** The door of what only the lab knows: detectors, rca and healers never come through here. */
export { availabilityOf, harmFromMs } from './availability.ts';
export type {
  DetectionFigures,
  DiagnosisFigures,
  Evaluation,
  EvaluationBaseline,
  EvaluationFigures,
  Figure,
  HealingFigures,
  ResilienceFigures,
  ScenarioEvaluation,
  TrivialComparison,
} from './evaluation.ts';
export { noFigure } from './evaluation.ts';
export type { Fault, FaultKind } from './fault.ts';
export { faultKinds } from './fault.ts';
export type { GroundTruth } from './ground-truth.ts';
export type { LabEvent, RunRecord } from './run-record.ts';
export type {
  Episode,
  Expectation,
  FaultTemplate,
  Range,
  Scenario,
  ScenarioEnd,
} from './scenario.ts';
export type { IncidentVerdict, Outcome, Scorecard } from './scorecard.ts';
export type { SliSeries } from './sli-series.ts';
export {
  bucketAt,
  bucketCount,
  demandOf,
  goodRatio,
  lostAt,
  lostRequests,
} from './sli-series.ts';
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
