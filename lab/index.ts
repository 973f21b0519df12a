/** The door of the lab: where the parts meet. */

export { runGates } from './anti-triviality/run-gates.ts';
export { benchMeasurements, runBench } from './bench/bench.ts';
export type { BenchRow } from './bench/bench-row.ts';
export type { BenchmarkReport } from './benchmarks/benchmark-report.ts';
export {
  fitTails,
  renderCalibrationTable,
  runCalibration,
} from './benchmarks/calibration/index.ts';
export { renderForecastTable, runForecasts } from './benchmarks/forecasts/index.ts';
export { renderLoghubTable, runLoghub } from './benchmarks/loghub/index.ts';
export { renderLogsOnlineTable, runLogsOnline } from './benchmarks/logs-online/index.ts';
export { renderMultivariateTable, runMultivariate } from './benchmarks/multivariate/index.ts';
export { renderNabTable, runNab } from './benchmarks/nab/index.ts';
export { renderSamplerTable, runSampler } from './benchmarks/sampler/index.ts';
export { type Calibration, calibrate } from './calibrate/calibrate.ts';
export { describeFit } from './calibrate/describe-fit.ts';
export {
  renderAssumptions,
  renderFitSummary,
  renderFitTable,
  renderRecovery,
} from './calibrate/fit-table.ts';
export { compareTopologies } from './calibrate/recovery.ts';
export { compareEvaluations, compareScorecards } from './compare/compare-runs.ts';
export { outcomeOf } from './compare/trial-outcome.ts';
export { checkDetector } from './custom-detector/check-detector.ts';
export { hashDetectorFile, isDetectorFile } from './custom-detector/detector-file.ts';
export { blameDetectorFile } from './custom-detector/detector-file-error.ts';
export { detectorName, loadDetector, loadPointDetector } from './custom-detector/load-detector.ts';
export { type Detection, detectSeries } from './detect/detect-series.ts';
export { InterruptedError } from './episode-options.ts';
export { summariseEvaluation } from './evaluate/evaluate.ts';
export { renderFidelityPage, runFidelity } from './fidelity/index.ts';
export { packageVersion } from './package-version.ts';
export {
  defaultMargins,
  holdAgainstBaseline,
  type Margins,
  simulateGate,
} from './regression/index.ts';
export { EditRehearsal } from './rehearse-edits.ts';
export { measureImpact, runSelfTest } from './self-test/run-self-test.ts';
export { surveyTraces } from './survey-traces.ts';
export {
  isVoid,
  type PlayedTrial,
  quoteWord,
  runTrial,
  stackFlags,
  type TrialRequest,
  type TrialResult,
  type VoidTrial,
  type WorkloadReport,
} from './trial.ts';
export { type TuneReport, tune } from './tune.ts';
export { demandSomeBegan, setVoidAside } from './void-trials.ts';
export { WarmWorlds } from './warm-worlds.ts';
export { runTrials, TrialPool } from './worker-pool.ts';
