/** The door of the detectors: anomalies from metrics, and incidents from anomalies. */
export { findAnomalies } from './find-anomalies.ts';
export type { IncidentChange, IncidentTrackerOptions } from './incident-tracker.ts';
export { IncidentTracker } from './incident-tracker.ts';
export type { Forest, IsolationForestOptions } from './isolation-forest.ts';
export { IsolationForest } from './isolation-forest.ts';
export { MlIsolationForest } from './ml-isolation-forest-adapter.ts';
export type { PointDetector, PointVerdict } from './point-verdict.ts';
export { createDetector, detectorNames } from './registry.ts';
export type { RobustZOptions } from './robust-z.ts';
export { RobustZ } from './robust-z.ts';
export type { SeriesSurpriseOptions } from './series-surprise.ts';
export { SeriesSurprise } from './series-surprise.ts';
export type { SlidingZScoreOptions } from './sliding-z-score.ts';
export { SlidingZScore } from './sliding-z-score.ts';
