/** The door of the benchmark of trace samplers. */
export { renderSamplerTable } from './render.ts';
export { runSampler } from './run-sampler.ts';
