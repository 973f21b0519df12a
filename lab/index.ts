/** The door of the lab: where the parts meet. */

export { runBench } from './bench.ts';
export { renderNabTable, runNab } from './benchmarks/nab/index.ts';
export { InterruptedError } from './episode-options.ts';
export { summariseEvaluation } from './evaluate.ts';
export {
  quoteWord,
  runTrial,
  stackFlags,
  type TrialRequest,
  type TrialResult,
  type WorkloadReport,
} from './trial.ts';
export { type TuneReport, tune } from './tune.ts';
export { runTrials, TrialPool } from './worker-pool.ts';
