/** The door of the calibration benchmark. */
export { renderCalibrationTable } from './render.ts';
export { fitTails, runCalibration } from './run-calibration.ts';
