/** The door of the Numenta Anomaly Benchmark. */
export { renderNabTable } from './render.ts';
export { runNab } from './run-nab.ts';
