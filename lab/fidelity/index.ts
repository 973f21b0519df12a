/** The door of the comparison with recorded telemetry. */
export { renderFidelityPage } from './render.ts';
export { runFidelity } from './run-fidelity.ts';
