/** The door of the detectors: anomalies from metrics, and incidents from anomalies. */
export type { StateId, StatePart } from './checkpoint/checkpoint.ts';
export { restoreState, saveState } from './checkpoint/checkpoint.ts';
export type { StateReader } from './checkpoint/state-reader.ts';
export { StateWriter } from './checkpoint/state-writer.ts';
export { OwnSeriesDetector } from './default-stack/own-series-detector.ts';
export { findAnomalies, judgeFrame } from './find-anomalies.ts';
export { ArimaForecast } from './forecasts/arima-forecast.ts';
export { ExhaustionForecast, type TimeToExhaustion } from './forecasts/exhaustion-forecast.ts';
export { warningHorizonMinutes } from './forecasts/exhaustion-warning.ts';
export { HeadroomForecast } from './forecasts/headroom-forecast.ts';
export { HoltWintersForecast } from './forecasts/holt-winters-forecast.ts';
export type { SeriesForecast } from './forecasts/series-forecast.ts';
export type { Forest } from './forest/isolation-forest.ts';
export { IsolationForest } from './forest/isolation-forest.ts';
export { MlIsolationForest } from './forest/ml-isolation-forest-adapter.ts';
export type { IncidentChange } from './incidents/incident-tracker.ts';
export { IncidentTracker } from './incidents/incident-tracker.ts';
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
export { ComponentDistances } from './multivariate/component-distances.ts';
export { LstmAutoencoder } from './multivariate/lstm-autoencoder.ts';
export { readModelFile, renderModelFile } from './multivariate/model-file.ts';
export { mapRows, type RowScorer } from './multivariate/row-model.ts';
export { createDefaultRows, createRowScorer, rowScorerNames } from './multivariate/row-scorers.ts';
export { createDetector, detectorNames } from './registry.ts';
export { SeriesEnsemble } from './series/series-ensemble.ts';
export { SeriesSurprise } from './series/series-surprise.ts';
export { pooledSurprise } from './tails/surprise-tail.ts';
export {
  AdaptiveSampler,
  type KeptTrace,
  type SamplerTier,
  samplerTiers,
} from './traces/adaptive-sampler.ts';
export { RestartWatch } from './traces/restart-watch.ts';
export { TraceBudget } from './traces/trace-budget.ts';
export { type TraceAlarm, TraceWatch } from './traces/trace-watch.ts';
export { createPointDetector, pointDetectorNames } from './univariate/point-methods.ts';
export type { PointDetector, PointVerdict } from './univariate/point-verdict.ts';
export { RobustZ } from './univariate/robust-z.ts';
export { SlidingZScore } from './univariate/sliding-z-score.ts';
