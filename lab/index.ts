/** The door of the lab: where the parts meet. */

export { type BenchRow, runBench } from './bench.ts';
export { type NabReport, renderNabTable, runNab } from './benchmarks/nab/index.ts';
export { InterruptedError, SteadyStateError } from './episode-options.ts';
export { summariseEvaluation } from './evaluate.ts';
export { recordDigest, score } from './score.ts';
export { bootstrapFigure, rateFigure, wilsonFigure } from './statistics.ts';
export {
  runTrial,
  summariseTrial,
  type TrialRequest,
  type TrialResult,
  type WorkloadReport,
} from './trial.ts';
export { type TuneReport, type TuneRequest, tune } from './tune.ts';
export { runTrials } from './worker-pool.ts';
