/** The door of what only the lab knows: detectors, rca and healers never come through here. */
export type {
  OneLinerScore,
  TrivialityFigure,
  TrivialityGate,
  TrivialityReport,
} from './anti-triviality.ts';
export { availabilityOf, harmFromMs } from './availability.ts';
export type { Binding, Cause } from './cause.ts';
export { causeNames, causeTraits } from './cause.ts';
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
export type { ObjectEdit } from './object-edit.ts';
export { editedObject, playEdit } from './object-edit.ts';
export type { ClusterComponent, NodeComponent } from './platform-components.ts';
export { clusterComponents, nodeComponents } from './platform-components.ts';
export type { LabEvent, RunRecord } from './run-record.ts';
export type {
  Choice,
  Episode,
  Expectation,
  FaultTemplate,
  Range,
  Scenario,
  ScenarioAbout,
  ScenarioEnd,
  StepTemplate,
  Treatment,
  TreatmentStep,
  TreatmentTemplate,
} from './scenario.ts';
export type { IncidentVerdict, Outcome, Scorecard } from './scorecard.ts';
export type {
  ScenarioSelfTest,
  SelfTestCheck,
  SelfTestReport,
} from './self-test.ts';
export { selfTestChecks } from './self-test.ts';
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
