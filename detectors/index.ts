/** The door of the detectors: anomalies from metrics, and incidents from anomalies. */
export { findAnomalies } from './find-anomalies.ts';
export type { IncidentChange } from './incident-tracker.ts';
export { IncidentTracker } from './incident-tracker.ts';
export type { Forest } from './isolation-forest.ts';
export { IsolationForest } from './isolation-forest.ts';
export { DisappearanceDetector } from './logs/disappearance-detector.ts';
export { LogCounter } from './logs/log-counter.ts';
export type { LogDetector } from './logs/log-detector.ts';
export { NewTemplateDetector } from './logs/new-template-detector.ts';
export { RateChangeDetector } from './logs/rate-change-detector.ts';
export { TemplateMiner } from './logs/template-miner.ts';
export { MlIsolationForest } from './ml-isolation-forest-adapter.ts';
export type { PointDetector } from './point-verdict.ts';
export { createDetector, detectorNames } from './registry.ts';
export { RobustZ } from './robust-z.ts';
export { SeriesSurprise } from './series-surprise.ts';
export { SlidingZScore } from './sliding-z-score.ts';
