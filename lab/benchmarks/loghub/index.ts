/** The door of Loghub, the benchmark of log template mining. */
export { renderLoghubTable } from './render.ts';
export { runLoghub } from './run-loghub.ts';
