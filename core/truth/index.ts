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
export type { ComparedFigure, RunsCompared } from './comparison.ts';
export type {
  Contestant,
  DetectionFigures,
  DiagnosisFigures,
  Evaluation,
  EvaluationBaseline,
  EvaluationFigures,
  HealingFigures,
  OperatingCurvePoint,
  Reliability,
  ResilienceFigures,
  ScenarioEvaluation,
  TrivialComparison,
} from './evaluation.ts';
export type { Fault, FaultKind } from './fault.ts';
export { faultKinds } from './fault.ts';
export type { Figure } from './figure.ts';
export { noFigure } from './figure.ts';
export type { GroundTruth } from './ground-truth.ts';
export type { ObjectEdit } from './object-edit.ts';
export { editedObject, playEdit } from './object-edit.ts';
export type { PairedComparison, PairedMeasure, TrialOutcome } from './paired.ts';
export { pairedMeasures } from './paired.ts';
export type { ClusterComponent, NodeComponent } from './platform-components.ts';
export { clusterComponents, nodeComponents } from './platform-components.ts';
export type {
  GateVerdict,
  MeasureVerdict,
  RegressionBaseline,
  RegressionReport,
  TrialDifference,
} from './regression.ts';
export type { AlarmLevel, LabEvent, RunRecord } from './run-record.ts';
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
export type { IncidentVerdict, OperatingPoint, Outcome, Scorecard } from './scorecard.ts';
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
