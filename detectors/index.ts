/** The door of the detectors: anomalies from metrics, and incidents from anomalies. */
export type { StateId, StatePart } from './checkpoint.ts';
export { restoreState, saveState } from './checkpoint.ts';
export { readModelFile, renderModelFile } from './drift/model-file.ts';
export { findAnomalies, judgeFrame } from './find-anomalies.ts';
export { ArimaForecast } from './forecasts/arima-forecast.ts';
export { ExhaustionForecast, type TimeToExhaustion } from './forecasts/exhaustion-forecast.ts';
export { HeadroomForecast } from './forecasts/headroom.ts';
export { HoltWintersForecast } from './forecasts/holt-winters-forecast.ts';
export type { SeriesForecast } from './forecasts/series-forecast.ts';
export type { IncidentChange } from './incident-tracker.ts';
export { IncidentTracker } from './incident-tracker.ts';
export type { Forest } from './isolation-forest.ts';
export { IsolationForest } from './isolation-forest.ts';
export { CountPcaDetector } from './logs/count-pca-detector.ts';
export { DisappearanceDetector } from './logs/disappearance-detector.ts';
export { InvariantDetector } from './logs/invariant-detector.ts';
export { LogCounter } from './logs/log-counter.ts';
export type { LogDetector } from './logs/log-detector.ts';
export { LogWatcher } from './logs/log-watcher.ts';
export { NewTemplateDetector } from './logs/new-template-detector.ts';
export { RateChangeDetector } from './logs/rate-change-detector.ts';
export { SequenceClusterDetector } from './logs/sequence-cluster-detector.ts';
export { TemplateMiner } from './logs/template-miner.ts';
export { MlIsolationForest } from './ml-isolation-forest-adapter.ts';
export { ComponentDistances } from './multivariate/component-distances.ts';
export { LstmAutoencoder } from './multivariate/lstm-autoencoder.ts';
export { mapRows, type RowScorer } from './multivariate/row-model.ts';
export { createDefaultRows, createRowScorer, rowScorerNames } from './multivariate/row-scorers.ts';
export { OwnSeriesDetector } from './own-series-detector.ts';
export type { PointDetector, PointVerdict } from './point-verdict.ts';
export { createPointDetector, pointDetectorNames } from './points/point-methods.ts';
export { createDetector, detectorNames } from './registry.ts';
export { RobustZ } from './robust-z.ts';
export { SeriesCore } from './series-core.ts';
export { SeriesEnsemble } from './series-ensemble.ts';
export { SeriesSurprise } from './series-surprise.ts';
export { SlidingZScore } from './sliding-z-score.ts';
export type { StateReader } from './state-reader.ts';
export { StateWriter } from './state-writer.ts';
export { pooledSurprise } from './surprise-tail.ts';
export {
  AdaptiveSampler,
  type KeptTrace,
  type SamplerTier,
  samplerTiers,
} from './traces/adaptive-sampler.ts';
export { TraceBudget } from './traces/trace-budget.ts';
export { type TraceAlarm, TraceWatch } from './traces/trace-watch.ts';
