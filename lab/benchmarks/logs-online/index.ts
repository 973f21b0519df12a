/** The door of the benchmark of log detectors on the catalogue. */
export { renderLogsOnlineTable } from './render.ts';
export { runLogsOnline } from './run-logs-online.ts';
