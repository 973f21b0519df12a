/** The door of the Numenta Anomaly Benchmark. */
export { renderNabTable } from './render.ts';
export type { NabOptions, NabReport, NabScores } from './run-nab.ts';
export { runNab } from './run-nab.ts';
