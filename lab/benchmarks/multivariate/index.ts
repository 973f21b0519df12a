/** The door of the benchmark of multivariate series. */
export { renderMultivariateTable } from './render.ts';
export { runMultivariate } from './run-multivariate.ts';
