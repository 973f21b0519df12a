import type { FaultKind } from '../../core/truth/index.ts';
import { impairmentShapes } from './impairment-shapes.ts';
import { loadShapes } from './load-shapes.ts';
import { networkShapes } from './network-shapes.ts';
import { nodeShapes } from './node-shapes.ts';
import type { FaultShape } from './shape-fields.ts';
import { telemetryShapes } from './telemetry-shapes.ts';
import { workloadShapes } from './workload-shapes.ts';

/** What each fault kind accepts: targets, durations, parameters, edits. */
export const faultShapes: Readonly<Record<FaultKind, FaultShape>> = {
  ...networkShapes,
  ...nodeShapes,
  ...workloadShapes,
  ...loadShapes,
  ...impairmentShapes,
  ...telemetryShapes,
};
