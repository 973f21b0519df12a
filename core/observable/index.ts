/** The door of what an operator can see. */
export type { Action, ActionKind, ActionOutcome, AuditEntry, Plan } from './action.ts';
export { actionKinds, deploymentTarget, targetKindsByAction } from './action.ts';
export type { ComponentId } from './component.ts';
export { componentKind, componentName, edgeId } from './component.ts';
export type { Checkpointed, Detector, FrameScores } from './detector.ts';
export type {
  Diagnosis,
  Evidence,
  FaultClass,
  Localizer,
  LogEvidence,
  SuggestedAction,
  Suspect,
} from './diagnosis.ts';
export { faultClasses } from './diagnosis.ts';
export type { Healer, HealerContext } from './healer.ts';
export type { Anomaly, Incident, Severity } from './incident.ts';
export { severities } from './incident.ts';
export type {
  ApiResult,
  ClusterApi,
  CustomObject,
  Kind,
  KindMap,
  KubernetesObject,
  ObjectRef,
  Patch,
  Status,
  WriteOptions,
} from './kubernetes.ts';
export { MetricHistory } from './metric-history.ts';
export type { Procedure } from './runbook.ts';
export { procedureOf, procedures, runbookJob, runbookScheduler } from './runbook.ts';
export type { SeriesCurve, SeriesReport, SeriesSummary } from './series-report.ts';
export type { SignalName, SignalSpec } from './signals.ts';
export { isSignalName, signalCatalogue, signalSpec } from './signals.ts';
export type {
  ChangeEvent,
  ClusterEvent,
  LogRecord,
  MetricsFrame,
  Resource,
  SeriesDescriptor,
  SeriesIndex,
  Span,
  Telemetry,
} from './telemetry.ts';
export type { CallEdge, NodeEntry, PodPlacement, ServiceEntry, Topology } from './topology.ts';
export { nodesOfZone, zonesOf } from './topology.ts';
export type { World } from './world.ts';
export { scrapeIntervalMs } from './world.ts';
