/** The door of the benchmark of exhaustion forecasts. */
export { renderForecastTable } from './render.ts';
export { runForecasts } from './run-forecasts.ts';
