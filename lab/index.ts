/** The door of the lab: where the parts meet. */

export { runGates } from './anti-triviality/run-gates.ts';
export { benchMeasurements, runBench } from './bench.ts';
export type { BenchRow } from './bench-row.ts';
export { renderLoghubTable, runLoghub } from './benchmarks/loghub/index.ts';
export { renderNabTable, runNab } from './benchmarks/nab/index.ts';
export { type Calibration, calibrate } from './calibrate/calibrate.ts';
export { describeFit } from './calibrate/describe-fit.ts';
export {
  renderAssumptions,
  renderFitSummary,
  renderFitTable,
  renderRecovery,
} from './calibrate/fit-table.ts';
export { compareTopologies } from './calibrate/recovery.ts';
export { InterruptedError } from './episode-options.ts';
export { summariseEvaluation } from './evaluate.ts';
export { renderFidelityPage, runFidelity } from './fidelity/index.ts';
export { EditRehearsal } from './rehearse-edits.ts';
export { measureImpact, runSelfTest } from './self-test/run-self-test.ts';
export {
  quoteWord,
  runTrial,
  stackFlags,
  type TrialRequest,
  type TrialResult,
  type WorkloadReport,
} from './trial.ts';
export { type TuneReport, tune } from './tune.ts';
export { WarmWorlds } from './warm-worlds.ts';
export { runTrials, TrialPool } from './worker-pool.ts';
