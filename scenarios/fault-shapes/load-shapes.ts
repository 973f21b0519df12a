import { strictObject } from '../../core/tools/index.ts';
import { durationRange, numberRange } from '../fields.ts';
import { type FaultShape, faultDuration, userTarget } from './shape-fields.ts';

const loadParameters = strictObject({
  factor: numberRange(0, 100).meta({ description: 'Factor on the request rate.' }),
  ramp: durationRange
    .default({ low: 0, high: 0 })
    .meta({ description: 'Time of the rise from 1 to the factor, and of the fall after the end.' }),
}).transform(({ factor, ramp }) => ({ factor, rampMs: ramp }));

export const loadShapes: Readonly<Record<'load_factor', FaultShape>> = {
  load_factor: { target: userTarget, duration: faultDuration, parameters: loadParameters },
};
